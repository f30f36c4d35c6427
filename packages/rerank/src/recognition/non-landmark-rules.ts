// The second place's write-up says "above 0.3", its code "0.3 or more", as here. Its notebook holds these rules in a
// function that its own main program does not call, and leaves the limit on clusters to arguments that it never sets.

import { type LabelPredictions, requirePredictions } from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import {
  requireFiniteScores,
  requireNeighbors,
  requireOneOf,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { copyPredictions, countLabels, idLimit, requireAmount, requireFinite } from "./penalties.ts";

/**
 * What is taken from a score by the similarities `s_1 >= s_2 >= …` to images without a landmark, where `s_rank` reaches
 * `threshold`. Numbers in parentheses are the second place's.
 *
 * - `similarity`: `weight * s_rank` (1.5);
 * - `step`: `weight * s_rank`, and `step` more where `s_rank > above` (1.5; 3 above 0.5);
 * - `excess`: `weight * (s_rank - threshold)` (4);
 * - `sum`: `weight * (s_1 + … + s_rank)` (0.5).
 */
export type SimilarityPenalty =
  | { readonly kind: "similarity"; readonly weight: number }
  | { readonly kind: "step"; readonly weight: number; readonly above: number; readonly step: number }
  | { readonly kind: "excess"; readonly weight: number }
  | { readonly kind: "sum"; readonly weight: number };

/** Options of {@link penalizeByNonLandmarks}. */
export interface PenalizeByNonLandmarksOptions {
  /**
   * What is taken from the score.
   *
   * @defaultValue `{ kind: "similarity", weight: 1.5 }`, the second place's first variant
   */
  readonly penalty?: SimilarityPenalty;
  /**
   * Similarity from which on the penalty is due, itself included.
   *
   * @defaultValue 0.3, the second place's number
   */
  readonly threshold?: number;
  /**
   * Which similarity counts, from 1, the highest.
   *
   * @defaultValue 3, the second place's number
   */
  readonly rank?: number;
}

/**
 * Lowers the score of images that look like images without a landmark, by a rule of the second place of landmark
 * recognition 2020.
 *
 * ```text
 * score - penalty   where s_rank >= threshold
 * ```
 *
 * An image with label -1 or with fewer than `rank` neighbors keeps its score. Labels stay. Takes no memory beside the result.
 *
 * @param predictions - One prediction per image.
 * @param neighbors - For each image its nearest images without a landmark, best first; scores are cosines.
 * @returns New predictions, in the same rows.
 * @throws RangeError if shapes do not fit, a score is NaN, a similarity is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { penalizeByNonLandmarks } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5), scores: Float64Array.of(2) };
 * const neighbors = { ids: Int32Array.of(9, 2, 4), scores: Float32Array.of(0.75, 0.5, 0.5), rows: 1, k: 3 };
 * console.log(penalizeByNonLandmarks(predictions, neighbors).scores[0]); // => 1.25
 * ```
 *
 * @see {@link https://github.com/bestfitting/instance_level_recognition | Second place of landmark recognition 2020}
 */
export function penalizeByNonLandmarks(
  predictions: LabelPredictions,
  neighbors: Neighbors,
  options: PenalizeByNonLandmarksOptions = {},
): LabelPredictions {
  const { penalty = { kind: "similarity", weight: 1.5 }, threshold = 0.3, rank = 3 } = options;
  const caller = "penalizeByNonLandmarks";
  requirePredictions(caller, "predictions", predictions, predictions.labels.length);
  requireNeighbors(caller, neighbors, idLimit);
  requireFiniteScores(caller, "neighbors", neighbors);
  requireRows(caller, "neighbors", neighbors.rows, predictions.labels.length);
  requireOneOf(caller, "penalty.kind", penalty.kind, ["similarity", "step", "excess", "sum"]);
  requireFinite(caller, "penalty.weight", penalty.weight);
  if (penalty.kind === "step") {
    requireFinite(caller, "penalty.above", penalty.above);
    requireFinite(caller, "penalty.step", penalty.step);
  }
  requireFinite(caller, "threshold", threshold);
  requirePositiveInteger(caller, "rank", rank);

  const lowered = copyPredictions(predictions);
  if (rank > neighbors.k) return lowered;
  for (let row = 0; row < neighbors.rows; row++) {
    const at = row * neighbors.k + rank - 1;
    if (lowered.labels[row]! < 0 || neighbors.ids[at]! < 0 || neighbors.scores[at]! < threshold) continue;
    lowered.scores[row]! -= similarityPenalty(penalty, neighbors.scores, at, rank, threshold);
  }
  return lowered;
}

/** The penalty by the similarity in a place and those before it in its list. */
function similarityPenalty(
  penalty: SimilarityPenalty,
  scores: Float32Array,
  at: number,
  rank: number,
  threshold: number,
): number {
  const similarity = scores[at]!;
  switch (penalty.kind) {
    case "similarity":
      return penalty.weight * similarity;
    case "step":
      return penalty.weight * similarity + (similarity > penalty.above ? penalty.step : 0);
    case "excess":
      return penalty.weight * (similarity - threshold);
    case "sum": {
      let sum = 0;
      for (let place = at - rank + 1; place <= at; place++) sum += scores[place]!;
      return penalty.weight * sum;
    }
  }
}

/** Options of {@link penalizeFrequentLabels}. */
export interface PenalizeFrequentLabelsOptions {
  /**
   * Predictions that a label may have; with more of them it is penalized.
   *
   * @defaultValue 20, the second place's number
   */
  readonly maxCount?: number;
  /**
   * Taken from the score, finite and 0 or more.
   *
   * @defaultValue 2, the second place's number
   */
  readonly penalty?: number;
  /**
   * Scores above this stay as they are.
   *
   * @defaultValue Infinity: all are lowered; the second place's number is not known
   */
  readonly protectAbove?: number;
}

/**
 * Lowers the scores of a label that is predicted too often, but for sure predictions, by a rule of the second place of
 * landmark recognition 2020.
 *
 * ```text
 * score - penalty   where count(label) > maxCount and score <= protectAbove
 * ```
 *
 * Images with label -1 are neither counted nor changed. Labels stay.
 *
 * @param predictions - All predictions of a set of images; what is frequent is seen in the whole set only.
 * @returns New predictions, in the same rows.
 * @throws RangeError if `predictions` do not fit one another, a score is NaN, or an option is out of range.
 *
 * @example
 * ```ts
 * import { penalizeFrequentLabels } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5, 5, 8), scores: Float64Array.of(2.5, 0.5, 1) };
 * const { scores } = penalizeFrequentLabels(predictions, { maxCount: 1, protectAbove: 2 });
 * console.log([...scores]); // => [ 2.5, -1.5, 1 ]
 * ```
 *
 * @see {@link https://github.com/bestfitting/instance_level_recognition | Second place of landmark recognition 2020}
 */
export function penalizeFrequentLabels(
  predictions: LabelPredictions,
  options: PenalizeFrequentLabelsOptions = {},
): LabelPredictions {
  const { maxCount = 20, penalty = 2, protectAbove = Infinity } = options;
  requirePredictions("penalizeFrequentLabels", "predictions", predictions, predictions.labels.length);
  requirePositiveInteger("penalizeFrequentLabels", "maxCount", maxCount);
  requireAmount("penalizeFrequentLabels", "penalty", penalty);
  if (Number.isNaN(protectAbove)) {
    throw new RangeError("penalizeFrequentLabels: expected `protectAbove` to be a number, got NaN");
  }
  const counts = countLabels(predictions.labels);
  const lowered = copyPredictions(predictions);
  const { labels, scores } = lowered;
  for (let row = 0; row < labels.length; row++) {
    if ((counts.get(labels[row]!) ?? 0) > maxCount && scores[row]! <= protectAbove) scores[row]! -= penalty;
  }
  return lowered;
}

/** Options of {@link selectLandmarkRows}. */
export interface SelectLandmarkRowsOptions {
  /** The highest similarity to an image without a landmark that is kept; the second place's number is not known. */
  readonly maxSimilarity: number;
  /**
   * Which similarity counts, from 1, the highest.
   *
   * @defaultValue 3, the second place's number
   */
  readonly rank?: number;
}

/**
 * Picks the gallery images that do not look like images without a landmark: the others are left out of a gallery before
 * it is searched, by a rule of the second place of landmark recognition 2020.
 *
 * ```text
 * row is kept   where s_rank <= maxSimilarity
 * ```
 *
 * A row with fewer than `rank` neighbors is kept.
 *
 * @param neighbors - For each gallery image its nearest images without a landmark, best first; scores are cosines.
 * @returns The rows kept, ascending.
 * @throws RangeError if shapes do not fit, a similarity is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { selectLandmarkRows } from "@lmk/rerank/recognition";
 *
 * const neighbors = { ids: Int32Array.of(3, 7), scores: Float32Array.of(0.75, 0.25), rows: 2, k: 1 };
 * console.log([...selectLandmarkRows(neighbors, { maxSimilarity: 0.5, rank: 1 })]); // => [ 1 ]
 * ```
 *
 * @see {@link https://github.com/bestfitting/instance_level_recognition | Second place of landmark recognition 2020}
 */
export function selectLandmarkRows(neighbors: Neighbors, options: SelectLandmarkRowsOptions): Int32Array {
  const { maxSimilarity, rank = 3 } = options;
  requireNeighbors("selectLandmarkRows", neighbors, idLimit);
  requireFiniteScores("selectLandmarkRows", "neighbors", neighbors);
  requireFinite("selectLandmarkRows", "maxSimilarity", maxSimilarity);
  requirePositiveInteger("selectLandmarkRows", "rank", rank);
  const kept = new Int32Array(neighbors.rows);
  let count = 0;
  for (let row = 0; row < neighbors.rows; row++) {
    const at = row * neighbors.k + rank - 1;
    const listed = rank <= neighbors.k && neighbors.ids[at]! >= 0;
    if (listed && neighbors.scores[at]! > maxSimilarity) continue;
    kept[count] = row;
    count += 1;
  }
  return kept.slice(0, count);
}
