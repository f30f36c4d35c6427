import {
  packPanelInto,
  panelProductsInto,
  panelQueries,
  panelRows,
  singleProductsInto,
  singleRows,
} from "./dot-kernels.ts";
import type { Matrix, Metric, Neighbors } from "./matrix.ts";
import {
  requireFiniteRows,
  requireMatrix,
  requireMetric,
  requirePositiveInteger,
  requireSameColumns,
} from "./require.ts";
import { createTopK, enter, sortList, type TopK } from "./top-k.ts";

/** Options of {@link exactSearch}. */
export interface ExactSearchOptions {
  /** Neighbors per query, 1 or more. More than the database has rows is fine: the rest is -1 and -Infinity. */
  readonly k: number;
  /**
   * How likeness is scored.
   *
   * @defaultValue "dot", which is the cosine for rows of length 1
   */
  readonly metric?: Metric;
  /**
   * One database row per query that must not be found, -1 for none; or `"self"` where query `i` is database
   * row `i`, as in a neighbor graph of the database itself.
   *
   * @defaultValue nothing is left out
   */
  readonly exclude?: "self" | Int32Array;
}

/** Doubles of packed queries that are worked on together: 512 KiB, to stay in a level-2 cache. */
const blockDoubles = 65_536;

/**
 * Finds the `k` most alike database rows of each query by comparing it with all of them.
 *
 * Products are computed in register tiles and each goes straight into a bounded heap, so beside its arguments
 * the call needs `8 * queries.rows * k` bytes for the result, `16` bytes per row, and 512 KiB; the scores of
 * a whole database are never in memory. The database is read in place, not copied.
 *
 * ```text
 * "dot"     score(q, x) = sum_i q_i x_i
 * "cosine"  score(q, x) = sum_i q_i x_i / (|q| |x|)
 * "l2"      score(q, x) = -(|q|² + |x|² - 2 sum_i q_i x_i), at most 0
 * ```
 *
 * Sums are accumulated in double precision from the first column to the last and rounded once to float32.
 * So a score never depends on which other queries or rows are searched together with it, and of equal scores
 * (equal as float32) the smaller id comes first.
 *
 * @param queries - One query per row.
 * @param database - Rows to be found; the ids of the result are its row numbers.
 * @returns `queries.rows` lists of `k`, newly allocated.
 * @throws RangeError if shapes do not fit, if `k` is not a positive integer, or if a row holds NaN or an infinity
 * (with `"cosine"` also a row of zeros); the message names the row.
 *
 * @example
 * ```ts
 * import { exactSearch } from "@lmk/index";
 *
 * const database = { data: Float32Array.of(1, 0, 1, 2, 1, 3, 1, 1), rows: 4, columns: 2 };
 * const query = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 *
 * const found = exactSearch(query, database, { k: 4, metric: "l2" });
 * console.log([...found.ids]); // => [ 0, 3, 1, 2 ]
 * console.log([...found.scores]); // => [ 0, -1, -4, -9 ]
 * ```
 */
export function exactSearch(queries: Matrix, database: Matrix, options: ExactSearchOptions): Neighbors {
  const { k, metric = "dot", exclude } = options;
  requireMatrix("exactSearch", "queries", queries);
  requireMatrix("exactSearch", "database", database);
  requireSameColumns("exactSearch", ["queries", queries], ["database", database]);
  requirePositiveInteger("exactSearch", "k", k);
  requireMetric("exactSearch", metric);
  const excluded = excludedRows(queries, database, exclude);
  const querySquares = requireFiniteRows("exactSearch", "queries", queries, metric === "cosine");
  const rowSquares = requireFiniteRows("exactSearch", "database", database, metric === "cosine");

  const top = createTopK(queries.rows, k);
  const offer = createOffer(top, metric, querySquares, rowSquares, excluded);
  const panelled = queries.rows - (queries.rows % panelQueries);
  const blockRows = Math.max(1, Math.floor(blockDoubles / (panelQueries * queries.columns))) * panelQueries;
  for (let first = 0; first < panelled; first += blockRows) {
    searchPanels(queries, first, Math.min(first + blockRows, panelled), database, offer);
  }
  for (let query = panelled; query < queries.rows; query++) searchSingle(queries, query, database, offer);
  for (let query = 0; query < queries.rows; query++) sortList(top, query);
  return { ids: top.ids, scores: top.scores, rows: queries.rows, k };
}

