// The paper adds the neighbors, the row itself among them, to each row; the authors' fast program (layumi) gives the
// row weight 1 once and mixes the cosine in at the end; jifeiluo's does as the paper and mixes nothing in. Halving the
// sum of matrix and transposed, as jifeiluo does, changes nothing: rows are scaled to length 1 afterwards.
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { requirePool, selfFirstLists, selfFirstScores } from "../pool.ts";
import { power } from "../power.ts";
import { joinNeighbors } from "../ranking.ts";
import { requireOneOf, requirePositiveInteger, requireShare, requireWithin } from "../require.ts";
import { joinSparseRows, type SparseRows, transposeSparseRows } from "../sparse-rows.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { mostPropagatedEntries, propagateTask } from "./propagate.ts";
import { rankCandidatesTask } from "./rank-candidates.ts";
import { listingsOf, scorePropagatedTask } from "./score-propagated.ts";

/** Options of {@link rerankByGnn}. */
export interface RerankByGnnOptions extends MemoryOptions {
  /**
   * Nearest rows that make the first feature of a row, the row itself counted.
   *
   * @defaultValue 26, the authors' number for Market-1501
   */
  readonly k1?: number;
  /**
   * Nearest rows that are summed in a layer, the row itself counted; 1 does without layers.
   *
   * @defaultValue 7, the authors' number for Market-1501
   */
  readonly k2?: number;
  /**
   * Exponent on the similarity that weighs each neighbor, 0 or more; a fraction needs similarities of at least 0.
   *
   * @defaultValue 2, as in the paper
   */
  readonly alpha?: number;
  /**
   * How often neighbors are summed.
   *
   * @defaultValue 2, as in the paper
   */
  readonly layers?: number;
  /**
   * Share of the cosine in the result, from 0 to 1.
   *
   * @defaultValue 0.3 where `compat` is "layumi", else 0: what the programs do
   */
  readonly lambda?: number;
  /**
   * Whose layers: `"layumi"` gives a row weight 1 in its own sum, `"jifeiluo"` weight 2, as the paper's formula does
   * where a row is its own neighbor.
   *
   * @defaultValue "layumi", the authors' program
   */
  readonly compat?: "layumi" | "jifeiluo";
}

/**
 * Re-ranks by a graph neural network without weights to learn: rows are described by whom they list, and take over what
 * describes their neighbors.
 *
 * ```text
 * A(i, j) = 1 where j is among the first k1 of i, else 0
 * layer:    B = A + A',  A(i) = sum over the first k2 rows r of i of  s(i, r)^alpha B(r),  then A(i) / |A(i)|
 * score   = (1 - lambda) A(q) · A(g) + lambda s(q, g)
 * ```
 *
 * `A'` is A transposed, `s` the cosine, and the row itself stands first in its own list, with weight 1, or 2
 * (`compat`). Only the candidates in `neighbors` are scored. Each row of `graph` must list at least
 * `max(k1, k2) - 1` rows beside itself, or all there are.
 *
 * With `P` rows in the pool it takes about `8 P (max(k1, k2) + k2 + 3) + 24 a + 36 b` bytes, where `a` and `b` count the
 * entries of A before and after a layer: `k1 P` at first, then a few hundred a row. Of the last layer, whose rows have
 * thousands, only those of the queries are kept. The limit is held against a `b` without overlap of the summed rows,
 * several times the real one.
 * Threads hold their inputs once more.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool, with cosines as scores: queries, then database; ids are rows of
 * the pool. A row may be in its own list or not.
 * @returns The same candidates, best first; empty places (-1) are last.
 * @throws RangeError if shapes do not fit, a number is not finite, a list names a row twice, an option is out of range
 * or a list is too short.
 *
 * @example
 * ```ts
 * import { rerankByGnn } from "@lmk/rerank";
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
 *
 * const result = rerankByGnn(neighbors, graph, { k1: 3, k2: 3 });
 * console.log(result.ids.join(" "), result.scores[0].toFixed(4)); // => 1 0 2 3 0.9244
 * ```
 *
 * @see {@link https://arxiv.org/abs/2012.07620 | Zhang et al., Understanding Image Retrieval Re-Ranking: A Graph Neural Network Perspective, 2020}
 */
export function rerankByGnn(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByGnnOptions = {},
): Neighbors {
  return runMethod(gnn("rerankByGnn", neighbors, graph, options));
}

/**
 * {@link rerankByGnn} without blocking the calling thread; the same result, bit for bit.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool.
 * @returns The same candidates, best first. Rejects where {@link rerankByGnn} throws.
 */
