// The challenges' rule is the default. Winners computed GAP with other orders of equal scores, and one of them took
// no rank for predictions of "no landmark"; both are options, as their numbers differ from the leaderboard's.
import { requireOneOf } from "../require.ts";
import { indexPredictions, type RecognitionPrediction } from "./predictions.ts";

/** Options of {@link globalAveragePrecision}. */
export interface GlobalAveragePrecisionOptions<Label extends string | number = string | number> {
  /**
   * Whether predictions for images that show no landmark are left out instead of counted as wrong.
   *
   * @defaultValue false, as in the challenges
   */
  readonly ignoreNoLandmark?: boolean;
  /**
   * What happens to equal scores: `"challenge"` orders them by id, then label, both ascending; `"grouped"` counts all
   * of them with the precision after the last, so that no order decides; `"input"` leaves them in the order of the
   * predictions, as the 3rd place of 2020 does.
   *
   * @defaultValue "challenge"
   */
  readonly ties?: "challenge" | "grouped" | "input";
  /**
   * A label that says "no landmark": its predictions are passed over and take no rank, as in the code of the 1st
   * place of 2020. Without it every prediction takes a rank.
   *
   * @defaultValue none, as in the challenges
   */
  readonly noLandmarkLabel?: Label;
}

/**
 * Global average precision (GAP, micro average precision) of recognition, as in the Google Landmark Recognition
 * challenges: one ranking of all predictions of all images by their confidence.
 *
 * ```text
 * GAP = 1 / M * sum over i of  P(i) * correct(i)
 * ```
 *
 * where predictions are sorted by score, highest first, `P(i)` is the share of correct ones among the first `i`,
 * `correct(i)` is 1 if prediction `i` names one of its image's labels, else 0, and `M` counts the images that
 * have a label, predicted or not.
 *
 * Equal scores are ordered by id, then label, both ascending: numbers by size, strings by their UTF-16 code units.
 * (The hexadecimal ids and the integer labels of the challenges need strings and numbers to be ordered as there.)
 * A confident prediction for an image without a landmark costs precision of everything below it. Scores may be
 * negative; only their order counts.
 *
 * @param predictions - At most one per image; images without one are missing and count as not recognised.
 * @param solution - Labels of every evaluated image by id, empty for an image that shows no landmark. Images that
 * a challenge ignores have no entry, and no prediction: see {@link evaluateRecognition}.
 * @returns From 0 to 1; NaN if no image has a label.
 * @throws PredictionError if an image is predicted twice or is not in the solution, or a score is NaN.
 * @throws RangeError if `ties` is none of the three.
 *
 * @example
 * ```ts
 * import { globalAveragePrecision } from "@lmk/eval";
 *
 * const solution = new Map([["a", [1]], ["b", [2, 3]], ["c", []]]);
 * const predictions = [
 *   { id: "a", label: 1, score: 0.9 },
 *   { id: "c", label: 8, score: 0.8 },
 *   { id: "b", label: 3, score: 0.7 },
 * ];
 * console.log(globalAveragePrecision(predictions, solution)); // => 0.8333333333333333
 * console.log(globalAveragePrecision(predictions, solution, { ignoreNoLandmark: true })); // => 1
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.01804 | Weyand et al., Google Landmarks Dataset v2, 2020}, who take the
 * measure from Perronnin, Liu and Renders, CVPR 2009.
 */
export function globalAveragePrecision<Id extends string | number, Label extends string | number>(
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
  options: GlobalAveragePrecisionOptions<Label> = {},
): number {
  const ranked = rankPredictions("globalAveragePrecision", predictions, solution, options);
  return weightedPrecision(ranked, new Int32Array(solution.size).fill(1));
}

/** A number as a function of drawn images, for {@link bootstrapStatistic}. */
export interface ImageStatistic {
  /** How many images there are to draw from. */
  readonly count: number;
  /** The number if the images are those of `rows` (from 0, in the order of the solution), repeats counted. */
  readonly statistic: (rows: Int32Array) => number;
}

/**
 * GAP as a function of which images are in the test set, for intervals: it is no mean over images, so that they must
 * be drawn and the measure computed anew. The predictions are sorted once; each call then walks through them.
 *
 * An image drawn twice is in the ranking twice, next to itself.
 *
 * @param predictions - As in {@link globalAveragePrecision}.
 * @param solution - As in {@link globalAveragePrecision}.
 * @returns The number of images and the function; with every image once it gives {@link globalAveragePrecision}.
 * @throws PredictionError and RangeError as {@link globalAveragePrecision}.
 *
 * @example
 * ```ts
 * import { bootstrapStatistic, globalAveragePrecisionStatistic } from "@lmk/eval";
 *
 * const solution = new Map([["a", [1]], ["b", [2]], ["c", []]]);
 * const predictions = [{ id: "a", label: 1, score: 0.9 }, { id: "c", label: 8, score: 0.8 }];
 * const { count, statistic } = globalAveragePrecisionStatistic(predictions, solution);
 * console.log(statistic(Int32Array.of(0, 1, 2)), statistic(Int32Array.of(0, 0, 2))); // => 0.5 1
 * const { low, high } = bootstrapStatistic(count, statistic, { samples: 500, seed: 1 });
 * console.log(low, high); // => 0 1
 * ```
 */
