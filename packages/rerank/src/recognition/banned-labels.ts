// The 2019 code matches banned landmarks by a substring of the written prediction, so that banning 1234 also bans 51234;
// here labels are compared.

import { type LabelPredictions, requirePredictions } from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import { requireFiniteScores, requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { copyPredictions, countLabels, requireAmount, requireFinite } from "./penalties.ts";

/** Options of {@link banFrequentLabels}. */
export interface BanFrequentLabelsOptions {
  /**
   * Predictions that a label may have; with more of them it is banned.
   *
   * @defaultValue 30, as the 2019 team submitted; their function's own default is 250
   */
  readonly maxCount?: number;
}

/**
 * Puts all predictions of a label that is predicted too often behind the others: such a label is likely to attract
 * images without a landmark.
 *
 * ```text
 * score = -count(label)   where count(label) > maxCount
 * ```
 *
 * so that the most frequent label comes last; labels stay. Images with label -1 are neither counted nor changed.
 *
 * @param predictions - All predictions of a set of images; what is frequent is seen in the whole set only.
 * @returns New predictions, in the same rows.
 * @throws RangeError if `predictions` do not fit one another, a score is NaN, or `maxCount` is not a positive integer.
 *
 * @example
 * ```ts
 * import { banFrequentLabels } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5, 5, 8), scores: Float64Array.of(2.5, 0.5, 1) };
 * console.log([...banFrequentLabels(predictions, { maxCount: 1 }).scores]); // => [ -2, -2, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function banFrequentLabels(
  predictions: LabelPredictions,
  options: BanFrequentLabelsOptions = {},
): LabelPredictions {
  const { maxCount = 30 } = options;
  requirePredictions("banFrequentLabels", "predictions", predictions, predictions.labels.length);
  requirePositiveInteger("banFrequentLabels", "maxCount", maxCount);
  const counts = countLabels(predictions.labels);
  const banned = copyPredictions(predictions);
  for (let row = 0; row < banned.labels.length; row++) {
    const count = counts.get(banned.labels[row]!) ?? 0;
    if (count > maxCount) banned.scores[row] = -count;
  }
  return banned;
}

/** Options of {@link banNearFrequentLabels}. */
export interface BanNearFrequentLabelsOptions {
  /**
   * Predictions that a label may have; images with a label that has more of them have their neighbors banned.
   *
   * @defaultValue 30, as in the 2019 team's code
   */
  readonly maxCount?: number;
  /**
   * Neighbors with a cosine above this are banned.
   *
   * @defaultValue 0.75, a squared distance below the 0.5 of the 2019 team's code
   */
  readonly above?: number;
  /**
   * Factor of the scores of banned neighbors, finite and 0 or more.
   *
   * @defaultValue 0, as in the 2019 team's code; they also had 0.001, which keeps their order
   */
  readonly factor?: number;
}

/**
 * Lowers the score of images that look like an image whose label is predicted too often. The team of the third place in
 * landmark recognition 2019 tried this on top of {@link banFrequentLabels} and did not use it.
 *
 * ```text
 * score = factor * score   where count(label) <= maxCount and s(x, y) > above for a y with count(label(y)) > maxCount
 * ```
 *
 * Labels and the scores of frequent labels stay: call {@link banFrequentLabels} before or after, with the same
 * `maxCount`. An image with label -1 is neither counted nor changed. Takes one byte per image beside the result.
 *
 * @param predictions - All predictions of a set of images.
 * @param graph - For each image its nearest images of the same set, best first, with cosines as scores. Only lists of
 * images with a frequent label are read; the team's held the 100 nearest images with other labels.
 * @returns New predictions, in the same rows.
 * @throws RangeError if shapes do not fit, a score is NaN, a similarity is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { banNearFrequentLabels } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5, 5, 8), scores: Float64Array.of(2.5, 0.5, 1) };
 * const graph = { ids: Int32Array.of(2, 0, 0), scores: Float32Array.of(0.9, 0.5, 0.9), rows: 3, k: 1 };
 * console.log([...banNearFrequentLabels(predictions, graph, { maxCount: 1 }).scores]); // => [ 2.5, 0.5, 0 ]
 * ```
 *
 * @see {@link https://github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution | Third place of landmark recognition 2019}
 */
export function banNearFrequentLabels(
  predictions: LabelPredictions,
  graph: Neighbors,
  options: BanNearFrequentLabelsOptions = {},
): LabelPredictions {
  const { maxCount = 30, above = 0.75, factor = 0 } = options;
  const caller = "banNearFrequentLabels";
  const { labels } = predictions;
  requirePredictions(caller, "predictions", predictions, labels.length);
  requireNeighbors(caller, graph, labels.length, "graph");
  requireRows(caller, "graph", graph.rows, labels.length);
  requireFiniteScores(caller, "graph", graph);
  requirePositiveInteger(caller, "maxCount", maxCount);
  requireFinite(caller, "above", above);
  requireAmount(caller, "factor", factor);

  const near = new Uint8Array(labels.length);
  const counts = countLabels(labels);
  const isFrequent = (row: number): boolean => (counts.get(labels[row]!) ?? 0) > maxCount;
  for (let row = 0; row < graph.rows; row++) {
    if (!isFrequent(row)) continue;
    for (let at = row * graph.k; at < (row + 1) * graph.k; at++) {
      if (graph.ids[at]! >= 0 && graph.scores[at]! > above) near[graph.ids[at]!] = 1;
    }
  }
  const banned = copyPredictions(predictions);
  for (let row = 0; row < labels.length; row++) {
    if (near[row] === 0 || labels[row]! < 0 || isFrequent(row)) continue;
    banned.scores[row] = factor === 0 ? 0 : factor * banned.scores[row]!;
  }
  return banned;
}
