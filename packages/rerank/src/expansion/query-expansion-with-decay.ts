import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { type Method, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { requireExpansion, requireUnitRows } from "./require-expansion.ts";
import { weightedSums } from "./weighted-sum.ts";

/** Options of {@link expandQueriesWithDecay}. */
export interface ExpandQueriesWithDecayOptions {
  /**
   * Neighbors added to each query, 1 or more; of shorter lists, all.
   *
   * @defaultValue 8, as in jifeiluo/reranking
   */
  readonly neighborCount?: number;
}

/**
 * Expands each query by its neighbors, weighted by rank (AQE with decay), for a second search.
 *
 * ```text
 * q' = q + sum over j = 1 … n of  (n + 1 - j) / (n + 1) x_j,   then q' / |q'|
 * ```
 *
 * where `x_j` is the `j`-th neighbor and `n` is `neighborCount`. Fewer neighbors than asked for, in lists that are
 * shorter or end in -1, are fewer terms with unchanged weights. Neighbors that cancel their query out leave it as it was.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries, of length 1, newly allocated.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, or `neighborCount` is no
 * positive integer.
 *
 * @example
 * ```ts
 * import { expandQueriesWithDecay } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0), rows: 1, k: 1 };
 *
 * const expanded = expandQueriesWithDecay(queries, database, neighbors, { neighborCount: 1 });
 * console.log([...expanded.data].map((value) => value.toFixed(4))); // => [ '0.8944', '0.4472' ]
 * ```
 *
 * @see {@link https://link.springer.com/article/10.1007/s11263-017-1016-8 | Gordo et al., End-to-end Learning of Deep Visual Representations for Image Retrieval, 2017}
 */
export function expandQueriesWithDecay(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithDecayOptions = {},
): Matrix {
  return runMethod(expansionWithDecay("expandQueriesWithDecay", queries, database, neighbors, options));
}

/**
 * Expands queries as {@link expandQueriesWithDecay} does, the same bits, in worker threads.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries; rejects as {@link expandQueriesWithDecay} throws, or with the signal's reason.
 */
export function expandQueriesWithDecayAsync(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithDecayOptions & RunOptions = {},
): Promise<Matrix> {
  const caller = "expandQueriesWithDecayAsync";
  return runMethodAsync(caller, expansionWithDecay(caller, queries, database, neighbors, options), options);
}

function* expansionWithDecay(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithDecayOptions,
): Method<Matrix> {
  const { neighborCount = 8 } = options;
  requireExpansion(caller, queries, database, neighbors, neighborCount);
  const { ids, k } = neighbors;
  yield* requireUnitRows(caller, queries, database, [{ ids, k, count: neighborCount }]);
  const weights = { kind: "table", table: decayingWeights(1 + neighborCount), stride: 0 } as const;
  return yield* weightedSums({ queries, database, ids, k, count: neighborCount, weights, normalize: true });
}

/** From 1 in equal steps towards 0, which the weight after the last would be. */
export function decayingWeights(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, j) => (count - j) / count);
}
