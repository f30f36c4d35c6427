import { exactProduct, scoreOf } from "../exact/exact-product.ts";
import { rowFault } from "../exact/row-fault.ts";
import { excludedRows } from "../exact/search-options.ts";
import { createTopK, enter, sortList, type TopK } from "../exact/top-k.ts";
import type { Embeddings, Matrix, Metric, Neighbors } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { readRows } from "../read-rows.ts";
import { requireEmbeddings, requireFiniteRows, requireMetric, requirePositiveInteger } from "../require.ts";
import { rowsPerStep, type Steps } from "../steps.ts";
import { requireWidth } from "./require-quantized.ts";

/** What the searches of codes have in common. */
export interface CodeSearchOptions {
  /** Neighbors per query, 1 or more. More than there are rows is fine: the rest is -1 and -Infinity. */
  readonly k: number;
  /**
   * How likeness is scored. For `"cosine"`, a code that stands for a row of zeros scores 0.
   *
   * @defaultValue "dot", which is the cosine for rows of length 1
   */
  readonly metric?: Metric;
  /**
   * One row per query that must not be found, -1 for none; or `"self"` where query `i` is row `i`.
   *
   * @defaultValue nothing is left out
   */
  readonly exclude?: "self" | Int32Array;
}

/** A search whose arguments are checked. */
export interface CodeSearch {
  readonly caller: string;
  readonly queries: Matrix;
  readonly querySquares: Float64Array;
  readonly metric: Metric;
  readonly k: number;
  /** The row that each query must not find, -1 for none. */
  readonly excluded: Int32Array;
}

export function prepareSearch(
  caller: string,
  queries: Embeddings,
  columns: number,
  rows: number,
  { k, metric = "dot", exclude }: CodeSearchOptions,
): CodeSearch {
  requireEmbeddings(caller, "queries", queries);
  requireWidth(caller, "queries", queries.columns, columns);
  requirePositiveInteger(caller, "k", k);
  requireMetric(caller, metric);
  const excluded =
    excludedRows(caller, queries, rows, exclude, "codes") ?? new Int32Array(queries.rows).fill(-1);
  const matrix = toFloat32(queries);
  requireFiniteRows(caller, "queries", matrix, metric === "cosine");
  const querySquares = squaresOfRows(matrix);
  return { caller, queries: matrix, querySquares, metric, k, excluded };
}

function squaresOfRows({ data, rows, columns }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    return exactProduct(data, row * columns, data, row * columns, columns);
  });
}

export function requireVectors(caller: string, vectors: Embeddings, rows: number, columns: number): void {
  requireEmbeddings(caller, "rescore.vectors", vectors);
  requireWidth(caller, "rescore.vectors", vectors.columns, columns);
  if (vectors.rows !== rows) {
    throw new RangeError(
      `${caller}: expected \`rescore.vectors\` to have ${rows} rows like \`codes\`, got ${vectors.rows}`,
    );
  }
}

/** Offers `scores[i]` for row `firstRow + i`. */
export function offerScores(
  top: TopK,
  query: number,
  firstRow: number,
  scores: Float64Array,
  count: number,
  excluded: number,
): void {
  let floor = floorOf(top, query);
  for (let i = 0; i < count; i++) {
    const score = Math.fround(scores[i]!);
    if (score > floor && firstRow + i !== excluded) {
      enter(top, query, firstRow + i, score);
      floor = floorOf(top, query);
    }
  }
}

/** What a score must exceed to enter a list that rows are offered to in ascending order. */
export function floorOf({ scores, sizes, k }: TopK, query: number): number {
  return sizes[query] === k ? scores[query * k]! : -Infinity;
}

export function neighborsOf(top: TopK): Neighbors {
  const rows = top.sizes.length;
  for (let row = 0; row < rows; row++) sortList(top, row);
  return { ids: top.ids, scores: top.scores, rows, k: top.k };
}

/** The `k` best of each query's candidates by their own numbers. Candidates are in ascending order. */
export function* rescoreCandidates(
  { caller, queries, querySquares, metric, k }: CodeSearch,
  candidatesOf: (query: number) => Int32Array,
  vectors: Embeddings,
): Steps<Neighbors> {
  const top = createTopK(queries.rows, k);
  const { columns } = queries;
  const stepRows = rowsPerStep(2 * columns);
  for (let query = 0; query < queries.rows; query++) {
    for (const [i, row] of candidatesOf(query).entries()) {
      const { data } = readRows(vectors, row, row + 1);
      const product = exactProduct(queries.data, query * columns, data, 0, columns);
      const square = exactProduct(data, 0, data, 0, columns);
      if (!Number.isFinite(square) || (metric === "cosine" && square === 0)) {
        throw rowFault(caller, "rescore.vectors", row, data);
      }
      enter(top, query, row, scoreOf(metric, product, querySquares[query]!, square));
      if (i % stepRows === stepRows - 1) yield 0;
    }
    yield 0;
  }
  return neighborsOf(top);
}

/** The ids in a query's list, in ascending order. */
export function idsOf({ ids, sizes, k }: TopK, query: number): Int32Array {
  return ids.slice(query * k, query * k + sizes[query]!).sort();
}
