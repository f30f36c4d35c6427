// DBSCAN with one sample per core: every row is a core, so that clusters are the connected parts of the graph of rows
// within the radius. scikit-learn searches all pairs; here edges are those of given lists.

import { type LabelPredictions, requirePredictions } from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import {
  requireAtMost,
  requireFiniteScores,
  requireNeighbors,
  requireOneOf,
  requirePositiveInteger,
} from "../require.ts";
import { copyPredictions } from "./penalties.ts";

/** Options of {@link clusterByRadius}. */
export interface ClusterByRadiusOptions {
  /**
   * Euclidean distance of unit vectors up to which two rows are joined, above 0 and at most 2: a cosine of
   * `1 - radius² / 2` or more.
   *
   * @defaultValue 0.85, the second place's number: a cosine of 0.63875
   */
  readonly radius?: number;
}

/** The result of {@link clusterByRadius}. */
export interface RadiusClusters {
  /** For each row the number of its cluster, in the order of the clusters' first rows. */
  readonly clusters: Int32Array;
  readonly clusterCount: number;
  /** Rows whose list ends within the radius, so that they may have more neighbors there. With 0 clusters are exact. */
  readonly truncatedRows: number;
}

/**
 * Clusters the rows of a graph: rows within `radius` of one another share a cluster, and so do rows that a chain of such
 * rows joins. It is DBSCAN with `min_samples` 1, with which the second place of landmark recognition 2020 clusters
 * queries together with images without a landmark.
 *
 * An edge of either row's list joins both. Lists hold the `k` nearest rows; edges past their end are missing, which only
 * matters where no other chain joins the same rows: `truncatedRows` counts the lists that end within the radius. Takes
 * `4 rows` bytes beside the result.
 *
 * @param graph - For each row its nearest rows, best first, with cosines as scores; a row may be in its own list.
 * @throws RangeError if shapes do not fit, a score is not finite, or `radius` is out of range.
 *
 * @example
 * ```ts
 * import { clusterByRadius } from "@lmk/rerank/recognition";
 *
 * const graph = { ids: Int32Array.of(2, 0, 0), scores: Float32Array.of(0.75, 0.5, 0.75), rows: 3, k: 1 };
 * console.log([...clusterByRadius(graph).clusters]); // => [ 0, 1, 0 ]
 * ```
 *
 * @see {@link https://scikit-learn.org/stable/modules/generated/sklearn.cluster.DBSCAN.html | scikit-learn: DBSCAN}
 */
export function clusterByRadius(graph: Neighbors, options: ClusterByRadiusOptions = {}): RadiusClusters {
  const { radius = 0.85 } = options;
  requireNeighbors("clusterByRadius", graph, graph.rows, "graph");
  requireFiniteScores("clusterByRadius", "graph", graph);
  if (!(radius > 0 && radius <= 2)) {
    throw new RangeError(`clusterByRadius: expected \`radius\` to be above 0 and at most 2, got ${radius}`);
  }
  const { ids, scores, rows, k } = graph;
  const lowest = 1 - (radius * radius) / 2;
  const parents = new Int32Array(rows);
  for (let row = 0; row < rows; row++) parents[row] = row;
  let truncatedRows = 0;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * k;
    for (let at = row * k; at < end; at++) {
      if (ids[at]! >= 0 && scores[at]! >= lowest) join(parents, row, ids[at]!);
    }
    if (k < rows && ids[end - 1]! >= 0 && scores[end - 1]! >= lowest) truncatedRows += 1;
  }
  const clusters = new Int32Array(rows);
  let clusterCount = 0;
  // The smaller row is the root, so that a root comes before its members.
  for (let row = 0; row < rows; row++) {
    const root = rootOf(parents, row);
    if (root === row) {
      clusters[row] = clusterCount;
      clusterCount += 1;
    } else {
      clusters[row] = clusters[root]!;
    }
  }
  return { clusters, clusterCount, truncatedRows };
}

function rootOf(parents: Int32Array, row: number): number {
  let at = row;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]!]!;
    at = parents[at]!;
  }
  return at;
}

