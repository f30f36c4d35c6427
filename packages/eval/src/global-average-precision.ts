import type { RecognitionPrediction } from "./recognition.ts";
import { indexPredictions } from "./recognition.ts";

/** Options of {@link globalAveragePrecision}. */
export interface GlobalAveragePrecisionOptions {
  /**
   * Whether predictions for images that show no landmark are left out instead of counted as wrong.
   *
   * @defaultValue false, as in the challenges
   */
  readonly ignoreNoLandmark?: boolean;
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
  options: GlobalAveragePrecisionOptions = {},
): number {
  const { ignoreNoLandmark = false } = options;
  indexPredictions("globalAveragePrecision", predictions, solution);
  const ranked = predictions
    .filter((prediction) => !ignoreNoLandmark || solution.get(prediction.id)!.length > 0)
    .sort((a, b) => compare(b.score, a.score) || compare(a.id, b.id) || compare(a.label, b.label));

  let correct = 0;
  let sum = 0;
  for (const [i, { id, label }] of ranked.entries()) {
    if (!solution.get(id)!.includes(label)) continue;
    correct += 1;
    sum += correct / (i + 1);
  }
  let labelled = 0;
  for (const labels of solution.values()) if (labels.length > 0) labelled += 1;
  return sum / labelled;
}

function compare<Key extends string | number>(a: Key, b: Key): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
