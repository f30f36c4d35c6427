// Deviations from the 2019 winners' code (smlyaka/Landmark2019-1st-and-3rd-Place-Solution, src/reranking.py):
// that code slices the first rows of the neighbor table where its first columns are meant; this is what is meant.

import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { requireOneOf } from "../require.ts";
import { type Method, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { requireExpansion, requireExponent, requireUnitRows } from "./require-expansion.ts";
import { type SumWeights, weightedSums } from "./weighted-sum.ts";

/** Options of {@link expandQueries}. */
export interface ExpandQueriesOptions {
  /**
   * Neighbors added to each query, 1 or more; of shorter lists, all.
   *
   * @defaultValue 10, the 2019 landmark retrieval winners' number
   */
  readonly neighborCount?: number;
  /**
   * Exponent on the similarity that weighs each neighbor, 0 or more; 0 weighs all alike.
   *
   * @defaultValue 3, as in the paper
   */
  readonly alpha?: number;
  /**
   * What happens with neighbors of negative similarity: `"keep"` raises the negative number to `alpha`, which must
   * then be an integer and, if odd, pushes the query away from them; `"clamp"` leaves them out.
   *
   * @defaultValue "keep", as published code does
   */
  readonly negative?: "keep" | "clamp";
  /**
   * Whether the query itself belongs to the sum, with weight 1. Set it to false where the neighbors were searched in
   * a pool that holds the queries, so that each query is its own first neighbor already.
   *
   * @defaultValue true
   */
  readonly includeQuery?: boolean;
}

/**
 * Expands each query by its neighbors, weighted by a power of their similarity (αQE), for a second search.
 *
 * ```text
 * q' = q + sum over the first n neighbors x of  s(q, x)^alpha x,   then q' / |q'|,   s(q, x) = q · x
 * ```
 *
 * With `alpha: 0` this is average query expansion (AQE). Similarities are computed from the rows, so neighbors may
 * come from any search and any metric; their scores are not read. Fewer neighbors than asked for, in lists that are
 * shorter or end in -1, are simply fewer terms. Neighbors that cancel their query out leave it as it was.
 *
 * {@link augmentDatabase} does the same to the rows of a database (DBA). Where both are wanted, published code
 * (jifeiluo/reranking) takes the neighbors of the queries from a search in the database **as it was**, and only the
 * second search is in the augmented one: pass the original database here. Passing the augmented database, with
 * neighbors searched in it, gives another method.
 *
 * The 2019 winners' code takes the neighbors of queries and of index images from both together, each image its own first
 * one: put the rows below one another as `database`, search them in it, and set `includeQuery` to false.
 *
 * The Python program beside the EGT paper (layer6ai-labs/EGT) does this with `alpha: 0`; for a database it counts each
 * row twice, which is this function with the database as queries and a graph whose lists begin with the row itself.
 *
 * Memory: one byte per database row and `8 columns` bytes besides the result.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries, of length 1, newly allocated.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, `neighborCount` is no positive
 * integer, or `alpha` is negative, or a fraction while `negative` is `"keep"`.
 *
 * @example
 * ```ts
 * import { expandQueries } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1, 0.6, 0.8), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0), rows: 1, k: 2 };
 *
 * const expanded = expandQueries(queries, database, neighbors, { neighborCount: 1, alpha: 1 });
 * console.log([...expanded.data].map((value) => value.toFixed(4))); // => [ '0.9430', '0.3328' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1711.02512 | Radenović et al., Fine-tuning CNN Image Retrieval with No Human Annotation, 2018}
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function expandQueries(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesOptions = {},
): Matrix {
  return runMethod(alphaExpansion("expandQueries", queries, database, neighbors, options));
}

/**
 * Expands queries as {@link expandQueries} does, the same bits, in worker threads.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries; rejects as {@link expandQueries} throws, or with the signal's reason.
 */
export function expandQueriesAsync(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesOptions & RunOptions = {},
): Promise<Matrix> {
  return runMethodAsync(
    "expandQueriesAsync",
    alphaExpansion("expandQueriesAsync", queries, database, neighbors, options),
    options,
  );
}

function* alphaExpansion(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesOptions,
): Method<Matrix> {
  const { neighborCount = 10, alpha = 3, negative = "keep", includeQuery = true } = options;
  requireExpansion(caller, queries, database, neighbors, neighborCount);
  requireOneOf(caller, "negative", negative, ["keep", "clamp"]);
  requireExponent(caller, alpha, negative);
  const { ids, k } = neighbors;
  const count = Math.min(neighborCount, k);
  yield* requireUnitRows(caller, queries, database, [{ ids, k, count }]);
  const ownWeight = includeQuery ? 1 : 0;
  const clamp = negative === "clamp";
  const weights: SumWeights =
    alpha === 0 && !clamp
      ? { kind: "table", table: new Float64Array(1 + count).fill(1).fill(ownWeight, 0, 1), stride: 0 }
      : { kind: "power", ownWeight, alpha, saturation: 1, clamp };
  return yield* weightedSums({ queries, database, ids, k, count, weights, normalize: true });
}
