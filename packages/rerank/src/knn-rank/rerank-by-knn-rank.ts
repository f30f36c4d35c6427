// jifeiluo/reranking ranks all rows against all rows; here a row behind the end of a list has the rank after its last.
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { requirePool, selfFirstLists } from "../pool.ts";
import { joinNeighbors } from "../ranking.ts";
import { requirePositiveInteger } from "../require.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { scoreByRanksTask } from "./score-by-ranks.ts";

/** Options of {@link rerankByKnnRank}. */
export interface RerankByKnnRankOptions extends MemoryOptions {
  /**
   * How many neighbors of a query vote, the query itself, which votes too, not counted; 1 or more.
   *
   * @defaultValue 50, as in jifeiluo/reranking
   */
  readonly neighborCount?: number;
}

/**
 * Re-ranks by the ranks that the neighbors of a query give its candidates.
 *
 * ```text
 * score(g) = sum over j = 0 … neighborCount of  1 / ((j + 1 + rank_j(q)) rank_j(g))
 * ```
 *
 * where `rank_j` is the place, counted from 1, in the list of the query's `j`-th neighbor, and the 0-th is the query
 * itself. Each row is first in its own list. A row that a list of `n` does not hold has rank `n + 1` there, so that only
 * lists of the whole pool give the ranks of the original: the shorter the lists, the less their tails count. A few
 * hundred are usual. Only the candidates in `neighbors` are scored.
 *
 * Memory: `4 P (k_g + 1)` bytes for a pool of `P` rows with lists of `k_g`, and `8 P` per thread.
 *
 * @param neighbors - For each query its candidates in the database, best first.
 * @param graph - Nearest rows of every row of the pool: queries, then database; ids are rows of the pool. Each lists at
 * least `neighborCount` rows beside itself, or all there are. A row may be in its own list or not.
 * @param options - How many neighbors vote.
 * @returns The same candidates, best first, newly allocated. Empty places (-1) are last.
 * @throws RangeError if shapes do not fit, a number is not finite, a list names a row twice, an option is out of range,
 * a list is too short or the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankByKnnRank } from "@lmk/rerank";
 *
 * // A pool of query 0 and database rows 1 to 3. The neighbor of the query, row 1, is closer to row 3 than to row 2.
 * const graph = {
 *   ids: Int32Array.of(1, 2, 3, 3, 0, 2, 0, 1, 3, 1, 2, 0),
 *   scores: Float32Array.of(0.9, 0.7, 0.6, 0.95, 0.9, 0.1, 0.7, 0.1, 0, 0.95, 0, 0.6),
 *   rows: 4,
 *   k: 3,
 * };
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.9, 0.7, 0.6), rows: 1, k: 3 };
 *
 * const found = rerankByKnnRank(neighbors, graph, { neighborCount: 1 });
 * console.log([...found.ids], found.scores[0].toFixed(2)); // => [ 0, 2, 1 ] 0.45
 * ```
 *
 * @see {@link https://doi.org/10.1109/CVPR.2012.6248031 | the idea: Shen et al., Object retrieval and localization with spatially-constrained similarity measure and k-NN re-ranking, 2012}
 */
export function rerankByKnnRank(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKnnRankOptions = {},
): Neighbors {
  return runMethod(knnRank("rerankByKnnRank", neighbors, graph, options));
}

/**
 * {@link rerankByKnnRank} in worker threads or in slices; the same result, bit for bit.
 *
 * @param neighbors - As in {@link rerankByKnnRank}.
 * @param graph - As in {@link rerankByKnnRank}.
 * @param options - As in {@link rerankByKnnRank}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link rerankByKnnRank} throws, or with the reason of the signal.
 */
export function rerankByKnnRankAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKnnRankOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankByKnnRankAsync",
    knnRank("rerankByKnnRankAsync", neighbors, graph, options),
    options,
  );
}

function* knnRank(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKnnRankOptions,
): Method<Neighbors> {
  const { neighborCount = 50, memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requirePool(caller, neighbors, graph, neighborCount);
  requireMemory(caller, 4 * graph.rows * (graph.k + 3), memoryLimit);
  const lists = selfFirstLists(graph, graph.k);
  const input = { neighbors, lists, stride: graph.k + 1, neighborCount };
  return joinNeighbors(yield* overRows(scoreByRanksTask, input, neighbors.rows), neighbors.k);
}
