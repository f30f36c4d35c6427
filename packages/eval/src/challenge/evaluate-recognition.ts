import { globalAveragePrecision } from "../recognition/global-average-precision.ts";
import { indexPredictions, type RecognitionPrediction } from "../recognition/predictions.ts";
import { topOneAccuracy } from "../recognition/top-one.ts";
import { indexSolution, isScored, type RecognitionAnswer, requireSplit } from "./answers.ts";

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
 * @throws RangeError if the solution names an image twice, or `usage` is none of the three.
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
  requireSplit("evaluateRecognition", usage);
  const known = indexSolution("evaluateRecognition", solution);
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
