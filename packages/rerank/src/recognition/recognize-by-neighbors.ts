// The 2019 code's distances are faiss's squared ones in float32, here they are 2 - 2 s in double precision. What the team
// tried and did not use is an option each: reciprocal neighbors and frequencies are found in a comment of the code only.

import {
  addToLabel,
  emptyPredictions,
  type LabelPredictions,
  requireLabels,
  writeBestLabel,
} from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import {
  requireFiniteScores,
  requireNeighbors,
  requireOneOf,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { countLabels, requireAmount } from "./penalties.ts";
import { type SimilarityVote, similarityVotes } from "./similarity-votes.ts";

/** Options of {@link recognizeByNeighbors}. */
export interface RecognizeByNeighborsOptions {
  /**
   * Neighbors that vote, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the 2019 team's number
   */
  readonly neighborCount?: number;
  /**
   * Similarity term of a vote, with the squared distance `d² = 2 - 2 s` of unit vectors. The team tried
   * `"below-farthest"` together with `divideByFrequency`, and `"rank"` early in the contest with 20, 30 and 40
   * neighbors; they used neither. With `"rank"` their scores are these divided by one constant, which changes no order.
   *
   * @defaultValue "squared-l2", as in the 2019 team's code
   */
  readonly weight?: SimilarityVote;
  /**
   * Whether the similarity term is divided by the number of database rows with the label, counted up to
   * `neighborCount`, so that labels with fewer images than neighbors that vote stand a chance. The team tried this and
   * did not use it.
   *
   * @defaultValue false
   */
  readonly divideByFrequency?: boolean;
  /**
   * Nearest rows of the queries and of the database in both together, rows `0` to `rows - 1` the queries: similarity
   * terms of neighbors that have the image among their own nearest are multiplied by `reciprocalFactor`. The team tried
   * this and did not use it. Only ids in lists of database rows that vote are read: others may be empty.
   *
   * @defaultValue none
   */
  readonly poolGraph?: Neighbors;
  /**
   * How many of a neighbor's own nearest are looked at, itself not counted; 1 or more.
   *
   * @defaultValue 2: with the neighbor itself the 3 of the 2019 team's comment
   */
  readonly reciprocalCount?: number;
  /**
   * Factor for reciprocal neighbors, finite and 0 or more.
   *
   * @defaultValue 1.5, as in the 2019 team's comment
   */
  readonly reciprocalFactor?: number;
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
 * score(l) = sum over neighbors x with label l of  vote(x) + min(inlierCap, inliers(q, x)) / inlierCap
 * vote(x)  = weight(s(q, x)) [* reciprocalFactor if q is near x] [/ min(neighborCount, rows with label l)]
 * label    = the l with the highest score;   score = score(label)
 * ```
 *
 * Of equal scores the label met first, at the nearest neighbor, wins. An image without any neighbor gets label -1 and
 * score -Infinity. Without other options it is `predictLabels` of `@lmk/rerank` with this `weight` and
 * `divideByCount: false`. Takes `8 rows neighborCount` bytes beside the result.
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
  const { neighborCount = 3, weight = "squared-l2", divideByFrequency = false } = options;
  const { inliers, inlierCap = 70, poolGraph, reciprocalCount = 2, reciprocalFactor = 1.5 } = options;
  const caller = "recognizeByNeighbors";
  requireNeighbors(caller, neighbors, labels.length);
  requireFiniteScores(caller, "neighbors", neighbors);
  requireLabels(caller, "labels", labels);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireOneOf(caller, "weight", weight, ["cosine", "squared-l2", "below-farthest", "rank"]);
  requirePositiveInteger(caller, "inlierCap", inlierCap);
  if (inliers !== undefined) requireInliers(inliers, neighbors);
  if (poolGraph !== undefined) {
    requireRows(caller, "poolGraph", poolGraph.rows, neighbors.rows + labels.length);
    requireNeighbors(caller, poolGraph, poolGraph.rows, "poolGraph");
  }
  requirePositiveInteger(caller, "reciprocalCount", reciprocalCount);
  requireAmount(caller, "reciprocalFactor", reciprocalFactor);

  const { ids, rows, k } = neighbors;
  const length = Math.min(neighborCount, k);
  const votes = similarityVotes(neighbors, length, weight);
  const counts = divideByFrequency ? countLabels(labels) : undefined;
  const predictions = emptyPredictions(rows);
  const sums = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    sums.clear();
    for (let place = 0; place < length; place++) {
      const at = row * k + place;
      const id = ids[at]!;
      if (id < 0) continue;
      const label = labels[id]!;
      let vote = votes[row * length + place]!;
      if (poolGraph !== undefined && lists(poolGraph, rows + id, row, reciprocalCount)) {
        vote *= reciprocalFactor;
      }
      if (counts !== undefined) vote /= Math.min(neighborCount, counts.get(label)!);
      addToLabel(sums, label, vote);
      if (inliers !== undefined) addToLabel(sums, label, Math.min(inlierCap, inliers[at]!) / inlierCap);
    }
    writeBestLabel(predictions, row, sums);
  }
  return predictions;
}

/** Whether a row of a pool is among the first `count` others in the list of another. */
function lists({ ids, k }: Neighbors, of: number, row: number, count: number): boolean {
  let others = 0;
  for (let at = of * k; at < (of + 1) * k && others < count; at++) {
    if (ids[at] === row) return true;
    if (ids[at]! >= 0 && ids[at] !== of) others += 1;
  }
  return false;
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