export function rerankByGnnAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByGnnOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync("rerankByGnnAsync", gnn("rerankByGnnAsync", neighbors, graph, options), options);
}

function* gnn(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByGnnOptions,
): Method<Neighbors> {
  const { k1 = 26, k2 = 7, alpha = 2, layers = 2, compat = "layumi" } = options;
  const { lambda = compat === "layumi" ? 0.3 : 0, memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "k1", k1);
  requirePositiveInteger(caller, "k2", k2);
  requirePool(caller, neighbors, graph, Math.max(k1, k2) - 1);
  requireWithin(caller, "alpha", alpha, 0, Infinity);
  requirePositiveInteger(caller, "layers", layers);
  requireShare(caller, "lambda", lambda);
  requireOneOf(caller, "compat", compat, ["layumi", "jifeiluo"]);

  const poolRows = graph.rows;
  const stride = Math.max(1, Math.min(poolRows, Math.max(k1, k2)));
  const count = Math.min(k2, stride);
  const fixedBytes = 8 * poolRows * (stride + count + 3);
  requireMemory(caller, fixedBytes, memoryLimit);
  const lists = selfFirstLists(graph, stride - 1);
  const weights = layerWeights(caller, graph, stride, count, alpha, compat === "layumi" ? 1 : 2);
  const everyRow = new Uint8Array(poolRows).fill(1);
  const isPlain = k2 === 1;

  let matrix = firstFeatures(lists, poolRows, stride, Math.min(k1, stride));
  let transposed = transposeSparseRows(matrix, poolRows);
  for (let layer = 1; layer < layers && !isPlain; layer++) {
    const input = { matrix, transposed, lists, stride, count, weights, marked: everyRow };
    const most = 24 * matrix.columns.length + 36 * mostPropagatedEntries(input);
    requireMemory(caller, fixedBytes + most, memoryLimit);
    matrix = joinSparseRows(yield* overRows(propagateTask, input, poolRows));
    transposed = transposeSparseRows(matrix, poolRows);
  }

  // The last layer of the queries is kept; that of the candidates is made row by row, as it is much larger.
  const queries = neighbors.rows;
  const propagation = { matrix, transposed, lists, stride, count, weights };
  const marked = new Uint8Array(poolRows).fill(1, 0, queries);
  const most = 24 * matrix.columns.length + 24 * mostPropagatedEntries({ ...propagation, marked });
  requireMemory(caller, fixedBytes + most + 16 * queries * neighbors.k, memoryLimit);
  const features = isPlain
    ? matrix
    : joinSparseRows(yield* overRows(propagateTask, { ...propagation, marked }, queries));
  const listings = listingsOf(neighbors, poolRows - queries);
  const scoring = { ...propagation, listings, features, poolRows, queries, k: neighbors.k, isPlain };
  const products = new Float64Array(queries * neighbors.k);
  let at = 0;
  for (const part of yield* overRows(scorePropagatedTask, scoring, listings.ids.length)) {
    for (let i = 0; i < part.length; i++) products[listings.places[at++]!] = part[i]!;
  }
  const ranking = { neighbors, products, lambda };
  return joinNeighbors(yield* overRows(rankCandidatesTask, ranking, queries), neighbors.k);
}

/** Ones for the first `width` entries of each list. */
function firstFeatures(lists: Int32Array, rows: number, stride: number, width: number): SparseRows {
  const starts = new Uint32Array(rows + 1);
  const columns = new Int32Array(rows * width);
  let used = 0;
  for (let row = 0; row < rows; row++) {
    for (let place = 0; place < width; place++) {
      columns[used++] = lists[row * stride + place];
    }
    starts[row + 1] = used;
  }
  return { starts, columns, values: new Float64Array(used).fill(1) };
}

function layerWeights(
  caller: string,
  graph: Neighbors,
  stride: number,
  count: number,
  alpha: number,
  ownWeight: number,
): Float64Array {
  const similarities = selfFirstScores(graph, stride - 1);
  const weights = new Float64Array(graph.rows * count);
  for (let row = 0; row < graph.rows; row++) {
    weights[row * count] = ownWeight;
    for (let place = 1; place < count; place++) {
      const similarity = similarities[row * stride + place];
      if (similarity < 0 && !Number.isInteger(alpha)) {
        throw new RangeError(
          `${caller}: expected \`alpha\` to be an integer where similarities are negative, got ${alpha} and ${similarity} for row ${row}`,
        );
      }
      weights[row * count + place] = power(similarity, alpha);
    }
  }
  return weights;
}
