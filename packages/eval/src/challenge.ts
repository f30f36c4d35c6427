import { PredictionError } from "./prediction-error.ts";
import { globalAveragePrecision } from "./recognition/global-average-precision.ts";
import { indexPredictions, type RecognitionPrediction } from "./recognition/predictions.ts";
import { topOneAccuracy } from "./recognition/top-one.ts";
import { requirePositiveInteger } from "./require.ts";
import { averagePrecisions } from "./retrieval/mean-average-precision.ts";
import { meanOverQueries } from "./retrieval/means.ts";

/** The split of a challenge that an image was scored in; ignored images were scored in none. */
export type Usage = "Public" | "Private" | "Ignored";

/** One row of a retrieval solution file. */
export interface RetrievalAnswer<Id extends string | number = string> {
  /** The query. */
  readonly id: Id;
  /** Index images that show the same landmark; not read for ignored queries. */
  readonly images: readonly Id[];
  /** The split. */
  readonly usage: Usage;
}

/** One row of a recognition solution file. */
export interface RecognitionAnswer<
  Id extends string | number = string,
  Label extends string | number = number,
> {
  /** The test image. */
  readonly id: Id;
  /** Landmarks that it shows, any of which is right; empty for none. */
  readonly landmarks: readonly Label[];
  /** The split. */
  readonly usage: Usage;
}

/** Options of {@link evaluateRetrieval}. */
export interface EvaluateRetrievalOptions {
  /**
   * Which split to score.
   *
   * @defaultValue "both", public and private together
   */
  readonly usage?: "Public" | "Private" | "both";
  /**
   * Ranks after this one are ignored; 1 or more.
   *
   * @defaultValue 100, as in the challenges
   */
  readonly depth?: number;
}

/** What {@link evaluateRetrieval} finds. */
export interface RetrievalReport<Id extends string | number = string> {
  /** mAP at the depth, from 0 to 1. */
  readonly meanAveragePrecision: number;
  /** The scored queries, in the order of the solution. */
  readonly ids: readonly Id[];
  /** The average precision of each of `ids`; NaN for one without relevant images. */
  readonly averagePrecisions: Float64Array;
  /** How many of `ids` have no prediction and count with 0. */
  readonly missing: number;
}

/**
 * Scores a retrieval submission as the Google Landmark Retrieval challenges do.
 *
 * Predictions for ignored queries, and for those of a split that is not scored, are passed over. A scored query
 * without a prediction counts with 0.
 *
 * @param predictions - Index images found for each query, best first.
 * @param solution - The rows of the solution file.
 * @returns The score with what it is made of.
 * @throws PredictionError if a prediction is for a query that the solution does not have.
 * @throws RangeError if `depth` is not a positive integer, or the solution names a query twice.
 *
 * @example
 * ```ts
 * import { evaluateRetrieval } from "@lmk/eval";
 *
 * const report = evaluateRetrieval(new Map([["q1", ["x", "a"]], ["q3", ["x"]]]), [
 *   { id: "q1", images: ["a"], usage: "Public" },
 *   { id: "q2", images: ["b"], usage: "Private" },
 *   { id: "q3", images: [], usage: "Ignored" },
 * ]);
 * console.log(report.meanAveragePrecision, report.missing); // => 0.25 1
 * ```
 */
export function evaluateRetrieval<Id extends string | number>(
  predictions: ReadonlyMap<Id, readonly Id[]>,
  solution: readonly RetrievalAnswer<Id>[],
  options: EvaluateRetrievalOptions = {},
): RetrievalReport<Id> {
  const { usage = "both", depth = 100 } = options;
  requirePositiveInteger("evaluateRetrieval", "depth", depth);
  const known = requireDistinct("evaluateRetrieval", solution);
  for (const id of predictions.keys()) {
    if (known.has(id)) continue;
    throw new PredictionError(
      `evaluateRetrieval: expected \`predictions\` to be for queries of the solution, got ${JSON.stringify(id)}`,
      "unknown-id",
      id,
    );
  }
  const scored = solution.filter((answer) => isScored(answer.usage, usage));
  const rankings = scored.map(({ id }) => predictions.get(id) ?? []);
  const relevant = scored.map(({ images }) => new Set(images));
  const values = averagePrecisions(rankings, relevant, { depth });
  return {
    meanAveragePrecision: meanOverQueries(values),
    ids: scored.map(({ id }) => id),
    averagePrecisions: values,
    missing: scored.filter(({ id }) => !predictions.has(id)).length,
  };
}

