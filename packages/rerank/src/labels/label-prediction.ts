// The 2019 winners' code changed over time. Its contest form weighed by 1 - d² and did not divide
// (`weight: "squared-l2", divideByCount: false`); its last form weighs by the cosine and divides by 3, the default here.

import type { Neighbors } from "../matrix.ts";
import { requireFiniteScores, requireNeighbors, requireOneOf, requirePositiveInteger } from "../require.ts";
import {
  addToLabel,
  emptyPredictions,
  type LabelPredictions,
  requireLabels,
  writeBestLabel,
} from "./label-predictions.ts";

/** Options of {@link predictLabels}. */
export interface PredictLabelsOptions {
  /**
   * Neighbors that vote, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the 2019 winners' number
   */
  readonly neighborCount?: number;
  /**
   * Weight of a vote: the cosine `s` itself, or `1 - d² = 2 s - 1` with the squared distance of unit vectors, which
   * is negative for cosines below one half.
   *
   * @defaultValue "cosine", as in the last form of the winners' code; their contest used "squared-l2"
   */
  readonly weight?: "cosine" | "squared-l2";
  /**
   * Whether the sum of votes is divided by `neighborCount`, which keeps it from -1 to 1.
   *
   * @defaultValue true, as in the last form of the winners' code; their contest did not divide
   */
  readonly divideByCount?: boolean;
}

/**
 * Predicts a label for each image by a soft vote of its nearest labelled neighbors.
 *
 * ```text
 * score(l) = sum over neighbors x with label l of  weight(s(q, x)),   divided by neighborCount if asked for
 * label    = the l with the highest score;   score = score(label)
 * ```
 *
 * Of equal scores the label met first, at the nearest neighbor, wins. Fewer neighbors than asked for, in lists
 * that are shorter or end in -1, vote less and are still divided by `neighborCount`; an image without any neighbor gets label -1 and
 * score -Infinity. Takes no memory beside the result.
 *
 * @param neighbors - For each image its nearest labelled images, best first; scores are cosines.
 * @param labels - The label of each database row, 0 or more.
 * @returns One prediction per row of `neighbors`.
 * @throws RangeError if shapes do not fit, an id is no row of `labels`, a label is negative, a score is not finite, or
 * an option is out of range.
 *
 * @example
 * ```ts
 * import { predictLabels } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 0.5, 0.5), rows: 1, k: 3 };
 * const { labels, scores } = predictLabels(neighbors, Int32Array.of(7, 4, 4));
 * console.log(labels[0], scores[0]); // => 4 0.3333333333333333
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function predictLabels(
  neighbors: Neighbors,
  labels: Int32Array,
  options: PredictLabelsOptions = {},
): LabelPredictions {
  const { neighborCount = 3, weight = "cosine", divideByCount = true } = options;
  requireNeighbors("predictLabels", neighbors, labels.length);
  requireFiniteScores("predictLabels", "neighbors", neighbors);
  requireLabels("predictLabels", "labels", labels);
  requirePositiveInteger("predictLabels", "neighborCount", neighborCount);
  requireOneOf("predictLabels", "weight", weight, ["cosine", "squared-l2"]);

  const { ids, scores, rows, k } = neighbors;
  const length = Math.min(neighborCount, k);
  const predictions = emptyPredictions(rows);
  const sums = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    sums.clear();
    for (let at = row * k; at < row * k + length; at++) {
      if (ids[at]! < 0) continue;
      addToLabel(sums, labels[ids[at]!]!, weight === "cosine" ? scores[at]! : 2 * scores[at]! - 1);
    }
    writeBestLabel(predictions, row, sums);
    if (divideByCount) predictions.scores[row]! /= neighborCount;
  }
  return predictions;
}