export function globalAveragePrecisionStatistic<Id extends string | number, Label extends string | number>(
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
  options: GlobalAveragePrecisionOptions<Label> = {},
): ImageStatistic {
  const ranked = rankPredictions("globalAveragePrecisionStatistic", predictions, solution, options);
  const count = solution.size;
  return {
    count,
    statistic: (rows) => {
      const weights = new Int32Array(count);
      for (let i = 0; i < rows.length; i++) weights[rows[i]!]! += 1;
      return weightedPrecision(ranked, weights);
    },
  };
}

/** Predictions best first: parallel arrays. */
interface RankedPredictions {
  /** Rows of the solution. */
  readonly images: Int32Array;
  readonly correct: Uint8Array;
  /** 1 at the last prediction of each score; undefined where equal scores are counted one by one. */
  readonly groupEnds: Uint8Array | undefined;
  /** For each row of the solution, 1 if it has a label. */
  readonly labelled: Uint8Array;
}

function rankPredictions<Id extends string | number, Label extends string | number>(
  caller: string,
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
  options: GlobalAveragePrecisionOptions<Label>,
): RankedPredictions {
  const { ignoreNoLandmark = false, ties = "challenge", noLandmarkLabel } = options;
  requireOneOf(caller, "ties", ties, ["challenge", "grouped", "input"]);
  indexPredictions(caller, predictions, solution);
  const ranked = predictions
    .filter(({ label }) => noLandmarkLabel === undefined || label !== noLandmarkLabel)
    .filter(({ id }) => !ignoreNoLandmark || solution.get(id)!.length > 0)
    .sort((a, b) => compare(b.score, a.score) || (ties === "input" ? 0 : compareNames(a, b)));
  const rows = new Map<Id, number>();
  const labelled = new Uint8Array(solution.size);
  for (const [id, labels] of solution) {
    labelled[rows.size] = labels.length > 0 ? 1 : 0;
    rows.set(id, rows.size);
  }
  return {
    images: Int32Array.from(ranked, ({ id }) => rows.get(id)!),
    correct: Uint8Array.from(ranked, ({ id, label }) => (solution.get(id)!.includes(label) ? 1 : 0)),
    groupEnds: ties === "grouped" ? lastOfScores(ranked) : undefined,
    labelled,
  };
}

function lastOfScores(ranked: readonly { readonly score: number }[]): Uint8Array {
  return Uint8Array.from(ranked, ({ score }, i) => (ranked[i + 1]?.score === score ? 0 : 1));
}

/** GAP with image `i` in the test set `weights[i]` times. */
function weightedPrecision(ranked: RankedPredictions, weights: Int32Array): number {
  const { labelled } = ranked;
  let total = 0;
  for (let image = 0; image < weights.length; image++) total += weights[image]! * labelled[image]!;
  return (ranked.groupEnds === undefined ? sumOneByOne : sumByGroups)(ranked, weights) / total;
}

function sumOneByOne({ images, correct }: RankedPredictions, weights: Int32Array): number {
  let rank = 0;
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < images.length; i++) {
    const weight = weights[images[i]!]!;
    if (correct[i] === 0) {
      rank += weight;
      continue;
    }
    for (let copy = 0; copy < weight; copy++) {
      rank += 1;
      hits += 1;
      sum += hits / rank;
    }
  }
  return sum;
}

function sumByGroups(ranked: RankedPredictions, weights: Int32Array): number {
  const { images, correct } = ranked;
  const groupEnds = ranked.groupEnds!;
  let rank = 0;
  let hits = 0;
  let sum = 0;
  let hitsOfGroup = 0;
  for (let i = 0; i < images.length; i++) {
    const weight = weights[images[i]!]!;
    rank += weight;
    hitsOfGroup += weight * correct[i]!;
    if (groupEnds[i] === 0 || hitsOfGroup === 0) continue;
    hits += hitsOfGroup;
    sum += (hitsOfGroup * hits) / rank;
    hitsOfGroup = 0;
  }
  return sum;
}

function compareNames<Id extends string | number, Label extends string | number>(
  a: RecognitionPrediction<Id, Label>,
  b: RecognitionPrediction<Id, Label>,
): number {
  return compare(a.id, b.id) || compare(a.label, b.label);
}

function compare<Key extends string | number>(a: Key, b: Key): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
