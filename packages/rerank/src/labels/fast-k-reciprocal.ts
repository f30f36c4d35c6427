// Deviations from the second place of 2021 (WesleyZhang1991/Google_Landmark_Retrieval_2021_2nd_Place_Solution,
// kr_rerank_fast): float32 products and float64 sums where that code has half precision on a GPU; ties by row number;
// with fewer than 30 references all are used, where that code fails.

import { requireUsedRows } from "../expansion/require-expansion.ts";
import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { selfFirstLists } from "../pool.ts";
import { innerProducts } from "../products/inner-products.ts";
import { emptyNeighbors, joinNeighbors, writeBest } from "../ranking.ts";
import { requireMatrix, requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { dot } from "../vectors.ts";
import { localJaccard } from "./local-jaccard.ts";

/** Options of {@link rerankByFastKReciprocal}. */
export interface RerankByFastKReciprocalOptions extends MemoryOptions {
  /**
   * Neighbors of a query, and of each of them, that form the set which is encoded (for a reference, itself and one
   * fewer others); 1 or more. What lists lack is done without.
   *
   * @defaultValue 30, the number of the second place of 2021
   */
  readonly expansionCount?: number;
  /**
   * Neighbors within the set that must be mutual (`k1`), 1 or more.
   *
   * @defaultValue 10, the number of the second place of 2021
   */
  readonly reciprocalCount?: number;
  /**
   * Encodings that are averaged (`k2`), the own one among them, 1 or more.
   *
   * @defaultValue 3, the number of the second place of 2021
   */
  readonly averageCount?: number;
  /**
   * Share of the original distance, from 0 to 1.
   *
   * @defaultValue 0.5, the number of the second place of 2021
   */
  readonly lambda?: number;
}

interface FastInput {
  readonly queries: Float32Array;
  readonly references: Float32Array;
  readonly columns: number;
  readonly ids: Int32Array;
  readonly k: number;
  readonly lists: Int32Array;
  readonly expansionCount: number;
  readonly reciprocalCount: number;
  readonly averageCount: number;
  readonly lambda: number;
}

export const fastKReciprocalTask: RowTask<FastInput, Neighbors> = {
  name: "encode local neighbors",
  run: rankRows,
};

/**
 * Re-ranks references by k-reciprocal encoding within the neighborhood of each query alone, which needs neither all
 * queries nor all references at once (the fast form of the second place of 2021, for the votes of its landmark and
 * country tags).
 *
 * ```text
 * U     = the query's first n references and the first n of each of them,   n = expansionCount
 * d     = (1 - cos) / 2
 * score = 1 - lambda d(q, x) - (1 - lambda) J(q, x),   J = Jaccard distance of the encodings within U, 1 outside U
 * ```
 *
 * Encodings are those of Zhong et al. with weights `exp(-d)`, without their scaling of distances. Every member of `U`
 * and of the query's list is a candidate; the best `neighbors.k` come back, with scores from 0 to 1. As long as
 * `neighbors.k` is at most `expansionCount` these are the best of all references.
 *
 * Time per query: about `m² columns` multiplications, `m <= 1 + n²` the size of `U` and the query. Memory:
 * `4 m (m + columns + 8 reciprocalCount)` bytes per thread and `4 n + 1` bytes per reference besides the result;
 * `memoryLimit` counts one thread.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param references - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its nearest references, best first; scores are not read.
 * @param graph - For each reference its nearest references, best first; only lists of rows that `neighbors` holds are
 * read.
 * @returns Lists of `neighbors.k`, newly allocated: the highest score first, of equal ones the smaller id.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, an option is out of range,
 * or the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankByFastKReciprocal } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const references = { data: Float32Array.of(0.8, 0.6, 0.6, -0.8), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.8, 0.6), rows: 1, k: 2 };
 * const graph = { ids: Int32Array.of(0, 1), scores: Float32Array.of(1, 1), rows: 2, k: 1 };
 *
 * const { ids, scores } = rerankByFastKReciprocal(queries, references, neighbors, graph);
 * console.log([...ids], scores[0].toFixed(3)); // => [ 0, 1 ] 0.950
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al., 2nd Place Solution to Google Landmark Retrieval 2021}
 * @see {@link https://arxiv.org/abs/1701.08398 | Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, 2017}
 */
export function rerankByFastKReciprocal(
  queries: Matrix,
  references: Matrix,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByFastKReciprocalOptions = {},
): Neighbors {
  return runMethod(
    fastKReciprocal("rerankByFastKReciprocal", queries, references, neighbors, graph, options),
  );
}

/**
 * Re-ranks as {@link rerankByFastKReciprocal} does, the same bits, in worker threads.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param references - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its nearest references, best first.
 * @param graph - For each reference its nearest references, best first.
 * @returns The lists; rejects as {@link rerankByFastKReciprocal} throws, or with the signal's reason.
 */
export function rerankByFastKReciprocalAsync(
  queries: Matrix,
  references: Matrix,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByFastKReciprocalOptions & RunOptions = {},
): Promise<Neighbors> {
  const caller = "rerankByFastKReciprocalAsync";
  return runMethodAsync(
    caller,
    fastKReciprocal(caller, queries, references, neighbors, graph, options),
    options,
  );
}

function* fastKReciprocal(
  caller: string,
  queries: Matrix,
  references: Matrix,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByFastKReciprocalOptions,
): Method<Neighbors> {
  const {
    expansionCount = 30,
    reciprocalCount = 10,
    averageCount = 3,
    lambda = 0.5,
    memoryLimit = Infinity,
  } = options;
  requireMatrix(caller, "queries", queries);
  requireMatrix(caller, "references", references);
  if (queries.columns !== references.columns) {
    throw new RangeError(
      `${caller}: expected \`references\` to have ${queries.columns} columns like \`queries\`, got ${references.columns}`,
    );
  }
  requireNeighbors(caller, neighbors, references.rows);
  requireRows(caller, "neighbors", neighbors.rows, queries.rows);
  requireNeighbors(caller, graph, references.rows, "graph");
  requireRows(caller, "graph", graph.rows, references.rows);
  requirePositiveInteger(caller, "expansionCount", expansionCount);
  requirePositiveInteger(caller, "reciprocalCount", reciprocalCount);
  requirePositiveInteger(caller, "averageCount", averageCount);
  if (!(lambda >= 0 && lambda <= 1)) {
    throw new RangeError(`${caller}: expected \`lambda\` to be from 0 to 1, got ${lambda}`);
  }
  const most = 1 + Math.min(references.rows, expansionCount * Math.min(expansionCount, neighbors.k));
  const perThread = 4 * most * (most + queries.columns + 8 * reciprocalCount);
  requireMemory(caller, perThread + references.rows * (4 * expansionCount + 1), memoryLimit);
  const lists = selfFirstLists(graph, expansionCount - 1);
  yield* requireUsedRows(caller, "queries", queries, new Uint8Array(queries.rows).fill(1));
  const used = usedReferences(references.rows, neighbors.ids, lists, expansionCount);
  yield* requireUsedRows(caller, "references", references, used);
  const input = {
    queries: queries.data,
    references: references.data,
    columns: queries.columns,
    ids: neighbors.ids,
    k: neighbors.k,
    lists,
    expansionCount,
    reciprocalCount,
    averageCount,
    lambda,
  };
  const parts = yield* overRows(fastKReciprocalTask, input, queries.rows);
  return joinNeighbors(parts, neighbors.k);
}

/** Marks the references that are compared: those found and those in their lists. */
function usedReferences(rows: number, ids: Int32Array, lists: Int32Array, length: number): Uint8Array {
  const used = new Uint8Array(rows);
  for (const id of ids) {
    if (id < 0) continue;
    for (let at = id * length; at < (id + 1) * length; at++) if (lists[at]! >= 0) used[lists[at]!] = 1;
  }
  return used;
}

function rankRows(input: FastInput, first: number, end: number): Neighbors {
  const { queries, references, columns, k, expansionCount, lambda } = input;
  const result = emptyNeighbors(end - first, k);
  for (let row = first; row < end; row++) {
    const list = input.ids.subarray(row * k, (row + 1) * k).filter((id) => id >= 0);
    const inSet = localSet(list.subarray(0, expansionCount), input.lists, expansionCount);
    const outside = list.filter((id) => !inSet.includes(id));
    const ids = new Int32Array(inSet.length + outside.length);
    ids.set(inSet);
    ids.set(outside, inSet.length);
    const count = 1 + inSet.length;
    const members = gatherMembers(input, row, inSet);
    const products = innerProducts(members, members);
    const jaccard = localJaccard(products, count, input.reciprocalCount, input.averageCount);
    const scores = new Float64Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const local = i < inSet.length;
      const cosine = local
        ? products[1 + i]!
        : dot(queries, row * columns, references, ids[i]! * columns, columns);
      const distance = local ? jaccard[1 + i]! : 1;
      scores[i] = 1 - (lambda * (1 - cosine)) / 2 - (1 - lambda) * distance;
    }
    writeBest(result, row - first, ids, scores, ids.length);
  }
  return result;
}

/** The given references and the first of each of their lists, each once, ascending. */
function localSet(list: Int32Array, lists: Int32Array, length: number): Int32Array {
  const found = new Set<number>();
  for (const id of list) {
    for (let at = id * length; at < (id + 1) * length; at++) if (lists[at]! >= 0) found.add(lists[at]!);
  }
  return Int32Array.from(found).sort();
}

/** The query and then the references. */
function gatherMembers(input: FastInput, row: number, ids: Int32Array): Matrix {
  const { queries, references, columns } = input;
  const data = new Float32Array((1 + ids.length) * columns);
  data.set(queries.subarray(row * columns, (row + 1) * columns));
  for (let i = 0; i < ids.length; i++) {
    data.set(references.subarray(ids[i]! * columns, (ids[i]! + 1) * columns), (1 + i) * columns);
  }
  return { data, rows: 1 + ids.length, columns };
}
