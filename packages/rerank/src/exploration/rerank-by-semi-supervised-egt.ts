// The published program orders its queue by weights that change while they are in it, so that the heaviest edge is not
// always first (`compat: "egt-java"`); it fails where a query reaches too few rows, where our lists end earlier.
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { joinNeighbors } from "../ranking.ts";
import { requireAtMost, requireOneOf, requirePositiveInteger } from "../require.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { createEdges, edgeBytes, requireEdgeCount } from "./edges.ts";
import { type ExplorationOptions, requireExploration } from "./exploration-options.ts";
import { semiSupervisedTask } from "./semi-supervised-traversal.ts";
import { traversalTask } from "./traversal.ts";

/** Options of {@link rerankBySemiSupervisedEgt}. */
export interface RerankBySemiSupervisedEgtOptions extends ExplorationOptions, MemoryOptions {
  /**
   * How many queries, from the first, are answered; the others only help to reach rows, such as images of the train set.
   *
   * @defaultValue `neighbors.rows`
   */
  readonly queryCount?: number;
  /**
   * `"paper"`: the heaviest edge first. `"egt-java"`: as the published sources, where a row whose weight rises keeps its
   * old place in the queue as well, ahead of or behind where it belongs.
   *
   * @defaultValue `"paper"`
   */
  readonly compat?: "paper" | "egt-java";
}

/**
 * Re-ranks by explore-exploit graph traversal that goes through other queries too (semi-supervised EGT, offline).
 *
 * Differs from `rerankByEgt` in that reverse edges lead from database rows to queries, which are explored but not
 * listed. Without reverse edges (`symmetrize: "none"`) no query is ever reached, and the results are the same.
 *
 * Memory: `8 (Q k_q + N k_g) + 4 (N + Q)` bytes for edges, where `k_q` and `k_g` are the lengths of the lists that are
 * used; with reverse edges at most `32 (Q k_q + N k_g) + 32 (N + Q)`. Each thread takes `9 (N + Q)` more, and 8 for
 * each edge in the heap.
 *
 * @param neighbors - For each query the database rows that its edges lead to, best first; their scores are the weights.
 * @param graph - For each database row its nearest database rows. The row itself, wherever it stands, is left out.
 * @param options - When to stop and which edges there are.
 * @returns `k` rows per query answered in the order in which they were taken, newly allocated, with the smallest weight
 * followed up to there as score; -1 and -Infinity where the rows that can be reached are fewer.
 * @throws RangeError if shapes do not fit, a score is not finite, an option is out of range, edges are 2^31 or more or
 * the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankBySemiSupervisedEgt } from "@lmk/rerank";
 *
 * // Row 1 is in the list of the second query only, which shares row 0 with the first.
 * const neighbors = { ids: Int32Array.of(0, -1, 0, 1), scores: Float32Array.of(0.75, 0, 0.5, 0.25), rows: 2, k: 2 };
 * const graph = { ids: Int32Array.of(-1, -1), scores: new Float32Array(2), rows: 2, k: 1 };
 *
 * const found = rerankBySemiSupervisedEgt(neighbors, graph, { symmetrize: "max", queryCount: 1 });
 * console.log([...found.ids], [...found.scores]); // => [ 0, 1 ] [ 0.75, 0.25 ]
 * ```
 *
 * @see {@link https://openaccess.thecvf.com/content_CVPR_2019/html/Chang_Explore-Exploit_Graph_Traversal_for_Image_Retrieval_CVPR_2019_paper.html | Chang et al., Explore-Exploit Graph Traversal for Image Retrieval, 2019}
 */
export function rerankBySemiSupervisedEgt(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankBySemiSupervisedEgtOptions = {},
): Neighbors {
  return runMethod(semiSupervisedEgt("rerankBySemiSupervisedEgt", neighbors, graph, options));
}

/**
 * {@link rerankBySemiSupervisedEgt} in worker threads or in slices; the same result, bit for bit.
 *
 * @param neighbors - As in {@link rerankBySemiSupervisedEgt}.
 * @param graph - As in {@link rerankBySemiSupervisedEgt}.
 * @param options - As in {@link rerankBySemiSupervisedEgt}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link rerankBySemiSupervisedEgt} throws, or with the reason of
 * the signal.
 */
export function rerankBySemiSupervisedEgtAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankBySemiSupervisedEgtOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankBySemiSupervisedEgtAsync",
    semiSupervisedEgt("rerankBySemiSupervisedEgtAsync", neighbors, graph, options),
    options,
  );
}

function* semiSupervisedEgt(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankBySemiSupervisedEgtOptions,
): Method<Neighbors> {
  const { k = neighbors.k, threshold = 0.42, neighborCount = Infinity, symmetrize = "max" } = options;
  const { weightDecimals, queryCount = neighbors.rows, compat = "paper", memoryLimit = Infinity } = options;
  requireExploration(caller, neighbors, graph, options);
  requireOneOf(caller, "compat", compat, ["paper", "egt-java"]);
  if (options.queryCount !== undefined) requirePositiveInteger(caller, "queryCount", queryCount);
  requireAtMost(caller, "queryCount", queryCount, neighbors.rows, "neighbors.rows");
  const edgeOptions = {
    neighborCount,
    symmetrize,
    weightDecimals,
    leastWeight: -Infinity,
    reachQueries: true,
  };
  requireEdgeCount(caller, neighbors, graph, edgeOptions);
  const bytes =
    edgeBytes(neighbors, graph, edgeOptions) + 9 * (graph.rows + neighbors.rows) + 8 * queryCount * k;
  requireMemory(caller, bytes, memoryLimit);

  const edges = createEdges(neighbors, graph, edgeOptions);
  const input = { ...edges, k, threshold, orderByNode: false };
  const task = compat === "paper" ? traversalTask : semiSupervisedTask;
  return joinNeighbors(yield* overRows(task, input, queryCount), k);
}
