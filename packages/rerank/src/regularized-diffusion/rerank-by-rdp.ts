// The published code iterates a dense matrix of all rows by all rows. As the iterates are polynomials of one symmetric
// sparse matrix, a query's row of the last one needs no more than products of that matrix with vectors. That code takes
// squared distances where the paper has distances (`distance`).
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { requirePool } from "../pool.ts";
import { joinNeighbors } from "../ranking.ts";
import { requireOneOf, requirePositiveInteger, requirePositiveNumber } from "../require.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { normalizedAffinities } from "./affinity.ts";
import { blockWidth, spreadTask } from "./spread.ts";

/** Options of {@link rerankByRdp}. */
export interface RerankByRdpOptions extends MemoryOptions {
  /**
   * Length of the lists that come back.
   *
   * @defaultValue `neighbors.k`
   */
  readonly k?: number;
  /**
   * How many of a row's nearest rows are its neighbors, the row itself counted; 2 or more.
   *
   * @defaultValue 30, as in jifeiluo/reranking
   */
  readonly neighborCount?: number;
  /**
   * Width of the kernel on distances divided by `largestDistance`; above 0.
   *
   * @defaultValue 0.5, as in jifeiluo/reranking
   */
  readonly sigma?: number;
  /**
   * Distance of two rows: the Euclidean one, as in the paper, or its square, as in jifeiluo/reranking.
   *
   * @defaultValue "euclidean"
   */
  readonly distance?: "euclidean" | "squared-euclidean";
  /**
   * What distances are divided by; above 0. jifeiluo/reranking takes the largest between any two rows of the pool.
   *
   * @defaultValue the largest that rows of length 1 can have: 2, or 4 if squared
   */
  readonly largestDistance?: number;
  /**
   * Weight of the regularizer, above 0: the larger, the less affinity spreads.
   *
   * @defaultValue 0.3, as in jifeiluo/reranking
   */
  readonly mu?: number;
  /**
   * Steps of the iteration.
   *
   * @defaultValue 20, as in jifeiluo/reranking
   */
  readonly iterations?: number;
}

/**
 * Ranks the database by the regularized diffusion process (RDP): affinities of pairs spread over the tensor product graph.
 *
 * ```text
 * W_ij = exp(-d_ij² / sigma²) for j in the first neighborCount of i, d_ij = distance / largestDistance
 * S    = D^-½ (W + Wᵀ)/2 D^-½                   D: sums of rows
 * A    ← alpha S A Sᵀ + (1 - alpha) I           alpha = 1 / (1 + mu), A = I at first, `iterations` times
 * ```
 *
 * Scores are `A(q, g)`, from 0. Every row is in its own list. Rows need not be in `neighbors` to be found; those of
 * `neighbors` that are not reached have score 0 and follow in their order.
 *
 * Memory: `72 P K` bytes for the affinities of a pool of `P` rows with lists of `K`, and per thread `128 P`. Time: for each
 * query `2 · iterations` products with at most `2 P K` affinities, eight queries at a time.
 *
 * @param neighbors - For each query its candidates in the database, best first.
 * @param graph - Nearest rows of every row of the pool, with cosines as scores: queries, then database; ids are rows of
 * the pool. Each lists at least `neighborCount - 1` rows beside itself, or all there are. A row may be in its own list or
 * not.
 * @param options - How far affinity spreads.
 * @returns The best `k` database rows of each query, newly allocated.
 * @throws RangeError if shapes do not fit, a number is not finite, a list names a row twice, an option is out of range,
 * a list is too short or the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankByRdp } from "@lmk/rerank";
 *
 * // A chain: query 0, then database rows 1, 2 and 3 of the pool. Row 3 is last, and not in the first list.
 * const graph = {
 *   ids: Int32Array.of(1, 2, 3, 2),
 *   scores: Float32Array.of(0.9, 0.9, 0.9, 0.9),
 *   rows: 4,
 *   k: 1,
 * };
 * const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.5), rows: 1, k: 2 };
 *
 * const found = rerankByRdp(neighbors, graph, { neighborCount: 2, k: 3 });
 * console.log([...found.ids]); // => [ 0, 1, 2 ]
 * ```
 *
 * @see {@link https://ojs.aaai.org/index.php/AAAI/article/view/11216 | Bai et al., Regularized Diffusion Process for Visual Retrieval, 2017}
 */
export function rerankByRdp(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByRdpOptions = {},
): Neighbors {
  return runMethod(rdp("rerankByRdp", neighbors, graph, options));
}

/**
 * {@link rerankByRdp} in worker threads or in slices; the same result, bit for bit.
 *
 * @param neighbors - As in {@link rerankByRdp}.
 * @param graph - As in {@link rerankByRdp}.
 * @param options - As in {@link rerankByRdp}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link rerankByRdp} throws, or with the reason of the signal.
 */
export function rerankByRdpAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByRdpOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync("rerankByRdpAsync", rdp("rerankByRdpAsync", neighbors, graph, options), options);
}

function* rdp(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByRdpOptions,
): Method<Neighbors> {
  const { k = neighbors.k, neighborCount = 30, distance = "euclidean", sigma = 0.5, mu = 0.3 } = options;
  const squared = distance === "squared-euclidean";
  const { largestDistance = squared ? 4 : 2, iterations = 20, memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "k", k);
  if (!Number.isInteger(neighborCount) || neighborCount < 2) {
    throw new RangeError(
      `${caller}: expected \`neighborCount\` to be an integer of at least 2, got ${neighborCount}`,
    );
  }
  requirePositiveNumber(caller, "sigma", sigma);
  requirePositiveNumber(caller, "largestDistance", largestDistance);
  requirePositiveNumber(caller, "mu", mu);
  requireOneOf(caller, "distance", distance, ["euclidean", "squared-euclidean"]);
  requirePositiveInteger(caller, "iterations", iterations);
  requirePool(caller, neighbors, graph, neighborCount - 1);
  const width = Math.min(neighborCount, graph.k + 1);
  const perThread = 16 * blockWidth * graph.rows;
  requireMemory(caller, 72 * graph.rows * width + perThread, memoryLimit);

  const affinities = normalizedAffinities(graph, {
    neighborCount,
    squared,
    divisor: (largestDistance * sigma) ** 2,
  });
  const input = { affinities, neighbors, k, alpha: 1 / (1 + mu), iterations };
  return joinNeighbors(yield* overRows(spreadTask, input, neighbors.rows), k);
}
