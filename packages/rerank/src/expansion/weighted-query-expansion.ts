import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { requireFiniteNumber } from "../require.ts";
import { type Method, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { givenWeights, type NeighborWeights, requireGivenWeights, weightCount } from "./given-weights.ts";
import { requireExpansion, requireUnitRows } from "./require-expansion.ts";
import { weightedSums } from "./weighted-sum.ts";

/** Options of {@link expandQueriesWithWeights}. */
export interface ExpandQueriesWithWeightsOptions {
  /**
   * The weight of each neighbor: one number per place in the list, or a function of the place, from 0, and of the
   * similarity to the query. Finite; negative weights push the query away.
   */
  readonly weights: NeighborWeights;
  /**
   * Neighbors added to each query, 1 or more; of shorter lists, all.
   *
   * @defaultValue as many as there are `weights`; `neighbors.k` where they are a function
   */
  readonly neighborCount?: number;
  /**
   * Weight of the query itself.
   *
   * @defaultValue 1
   */
  readonly ownWeight?: number;
  /**
   * Whether sums are scaled to length 1.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
}

/**
 * Expands each query by its neighbors, with weights of the caller's choice, for a second search.
 *
 * ```text
 * q' = ownWeight q + sum over j = 0 … n - 1 of  w_j x_j,   then q' / |q'|
 * ```
 *
 * The place `j` counts all entries of a list; an entry of -1, or one that a shorter list
 * lacks, is a missing term. Neighbors that cancel their query out
 * leave it as it was, unless `normalize` is false.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first; scores are not read.
 * @returns The expanded queries, newly allocated.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, a weight is not finite, or
 * `neighborCount` is more than there are weights.
 *
 * @example
 * ```ts
 * import { expandQueriesWithWeights } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1, 0.6, 0.8), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0), rows: 1, k: 2 };
 *
 * const { data } = expandQueriesWithWeights(queries, database, neighbors, {
 *   weights: (rank, similarity) => (similarity > 0.5 ? 0.5 : 0),
 * });
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.9558', '0.2941' ]
 * ```
 */
export function expandQueriesWithWeights(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithWeightsOptions,
): Matrix {
  return runMethod(weightedExpansion("expandQueriesWithWeights", queries, database, neighbors, options));
}

/**
 * Expands queries as {@link expandQueriesWithWeights} does, the same bits, in worker threads. A function of weights is
 * called on the calling thread.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries; rejects as {@link expandQueriesWithWeights} throws, or with the signal's reason.
 */
export function expandQueriesWithWeightsAsync(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithWeightsOptions & RunOptions,
): Promise<Matrix> {
  const caller = "expandQueriesWithWeightsAsync";
  return runMethodAsync(caller, weightedExpansion(caller, queries, database, neighbors, options), options);
}

function* weightedExpansion(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesWithWeightsOptions,
): Method<Matrix> {
  const { weights, ownWeight = 1, normalize = true } = options;
  const { neighborCount = weightCount(weights, neighbors.k) } = options;
  requireExpansion(caller, queries, database, neighbors, neighborCount);
  requireGivenWeights(caller, weights, neighborCount);
  requireFiniteNumber(caller, "ownWeight", ownWeight);
  const { ids, k } = neighbors;
  yield* requireUnitRows(caller, queries, database, [{ ids, k, count: neighborCount }]);
  const given = yield* givenWeights(caller, queries, database, neighbors, neighborCount, ownWeight, weights);
  return yield* weightedSums({ queries, database, ids, k, count: neighborCount, weights: given, normalize });
}
