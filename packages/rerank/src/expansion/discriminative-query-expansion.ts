// Deviations from jifeiluo/reranking: negatives are the last of the lists given, not of all rows of the database
// (`negatives` takes those of another search); where no plane separates, that code gives whatever its solver stopped at.

import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { dot } from "../vectors.ts";
import { requireExpansion, requireUnitRows } from "./require-expansion.ts";
import { solveSupportVectors } from "./support-vectors.ts";
import { joinRows } from "./weighted-sum.ts";

/** Options of {@link expandQueriesDiscriminatively}. */
export interface ExpandQueriesDiscriminativelyOptions {
  /**
   * Neighbors that count as positives beside the query, 1 or more; of shorter lists, all.
   *
   * @defaultValue 20, as in jifeiluo/reranking
   */
  readonly neighborCount?: number;
  /**
   * Rows that count as negatives, 1 or more; where a list has fewer, all it has.
   *
   * @defaultValue 20, as in jifeiluo/reranking
   */
  readonly negativeCount?: number;
  /**
   * For each query the rows to take negatives from, the first of each list.
   *
   * @defaultValue the last `negativeCount` of each list of `neighbors`, of those after its positives: lists must then be
   * longer than `neighborCount`
   */
  readonly negatives?: Neighbors;
  /**
   * Price of a row on the wrong side of the margin, above 0. Infinity asks for a hard margin.
   *
   * @defaultValue Infinity, as in jifeiluo/reranking
   */
  readonly c?: number;
}

/** What {@link expandQueriesDiscriminatively} gives back. */
export interface DiscriminativeExpansion extends Matrix {
  /** Rows of queries that were left as they were, ascending. */
  readonly unsolved: Int32Array;
}

/** A sum shorter than this, for multipliers that sum to 1, has no direction. */
const shortest = 1e-9;

interface DiscriminativeInput {
  readonly queries: Float32Array;
  readonly database: Float32Array;
  readonly columns: number;
  readonly positives: Int32Array;
  readonly neighborCount: number;
  readonly negatives: Int32Array;
  readonly negativeCount: number;
  readonly c: number;
}

export const discriminativeTask: RowTask<
  DiscriminativeInput,
  { readonly data: Float32Array; readonly unsolved: readonly number[] }
> = { name: "separate positives and negatives", run: expandRows };

/**
 * Replaces each query by the normal of the plane that separates it and its first neighbors from negatives (DQE).
 *
 * ```text
 * q' = sum over i of  a_i y_i x_i,   then q' / |q'|
 * ```
 *
 * where `x` are the query and its positives (`y = 1`) and the negatives (`y = -1`), and `a` solves the dual of a linear
 * support vector machine with a bias, to 1e-10 in its optimality conditions.
 *
 * Negatives should be far away: `neighbors` of a search with large `k`, or `negatives` from a search with the queries
 * negated. With the default hard margin a query without negatives, or one whose positives and negatives no plane
 * separates by 0.0022 on each side (so also one with a row on both sides), stays as it was and is listed in
 * `unsolved`; a finite `c` solves the second kind, unless its rows cancel out.
 *
 * The same function augments a database: give it as queries, with its own graph. A row that is its own neighbor counts
 * as one positive.
 *
 * Time per query: `(neighborCount + negativeCount)² columns / 2` multiplications, and some hundred steps of the solver.
 * Memory: `4 (neighborCount + negativeCount)` bytes per query besides the result.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first; scores are not read.
 * @returns The expanded queries, of length 1, newly allocated, and which were not expanded.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, an option is out of range, or
 * `neighbors` leave no negatives and none are given.
 *
 * @example
 * ```ts
 * import { expandQueriesDiscriminatively } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0.8, 0.6, -0.6, 0.8), rows: 2, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.8, -0.6), rows: 1, k: 2 };
 *
 * const options = { neighborCount: 1, negativeCount: 1 };
 * const { data, unsolved } = expandQueriesDiscriminatively(queries, database, neighbors, options);
 * console.log([...data].map((value) => value.toFixed(4)), unsolved.length); // => [ '0.9899', '-0.1414' ] 0
 * ```
 *
 * @see {@link https://www.robots.ox.ac.uk/~vgg/publications/2012/Arandjelovic12/ | Arandjelović and Zisserman, Three things everyone should know to improve object retrieval, 2012}
 */
export function expandQueriesDiscriminatively(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesDiscriminativelyOptions = {},
): DiscriminativeExpansion {
  const caller = "expandQueriesDiscriminatively";
  return runMethod(discriminativeExpansion(caller, queries, database, neighbors, options));
}

/**
 * Expands queries as {@link expandQueriesDiscriminatively} does, the same bits, in worker threads.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @returns The expanded queries; rejects as {@link expandQueriesDiscriminatively} throws, or with the signal's reason.
 */
export function expandQueriesDiscriminativelyAsync(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesDiscriminativelyOptions & RunOptions = {},
): Promise<DiscriminativeExpansion> {
  const caller = "expandQueriesDiscriminativelyAsync";
  return runMethodAsync(
    caller,
    discriminativeExpansion(caller, queries, database, neighbors, options),
    options,
  );
}