function join(parents: Int32Array, a: number, b: number): void {
  const rootA = rootOf(parents, a);
  const rootB = rootOf(parents, b);
  parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

/** Options of {@link penalizeByClusters}. */
export interface PenalizeByClustersOptions {
  /** Images without a landmark in a cluster, from which on `penalty` is due; 1 or more. */
  readonly nonLandmarkLimit: number;
  /**
   * What becomes of the score in a cluster of `n` images without a landmark, a share `r` of all in it.
   *
   * - `linear`: `score - 2 r - 0.1 n`, and below the limit `score - min(0.2, r)`;
   * - `exponential`: `score - r exp(r)`, and below the limit `score - min(0.2, r)`;
   * - `zero`: 0 where `n > nonLandmarkLimit`, else `score`.
   *
   * @defaultValue "linear", the second place's variant 2; "zero" is its variant 1, "exponential" its variant 3
   */
  readonly penalty?: "linear" | "exponential" | "zero";
}

/**
 * Lowers the scores of images that share a cluster with images without a landmark, by a rule of the second place of
 * landmark recognition 2020.
 *
 * Labels stay; an image with label -1 keeps its score. Takes 8 bytes per cluster beside the result.
 *
 * @param predictions - One prediction per query.
 * @param clusters - Cluster of each query and, in the rows after them, of each image without a landmark, as
 * {@link clusterByRadius} gives them.
 * @returns New predictions, in the same rows.
 * @throws RangeError if shapes do not fit, a score is NaN, a cluster is negative, or an option is out of range.
 *
 * @example
 * ```ts
 * import { penalizeByClusters } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5, 8), scores: Float64Array.of(3, 1) };
 * const clusters = Int32Array.of(0, 1, 0); // The third image is one without a landmark.
 * console.log([...penalizeByClusters(predictions, clusters, { nonLandmarkLimit: 1 }).scores]); // => [ 1.9, 1 ]
 * ```
 *
 * @see {@link https://github.com/bestfitting/instance_level_recognition | Second place of landmark recognition 2020}
 */
export function penalizeByClusters(
  predictions: LabelPredictions,
  clusters: Int32Array,
  options: PenalizeByClustersOptions,
): LabelPredictions {
  const { nonLandmarkLimit, penalty = "linear" } = options;
  const queries = predictions.labels.length;
  requirePredictions("penalizeByClusters", "predictions", predictions, queries);
  requireAtMost(
    "penalizeByClusters",
    "predictions.labels.length",
    queries,
    clusters.length,
    "clusters.length",
  );
  const negative = clusters.findIndex((cluster) => cluster < 0);
  if (negative >= 0) {
    throw new RangeError(
      `penalizeByClusters: expected \`clusters\` to be 0 or more, got ${clusters[negative]} in row ${negative}`,
    );
  }
  requirePositiveInteger("penalizeByClusters", "nonLandmarkLimit", nonLandmarkLimit);
  requireOneOf("penalizeByClusters", "penalty", penalty, ["linear", "exponential", "zero"]);

  const sizes = countMembers(clusters, 0);
  const nonLandmarks = countMembers(clusters, queries);
  const lowered = copyPredictions(predictions);
  for (let row = 0; row < queries; row++) {
    if (lowered.labels[row]! < 0) continue;
    const count = nonLandmarks.get(clusters[row]!) ?? 0;
    const rate = count / sizes.get(clusters[row]!)!;
    if (penalty === "zero") {
      if (count > nonLandmarkLimit) lowered.scores[row] = 0;
    } else if (count < nonLandmarkLimit) {
      lowered.scores[row]! -= Math.min(0.2, rate);
    } else {
      lowered.scores[row]! -= penalty === "linear" ? 2 * rate + 0.1 * count : rate * Math.exp(rate);
    }
  }
  return lowered;
}

/** Members of each cluster among the rows from `first` on. */
function countMembers(clusters: Int32Array, first: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let row = first; row < clusters.length; row++) {
    counts.set(clusters[row]!, (counts.get(clusters[row]!) ?? 0) + 1);
  }
  return counts;
}