/** Options of {@link evaluateRecognition}. */
export interface EvaluateRecognitionOptions {
  /**
   * Which split to score.
   *
   * @defaultValue "both", public and private together
   */
  readonly usage?: "Public" | "Private" | "both";
  /**
   * Whether predictions for images that show no landmark are left out of the GAP instead of counted as wrong.
   *
   * @defaultValue false, as in the challenges
   */
  readonly ignoreNoLandmark?: boolean;
}

/** What {@link evaluateRecognition} finds. */
export interface RecognitionReport {
  /** GAP, from 0 to 1. */
  readonly globalAveragePrecision: number;
  /** Share of the images with a landmark that are recognised, whatever the scores. */
  readonly topOneAccuracy: number;
  /** How many images were scored. */
  readonly images: number;
  /** How many of them show a landmark. */
  readonly labelled: number;
  /** How many of those that show a landmark have no prediction. */
  readonly missing: number;
}

/**
 * Scores a recognition submission as the Google Landmark Recognition challenges do.
 *
 * Predictions for ignored images, and for those of a split that is not scored, are passed over.
 *
 * @param predictions - At most one per image.
 * @param solution - The rows of the solution file.
 * @returns The scores with what they are made of.
 * @throws PredictionError if an image is predicted twice or is not in the solution, or a score is NaN.
 * @throws RangeError if the solution names an image twice.
 *
 * @example
 * ```ts
 * import { evaluateRecognition } from "@lmk/eval";
 *
 * const solution = [
 *   { id: "a", landmarks: [1], usage: "Public" as const },
 *   { id: "b", landmarks: [], usage: "Public" as const },
 * ];
 * const predictions = [{ id: "b", label: 9, score: 0.9 }, { id: "a", label: 1, score: 0.5 }];
 * console.log(evaluateRecognition(predictions, solution).globalAveragePrecision); // => 0.5
 * ```
 */
export function evaluateRecognition<Id extends string | number, Label extends string | number>(
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: readonly RecognitionAnswer<Id, Label>[],
  options: EvaluateRecognitionOptions = {},
): RecognitionReport {
  const { usage = "both", ignoreNoLandmark = false } = options;
  const known = requireDistinct("evaluateRecognition", solution);
  const byId = indexPredictions("evaluateRecognition", predictions, known);
  const scored = new Map<Id, readonly Label[]>();
  for (const answer of solution) {
    if (isScored(answer.usage, usage)) scored.set(answer.id, answer.landmarks);
  }
  const counted = predictions.filter(({ id }) => scored.has(id));
  const labelled = [...scored].filter(([, labels]) => labels.length > 0);
  return {
    globalAveragePrecision: globalAveragePrecision(counted, scored, { ignoreNoLandmark }),
    topOneAccuracy: topOneAccuracy(counted, scored),
    images: scored.size,
    labelled: labelled.length,
    missing: labelled.filter(([id]) => !byId.has(id)).length,
  };
}

function isScored(usage: Usage, wanted: "Public" | "Private" | "both"): boolean {
  return usage !== "Ignored" && (wanted === "both" || usage === wanted);
}

function requireDistinct<Id extends string | number, Answer extends { readonly id: Id }>(
  caller: string,
  solution: readonly Answer[],
): Map<Id, Answer> {
  const known = new Map<Id, Answer>();
  for (const answer of solution) {
    if (known.has(answer.id)) {
      throw new RangeError(
        `${caller}: expected \`solution\` to name each id once, got ${JSON.stringify(answer.id)} twice`,
      );
    }
    known.set(answer.id, answer);
  }
  return known;
}