function* discriminativeExpansion(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: ExpandQueriesDiscriminativelyOptions,
): Method<DiscriminativeExpansion> {
  const { neighborCount = 20, negativeCount = 20, negatives, c = Infinity } = options;
  requireExpansion(caller, queries, database, neighbors, neighborCount);
  const positiveCount = Math.min(neighborCount, neighbors.k);
  requirePositiveInteger(caller, "negativeCount", negativeCount);
  if (negatives !== undefined) {
    requireNeighbors(caller, negatives, database.rows, "negatives");
    requireRows(caller, "negatives", negatives.rows, queries.rows);
  }
  if (negatives === undefined && neighbors.k <= neighborCount) {
    throw new RangeError(
      `${caller}: expected \`neighbors.k\` to be above \`neighborCount\` = ${neighborCount} where no \`negatives\` are given, got ${neighbors.k}`,
    );
  }
  if (!(c > 0)) throw new RangeError(`${caller}: expected \`c\` to be above 0, got ${c}`);
  const lists = listsOf(neighbors, positiveCount, negativeCount, negatives);
  yield* requireUnitRows(caller, queries, database, [
    { ids: lists.positives, k: positiveCount, count: positiveCount },
    { ids: lists.negatives, k: negativeCount, count: negativeCount },
  ]);
  const { rows, columns } = queries;
  const input = { ...lists, queries: queries.data, database: database.data, columns };
  const parts = yield* overRows(
    discriminativeTask,
    { ...input, neighborCount: positiveCount, negativeCount, c },
    rows,
  );
  const data = joinRows(
    parts.map((part) => part.data),
    rows * columns,
  );
  return { data, rows, columns, unsolved: Int32Array.from(parts.flatMap((part) => part.unsolved)) };
}

/** The ids of both sides of each query, -1 where there are fewer. */
function listsOf(
  neighbors: Neighbors,
  neighborCount: number,
  negativeCount: number,
  given: Neighbors | undefined,
): { readonly positives: Int32Array; readonly negatives: Int32Array } {
  const { ids, rows, k } = neighbors;
  const positives = new Int32Array(rows * neighborCount);
  const negatives = new Int32Array(rows * negativeCount).fill(-1);
  for (let row = 0; row < rows; row++) {
    const list = ids.subarray(row * k, (row + 1) * k);
    positives.set(list.subarray(0, neighborCount), row * neighborCount);
    const others =
      given === undefined
        ? list.subarray(neighborCount).filter((id) => id >= 0)
        : given.ids.subarray(row * given.k, (row + 1) * given.k).filter((id) => id >= 0);
    const chosen = given === undefined ? others.slice(-negativeCount) : others.slice(0, negativeCount);
    negatives.set(chosen, row * negativeCount);
  }
  return { positives, negatives };
}

function expandRows(
  input: DiscriminativeInput,
  first: number,
  end: number,
): { readonly data: Float32Array; readonly unsolved: readonly number[] } {
  const { queries, columns, neighborCount, negativeCount, c } = input;
  const data = new Float32Array((end - first) * columns);
  const unsolved: number[] = [];
  const most = 1 + neighborCount + negativeCount;
  const rows = new Float32Array(most * columns);
  const signs = new Int8Array(most);
  const products = new Float64Array(most * most);
  const sum = new Float64Array(columns);
  for (let row = first; row < end; row++) {
    const count = gatherRows(input, row, rows, signs);
    const multipliers =
      signs[count - 1] === -1
        ? solveSupportVectors(writeProducts(products, rows, count, columns), signs, count, c)
        : undefined;
    sum.fill(0);
    let total = 0;
    if (multipliers !== undefined) {
      for (let i = 0; i < count; i++) {
        const share = multipliers[i]! * signs[i]!;
        total += multipliers[i]!;
        if (share !== 0) for (let j = 0; j < columns; j++) sum[j]! += share * rows[i * columns + j]!;
      }
    }
    const length = Math.sqrt(dot(sum, 0, sum, 0, columns));
    const target = (row - first) * columns;
    if (length > shortest * total) for (let j = 0; j < columns; j++) data[target + j] = sum[j]! / length;
    else {
      data.set(queries.subarray(row * columns, (row + 1) * columns), target);
      unsolved.push(row);
    }
  }
  return { data, unsolved };
}

/** Copies a query, its positives and its negatives below one another, with their signs; gives their number. */
function gatherRows(input: DiscriminativeInput, row: number, rows: Float32Array, signs: Int8Array): number {
  const { queries, database, columns, positives, neighborCount, negatives, negativeCount } = input;
  rows.set(queries.subarray(row * columns, (row + 1) * columns));
  signs[0] = 1;
  let count = 1;
  const append = (id: number, sign: number): void => {
    if (id < 0) return;
    rows.set(database.subarray(id * columns, (id + 1) * columns), count * columns);
    signs[count] = sign;
    count += 1;
  };
  for (let i = 0; i < neighborCount; i++) append(positives[row * neighborCount + i]!, 1);
  for (let i = 0; i < negativeCount; i++) append(negatives[row * negativeCount + i]!, -1);
  return count;
}

function writeProducts(
  products: Float64Array,
  rows: Float32Array,
  count: number,
  columns: number,
): Float64Array {
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      const product = dot(rows, a * columns, rows, b * columns, columns);
      products[a * count + b] = product;
      products[b * count + a] = product;
    }
  }
  return products;
}
