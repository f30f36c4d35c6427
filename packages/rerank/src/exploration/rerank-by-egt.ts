// The published program returns lists without scores; the bottleneck weight is ours. Its graph is in a file with weights
// of three decimals (`weightDecimals`) and all but directed (`symmetrize`).
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { joinNeighbors } from "../ranking.ts";
import { requireOneOf } from "../require.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { createEdges, edgeBytes, requireEdgeCount } from "./edges.ts";
import { type ExplorationOptions, requireExploration } from "./exploration-options.ts";
import { traversalTask } from "./traversal.ts";

/** Options of {@link rerankByEgt}. */
export interface RerankByEgtOptions extends ExplorationOptions, MemoryOptions {
  /**
   * `"egt-jar"`: as the published program. `"landmark-2019"`: as the code of the 2019 challenge, which takes similarities
   * below 0 for 0, and of equal ones that of the row met first, even if it rose later.
   *
   * @defaultValue `"egt-jar"`
   */
  readonly compat?: "egt-jar" | "landmark-2019";
}

/**
 * Re-ranks by explore-exploit graph traversal (EGT): walks from the query along the strongest edges first.
 *
 * ```text
 * repeat until k rows are taken or no edge is left
 *   explore: put the edges of the rows taken in the last round into a heap
 *   exploit: take the row at the heaviest edge; go on while the heaviest edge left is above the threshold
 * ```
 *
 * A threshold of Infinity takes one row per round, which is Prim's algorithm. One of -Infinity goes breadth first. Edges
 * of equal weight are followed in the order in which they were found. Scores are the smallest weight that had to be
 * followed up to there; they do not rise, and with a threshold of Infinity they are those of the path to the row whose
 * weakest edge is strongest.
 *
 * Memory: `8 (Q k_q + N k_g) + 4 (N + Q)` bytes for edges, where `k_q` and `k_g` are the lengths of the lists that are
 * used; with reverse edges at most `32 (Q k_q + N k_g) + 32 (N + Q)`. Each thread takes `8 (N + Q) + 4 k` more, and 12
 * for each edge in the heap.
 *
 * @param neighbors - For each query the database rows that its edges lead to, best first; their scores are the weights.
 * @param graph - For each database row its nearest database rows. The row itself, wherever it stands, is left out.
 * @param options - When to stop and which edges there are.
 * @returns `k` rows per query in the order in which they were taken, newly allocated; -1 and -Infinity where the rows
 * that can be reached are fewer.
 * @throws RangeError if shapes do not fit, a score is not finite, an option is out of range, edges are 2^31 or more or
 * the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankByEgt } from "@lmk/rerank";
 *
 * // Row 2 is far from the query but near row 0.
 * const neighbors = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.75, 0.25), rows: 1, k: 2 };
 * const graph = { ids: Int32Array.of(2, 0, 0), scores: Float32Array.of(0.5, 0.125, 0.5), rows: 3, k: 1 };
 *
 * const found = rerankByEgt(neighbors, graph, { threshold: Infinity, k: 3 });
 * console.log([...found.ids], [...found.scores]); // => [ 0, 2, 1 ] [ 0.75, 0.5, 0.25 ]
 * ```
 *
 * @see {@link https://openaccess.thecvf.com/content_CVPR_2019/html/Chang_Explore-Exploit_Graph_Traversal_for_Image_Retrieval_CVPR_2019_paper.html | Chang et al., Explore-Exploit Graph Traversal for Image Retrieval, 2019}
 */
export function rerankByEgt(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByEgtOptions = {},
): Neighbors {
  return runMethod(egt("rerankByEgt", neighbors, graph, options));
}

/**
 * {@link rerankByEgt} in worker threads or in slices; the same result, bit for bit.
 *
 * @param neighbors - As in {@link rerankByEgt}.
 * @param graph - As in {@link rerankByEgt}.
 * @param options - As in {@link rerankByEgt}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link rerankByEgt} throws, or with the reason of the signal.
 */
export function rerankByEgtAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByEgtOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync("rerankByEgtAsync", egt("rerankByEgtAsync", neighbors, graph, options), options);
}

function* egt(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByEgtOptions,
): Method<Neighbors> {
  const { k = neighbors.k, threshold = 0.42, neighborCount = Infinity, symmetrize = "none" } = options;
  const { weightDecimals, compat = "egt-jar", memoryLimit = Infinity } = options;
  requireExploration(caller, neighbors, graph, options);
  requireOneOf(caller, "compat", compat, ["egt-jar", "landmark-2019"]);
  const ofLandmark = compat === "landmark-2019";
  const leastWeight = ofLandmark ? 0 : -Infinity;
  const edgeOptions = { neighborCount, symmetrize, weightDecimals, leastWeight, reachQueries: false };
  requireEdgeCount(caller, neighbors, graph, edgeOptions);
  const bytes =
    edgeBytes(neighbors, graph, edgeOptions) + 8 * (graph.rows + neighbors.rows) + 8 * neighbors.rows * k;
  requireMemory(caller, bytes, memoryLimit);

  const edges = createEdges(neighbors, graph, edgeOptions);
  const input = { ...edges, k, threshold, orderByNode: ofLandmark };
  return joinNeighbors(yield* overRows(traversalTask, input, neighbors.rows), k);
}
