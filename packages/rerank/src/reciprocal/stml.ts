// The paper trains with this similarity; jifeiluo/reranking ranks by it. That code squares squared distances once more
// and divides by the row maximum: `distance.kind` "squared-euclidean-squared" gives its numbers.
import { joinNumbers } from "../join-numbers.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { markCandidates, markListed, requirePool, selfFirstLists } from "../pool.ts";
import { joinNeighbors } from "../ranking.ts";
import { requirePositiveNumber } from "../require.ts";
import { joinSparseRows, transposeSparseRows } from "../sparse-rows.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { averageRowsTask, mostAveragedEntries } from "./average-rows.ts";
import { encodeTask } from "./encode-neighbors.ts";
import { distanceScales, type PoolDistance, requirePoolDistance } from "./pool-distance.ts";
import { reciprocalRanksTask } from "./reciprocal-ranks.ts";
import { scoreStmlTask } from "./score-stml.ts";

/** Options of {@link rerankByStml}. */
export interface RerankByStmlOptions extends MemoryOptions {
  /** The distance of the pairwise part; `"squared-euclidean-squared"` is that of jifeiluo/reranking. */
  readonly distance: PoolDistance;
  /**
   * Nearest rows, the row itself counted, within which two rows must list one another; 2 or more. Half of them, rounded
   * down, are averaged over.
   *
   * @defaultValue 20, as in jifeiluo/reranking
   */
  readonly neighborCount?: number;
  /**
   * Width of the pairwise part, above 0.
   *
   * @defaultValue 0.1, as in jifeiluo/reranking
   */
  readonly sigma?: number;
}

/**
 * Re-ranks by the mean of pairwise and contextual similarity of self-taught metric learning (STML).
 *
 * ```text
 * R(i)    = rows j of the pool with j among the first k of i, and i among the first k of j
 * C(i, j) = |R(i) ∩ R(j)| / |R(i)|
 * W(i, j) = mean of C(h, j) over the first k / 2 rows h of i
 * score   = (exp(-d(q, g) / sigma) + (W(q, g) + W(g, q)) / 2) / 2
 * ```
 *
 * with `k` = `neighborCount`, every row first in its own list, and the distance of {@link PoolDistance}. Only the
 * candidates in `neighbors` are scored. Each row of `graph` must list at least `k - 1` rows beside itself, or all there
 * are.
 *
 * With `P` rows in the pool, `e` entries of R (at most `k` a row) and `x` of W (at most `k² / 2`) it takes about
 * `4 P (2 k + 13) + 32 e + 36 x` bytes; rows that no candidate depends on are left out. The limit is held against an `x`
 * without overlap of the averaged rows. Threads hold their inputs once more.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool, with cosines as scores: queries, then database; ids are rows of
 * the pool. A row may be in its own list or not.
 * @returns The same candidates, best first; scores from 0 to 1. Empty places (-1) are last.
 * @throws RangeError if shapes do not fit, a number is not finite, a list names a row twice, an option is out of range
 * or a list is too short.
 *
 * @example
 * ```ts
 * import { rerankByStml } from "@lmk/rerank";
 *
 * // A pool of the query 0 and database rows 1 to 4. Its nearest is row 1, but only row 2 lists the query in turn.
 * const graph = {
 *   ids: Int32Array.of(1, 2, 3, 4, 0, 1, 1, 4, 1, 3),
 *   scores: Float32Array.of(0.9, 0.8, 0.95, 0.94, 0.8, 0.5, 0.95, 0.93, 0.94, 0.93),
 *   rows: 5,
 *   k: 2,
 * };
 * const neighbors = {
 *   ids: Int32Array.of(0, 1, 2, 3),
 *   scores: Float32Array.of(0.9, 0.8, 0.7, 0.6),
 *   rows: 1,
 *   k: 4,
 * };
 * const options = { distance: { kind: "half-cosine" }, neighborCount: 3, sigma: 1 } as const;
 *
 * const result = rerankByStml(neighbors, graph, options);
 * console.log(result.ids.join(" "), result.scores[0].toFixed(4)); // => 1 0 2 3 0.9524
 * ```
 *
 * @see {@link https://arxiv.org/abs/2205.01903 | Kim et al., Self-Taught Metric Learning without Labels, 2022}
 */
export function rerankByStml(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByStmlOptions,
): Neighbors {
  return runMethod(stml("rerankByStml", neighbors, graph, options));
}

/**
 * {@link rerankByStml} without blocking the calling thread; the same result, bit for bit.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool.
 * @returns The same candidates, best first. Rejects where {@link rerankByStml} throws.
 */
export function rerankByStmlAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByStmlOptions & RunOptions,
): Promise<Neighbors> {
  return runMethodAsync("rerankByStmlAsync", stml("rerankByStmlAsync", neighbors, graph, options), options);
}

function* stml(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByStmlOptions,
): Method<Neighbors> {
  const { distance, neighborCount = 20, sigma = 0.1, memoryLimit = Infinity } = options;
  if (!Number.isInteger(neighborCount) || neighborCount < 2) {
    throw new RangeError(
      `${caller}: expected \`neighborCount\` to be an integer of at least 2, got ${neighborCount}`,
    );
  }
  requirePool(caller, neighbors, graph, neighborCount - 1);
  requirePoolDistance(caller, distance, graph);
  requirePositiveNumber(caller, "sigma", sigma);

  const poolRows = graph.rows;
  const stride = Math.max(1, Math.min(poolRows, neighborCount));
  const half = neighborCount >> 1;
  const lists = { lists: selfFirstLists(graph, stride - 1), stride, width: stride };
  const fixedBytes = 4 * poolRows * (2 * stride + 13);
  requireMemory(caller, fixedBytes, memoryLimit);
  const { scales, squared } = distanceScales(distance, poolRows);

  const candidates = markCandidates(neighbors, poolRows);
  const marked = markListed(candidates, lists.lists, stride, half);
  const ranks = joinNumbers(yield* overRows(reciprocalRanksTask, lists, poolRows));
  const { ids: graphIds, scores: graphScores, k: graphK } = graph;
  const encoding = { ...lists, ranks, halfWidth: 0, marked, graphIds, graphScores, graphK };
  const sets = joinSparseRows(yield* overRows(encodeTask, encoding, poolRows));
  const matrix = { starts: sets.starts, columns: sets.columns, values: sharesOf(sets.starts) };
  const averaging = { matrix, lists: lists.lists, stride, count: Math.min(half, stride), marked: candidates };
  const most = 32 * sets.columns.length + 36 * mostAveragedEntries(averaging);
  requireMemory(caller, fixedBytes + most, memoryLimit);
  const averages = joinSparseRows(yield* overRows(averageRowsTask, averaging, poolRows));
  const transposedSets = transposeSparseRows(sets, poolRows);
  const transposedAverages = transposeSparseRows(averages, poolRows);
  const shared = { transposedSets, transposedAverages, scales, squared, sigma };
  const scoring = { neighbors, sets, averages, ...shared };
  return joinNeighbors(yield* overRows(scoreStmlTask, scoring, neighbors.rows), neighbors.k);
}

/** For each entry 1 / the number of entries of its row. */
function sharesOf(starts: Uint32Array): Float64Array {
  const shares = new Float64Array(starts[starts.length - 1]);
  for (let row = 0; row + 1 < starts.length; row++) {
    shares.fill(1 / (starts[row + 1] - starts[row]), starts[row], starts[row + 1]);
  }
  return shares;
}
