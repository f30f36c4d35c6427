// The first place of 2021 describes this without code. Whether the confidence is the share of the winning label or all
// of the three cosines is not said: the first is what the procedure they cite computes; for the second and third see
// `scoreLabelsBySimilarity`.

import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import {
  requireFiniteNumber,
  requireFiniteScores,
  requireNeighbors,
  requireOneOf,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { type LabelPredictions, requireFiniteConfidences, requirePredictions } from "./label-predictions.ts";

/** Options of {@link adjustScoresByLabel}. */
export interface AdjustScoresByLabelOptions {
  /**
   * Factor of the confidence that is added where labels agree; finite.
   *
   * @defaultValue 1, the number of the first place of 2021
   */
  readonly up?: number;
  /**
   * Factor of the confidence that is taken off where labels differ; finite.
   *
   * @defaultValue 0.1, the number of the first place of 2021
   */
  readonly down?: number;
  /**
   * Length of the lists that come back, 1 or more.
   *
   * @defaultValue 750, the number of the first place of 2021, which merges eight such lists
   */
  readonly k?: number;
}

/**
 * Moves images up or down by whether their predicted label is the query's (soft re-ranking of the first place of 2021).
 *
 * ```text
 * s'(q, i) = s(q, i) + up t(i)     if label(q) = label(i)
 *            s(q, i) - down t(i)   otherwise
 * ```
 *
 * with the confidence `t(i)` of the label of index image `i`. A query with label -1 keeps its scores; so does an index
 * image with label -1. The winners adjust the scores of all index images; of lists that are cut, an image of the right
 * label that was cut off cannot come back, so search for more than `k`. Merge the lists of several models with
 * {@link fuseRankings}.
 *
 * @param neighbors - Search results of the queries in the index, best first; scores are cosines.
 * @param queryLabels - The predicted label of each query, from {@link predictLabels}.
 * @param indexLabels - The predicted label of every index image, from {@link predictLabels}.
 * @returns Lists of `k`, newly allocated: the highest score first, of equal ones the smaller id.
 * @throws RangeError if shapes do not fit, an id is no row of `indexLabels`, a score or the confidence of a label is not
 * finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { adjustScoresByLabel } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.75, 0.5), rows: 1, k: 2 };
 * const queryLabels = { labels: Int32Array.of(5), scores: Float64Array.of(0.4) };
 * const indexLabels = { labels: Int32Array.of(5, 5, 6), scores: Float64Array.of(0.5, 0.7, 0.9) };
 *
 * const { ids, scores } = adjustScoresByLabel(neighbors, queryLabels, indexLabels, { k: 2 });
 * console.log([...ids], scores[0], scores[1].toFixed(2)); // => [ 0, 2 ] 1 0.66
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.03786 | Henkel, Efficient large-scale image retrieval with deep feature orthogonality and Hybrid-Swin-Transformers, 2021}
 */
export function adjustScoresByLabel(
  neighbors: Neighbors,
  queryLabels: LabelPredictions,
  indexLabels: LabelPredictions,
  options: AdjustScoresByLabelOptions = {},
): Neighbors {
  const { up = 1, down = 0.1, k = 750 } = options;
  const caller = "adjustScoresByLabel";
  requirePredictions(caller, "indexLabels", indexLabels, indexLabels.labels.length);
  requireFiniteConfidences(caller, "indexLabels", indexLabels);
  requireNeighbors(caller, neighbors, indexLabels.labels.length);
  requireFiniteScores(caller, "neighbors", neighbors);
  requirePredictions(caller, "queryLabels", queryLabels, neighbors.rows);
  requireFiniteNumber(caller, "up", up);
  requireFiniteNumber(caller, "down", down);
  requirePositiveInteger(caller, "k", k);

  const { rows, k: length } = neighbors;
  const result = emptyNeighbors(rows, k);
  const adjusted = new Float64Array(length);
  for (let row = 0; row < rows; row++) {
    const ids = neighbors.ids.subarray(row * length, (row + 1) * length);
    const label = queryLabels.labels[row]!;
    for (let i = 0; i < length; i++) {
      adjusted[i] = neighbors.scores[row * length + i]!;
      const id = ids[i]!;
      if (id < 0 || label < 0 || indexLabels.labels[id]! < 0) continue;
      adjusted[i]! += (indexLabels.labels[id] === label ? up : -down) * indexLabels.scores[id]!;
    }
    writeBest(result, row, ids, adjusted, length);
  }
  return result;
}

/** Options of {@link scoreLabelsBySimilarity}. */
export interface ScoreLabelsBySimilarityOptions {
  /**
   * Neighbors whose cosines count, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the number of the first place of 2021
   */
  readonly neighborCount?: number;
  /**
   * What is taken of the cosines.
   *
   * @defaultValue "mean"
   */
  readonly reduce?: "mean" | "sum";
}

/**
 * Replaces the confidence of predicted labels by the cosines of the nearest labelled images, whatever their labels: the
 * other two readings of the "top-3 cosine similarity" of {@link adjustScoresByLabel}.
 *
 * A mean is over the neighbors that exist; an image without any keeps label -1 and -Infinity.
 *
 * @param predictions - Labels, from {@link predictLabels} with the same `neighbors`.
 * @param neighbors - For each image its nearest labelled images, best first; scores are cosines.
 * @returns The same labels with other scores, newly allocated.
 * @throws RangeError if shapes do not fit, a score is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { scoreLabelsBySimilarity } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 0.5, 0.25), rows: 1, k: 3 };
 * const predictions = { labels: Int32Array.of(4), scores: Float64Array.of(0.25) };
 * console.log(scoreLabelsBySimilarity(predictions, neighbors).scores[0]); // => 0.5
 * ```
 */
export function scoreLabelsBySimilarity(
  predictions: LabelPredictions,
  neighbors: Neighbors,
  options: ScoreLabelsBySimilarityOptions = {},
): LabelPredictions {
  const { neighborCount = 3, reduce = "mean" } = options;
  const caller = "scoreLabelsBySimilarity";
  requireNeighbors(caller, neighbors, Infinity);
  requireFiniteScores(caller, "neighbors", neighbors);
  requireRows(caller, "predictions.labels", predictions.labels.length, neighbors.rows);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireOneOf(caller, "reduce", reduce, ["mean", "sum"]);
  const length = Math.min(neighborCount, neighbors.k);
  const scores = new Float64Array(neighbors.rows).fill(-Infinity);
  for (let row = 0; row < neighbors.rows; row++) {
    let sum = 0;
    let count = 0;
    for (let at = row * neighbors.k; at < row * neighbors.k + length; at++) {
      if (neighbors.ids[at]! < 0) continue;
      sum += neighbors.scores[at]!;
      count += 1;
    }
    if (count > 0) scores[row] = reduce === "mean" ? sum / count : sum;
  }
  return { labels: predictions.labels.slice(), scores };
}