function excludedRows(
  queries: Matrix,
  database: Matrix,
  exclude: "self" | Int32Array | undefined,
): Int32Array | undefined {
  if (exclude === undefined) return undefined;
  if (exclude === "self") {
    if (queries.rows === database.rows) return Int32Array.from({ length: queries.rows }, (_, row) => row);
    throw new RangeError(
      `exactSearch: expected \`queries\` to have ${database.rows} rows like \`database\` when \`exclude\` is "self", got ${queries.rows}`,
    );
  }
  if (!(exclude instanceof Int32Array) || exclude.length !== queries.rows) {
    const got = exclude instanceof Int32Array ? `${exclude.length} of them` : JSON.stringify(exclude);
    throw new RangeError(
      `exactSearch: expected \`exclude\` to be "self" or an Int32Array with one row number for each of ${queries.rows} queries, got ${got}`,
    );
  }
  return exclude;
}

type Offer = (query: number, row: number, product: number) => void;

function createOffer(
  top: TopK,
  metric: Metric,
  querySquares: Float64Array,
  rowSquares: Float64Array,
  excluded: Int32Array | undefined,
): Offer {
  const { floors } = top;
  const keep = (query: number, row: number, score: number): void => {
    const rounded = Math.fround(score);
    if (rounded > floors[query]! && (excluded === undefined || excluded[query] !== row)) {
      enter(top, query, row, rounded);
    }
  };
  if (metric === "dot") return keep;
  if (metric === "l2") {
    return (query, row, product) =>
      keep(query, row, 0 - Math.max(0, querySquares[query]! + rowSquares[row]! - 2 * product));
  }
  const queryLengths = querySquares.map(Math.sqrt);
  const rowLengths = rowSquares.map(Math.sqrt);
  return (query, row, product) => keep(query, row, product / (queryLengths[query]! * rowLengths[row]!));
}

/** Compares queries `first` to `end`, a multiple of the panel size, with the database; rows come in ascending order. */
function searchPanels(queries: Matrix, first: number, end: number, database: Matrix, offer: Offer): void {
  const { columns, data, rows } = database;
  const panels = new Float64Array((end - first) * columns);
  for (let query = first; query < end; query += panelQueries) {
    packPanelInto(panels, (query - first) * columns, queries.data, query, columns);
  }
  const tile = new Float64Array(panelQueries * panelRows);
  for (let row = 0; row < rows; row += panelRows) {
    const count = Math.min(panelRows, rows - row);
    const start0 = row * columns;
    const start1 = count > 1 ? start0 + columns : start0;
    const start2 = count > 2 ? start1 + columns : start0;
    for (let query = first; query < end; query += panelQueries) {
      panelProductsInto(tile, panels, (query - first) * columns, data, start0, start1, start2, columns);
      for (let i = 0; i < panelQueries; i++) {
        for (let j = 0; j < count; j++) offer(query + i, row + j, tile[panelRows * i + j]!);
      }
    }
  }
}

function searchSingle(queries: Matrix, query: number, database: Matrix, offer: Offer): void {
  const { columns, data, rows } = database;
  const tile = new Float64Array(singleRows);
  const start = query * columns;
  for (let row = 0; row < rows; row += singleRows) {
    const count = Math.min(singleRows, rows - row);
    const last = (rows - 1) * columns;
    const start0 = row * columns;
    const start1 = Math.min(start0 + columns, last);
    const start2 = Math.min(start1 + columns, last);
    const start3 = Math.min(start2 + columns, last);
    singleProductsInto(tile, queries.data, start, data, start0, start1, start2, start3, columns);
    for (let j = 0; j < count; j++) offer(query, row + j, tile[j]!);
  }
}
