// The 2019 code matches banned landmarks by a substring of the written prediction, so that banning 1234 also bans 51234;
// here labels are compared. Its distances are faiss's squared ones in float32, here they are 2 - 2 s in double precision.

import type { LabelPredictions } from "../labels/label-predictions.ts";
import {
  addToLabel,
  emptyPredictions,
  requireFiniteScores,
  requireLabels,
  requirePredictions,
  writeBestLabel,
} from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import { requireNeighbors, requireOneOf, requirePositiveInteger } from "../require.ts";
import { copyPredictions, countLabels } from "./penalties.ts";

/** Options of {@link recognizeByNeighbors}. */
export interface RecognizeByNeighborsOptions {
  /**
   * Neighbors that vote, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the 2019 team's number
   */
  readonly neighborCount?: number;
  /**
   * Similarity term of a vote: the cosine `s` itself, or `1 - d² = 2 s - 1` with the squared distance of unit vectors.
   *
   * @defaultValue "squared-l2", as in the 2019 team's code
   */
  readonly weight?: "cosine" | "squared-l2";
  /**
   * Matches of local features that a geometric check confirmed, for each neighbor, in the places of `neighbors.ids`; 0
   * for a pair that was not checked.
   *
   * @defaultValue none: similarities alone vote
   */
  readonly inliers?: Int32Array;
  /**
   * Inliers that count fully; more count no more.
   *
   * @defaultValue 70, the 2019 team's number
   */
  readonly inlierCap?: number;
}

/**
 * Recognises the landmark of each image: its nearest labelled images vote, with a bonus for confirmed matches, as the
 * team of the third place in landmark recognition 2019 did.
 *
 * ```text
 * score(l) = sum over neighbors x with label l of  weight(s(q, x)) + min(inlierCap, inliers(q, x)) / inlierCap
 * label    = the l with the highest score;   score = score(label)
 * ```
 *
 * Of equal scores the label met first, at the nearest neighbor, wins. An image without any neighbor gets label -1 and
 * score -Infinity. Without `inliers` it is `predictLabels` of `@lmk/rerank` with this `weight` and `divideByCount:
 * false`. Takes no memory beside the result.
 *
 * @param neighbors - For each image its nearest labelled images, best first; scores are cosines.
 * @param labels - The label of each database row, 0 or more.
 * @returns One prediction per row of `neighbors`.
 * @throws RangeError if shapes do not fit, a label or a number of inliers is negative, a score is not finite, or an
 * option is out of range.
 *
 * @example
 * ```ts
 * import { recognizeByNeighbors } from "@lmk/rerank/recognition";
 *
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 0.625, 0.5), rows: 1, k: 3 };
 * const inliers = Int32Array.of(35, 0, 100);
 *
 * const { labels, scores } = recognizeByNeighbors(neighbors, Int32Array.of(7, 4, 4), { inliers });
 * console.log(labels[0], scores[0]); // => 4 1.25
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function recognizeByNeighbors(
  neighbors: Neighbors,
  labels: Int32Array,
  options: RecognizeByNeighborsOptions = {},
): LabelPredictions {
  const { neighborCount = 3, weight = "squared-l2", inliers, inlierCap = 70 } = options;
  requireNeighbors("recognizeByNeighbors", neighbors, labels.length);
  requireFiniteScores("recognizeByNeighbors", "neighbors", neighbors);
  requireLabels("recognizeByNeighbors", "labels", labels);
  requirePositiveInteger("recognizeByNeighbors", "neighborCount", neighborCount);
  requireOneOf("recognizeByNeighbors", "weight", weight, ["cosine", "squared-l2"]);
  requirePositiveInteger("recognizeByNeighbors", "inlierCap", inlierCap);
  if (inliers !== undefined) requireInliers(inliers, neighbors);

  const { ids, scores, rows, k } = neighbors;
  const length = Math.min(neighborCount, k);
  const predictions = emptyPredictions(rows);
  const sums = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    sums.clear();
    for (let at = row * k; at < row * k + length; at++) {
      if (ids[at]! < 0) continue;
      const label = labels[ids[at]!]!;
      addToLabel(sums, label, weight === "cosine" ? scores[at]! : 2 * scores[at]! - 1);
      if (inliers !== undefined) addToLabel(sums, label, Math.min(inlierCap, inliers[at]!) / inlierCap);
    }
    writeBestLabel(predictions, row, sums);
  }
  return predictions;
}

function requireInliers(inliers: Int32Array, { rows, k }: Neighbors): void {
  if (inliers.length !== rows * k) {
    throw new RangeError(
      `recognizeByNeighbors: expected \`inliers\` to hold ${rows} x ${k} = ${rows * k} counts, got ${inliers.length}`,
    );
  }
  const negative = inliers.findIndex((count) => count < 0);
  if (negative >= 0) {
    throw new RangeError(
      `recognizeByNeighbors: expected \`inliers\` to be 0 or more, got ${inliers[negative]} for query ${Math.floor(negative / k)}`,
    );
  }
}

/** Options of {@link banFrequentLabels}. */
export interface BanFrequentLabelsOptions {
  /**
   * Predictions that a label may have; with more of them it is banned.
   *
   * @defaultValue 30, as the 2019 team submitted
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
