import { exactProduct, scoreOf } from "../exact/exact-product.ts";
import { rowFault } from "../exact/row-fault.ts";
import type { Embeddings, Matrix, Metric } from "../matrix.ts";
import { readRows } from "../read-rows.ts";
import { requirePositiveInteger } from "../require.ts";
import { type BestLists, insertBest, listLength } from "./best-lists.ts";
import { requireShape } from "./check-rows.ts";
import type { FilteredIds } from "./filter.ts";
import type { FoundLists } from "./graph-messages.ts";
import type { IdTable } from "./id-table.ts";
import { createPause } from "./run-parts.ts";

/** Says that what the graph finds is scored again, from the rows themselves. */
export interface HnswRescore {
  /** The row of id `i` is row `i`; as many columns as the index has. Only rows that are compared are checked. */
  readonly vectors: Embeddings;
  /**
   * How many times `k` neighbors the graph is asked for, a positive integer.
   *
   * @defaultValue 4
   */
  readonly factor?: number;
}

/** Rows compared between two looks at the clock. */
const rowsPerLook = 256;

export function requireRescore(
  caller: string,
  { vectors, factor = 4 }: HnswRescore,
  dimension: number,
  table: IdTable,
): void {
  requireShape(caller, "rescore.vectors", vectors, dimension);
  if (vectors.rows < table.end) {
    throw new RangeError(
      `${caller}: expected \`rescore.vectors\` to have a row for each of ${table.end} ids, got ${vectors.rows}`,
    );
  }
  requirePositiveInteger(caller, "rescore.factor", factor);
}

/** What scoring again needs to know of a search. */
export interface Rescoring {
  readonly caller: string;
  readonly metric: Metric;
  readonly vectors: Embeddings;
  readonly table: IdTable;
  readonly allowed: FilteredIds | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Enters what was found for queries, `depth` ids each, into the lists from `first` on, with exact scores. Where the
 * graph did not lead to enough rows, all rows that may be found are compared.
 */
export async function rescoreInto(
  lists: BestLists,
  rescoring: Rescoring,
  queries: Matrix,
  found: FoundLists,
  depth: number,
  first: number,
): Promise<void> {
  const { caller, metric, vectors, table, allowed, signal } = rescoring;
  const { data, columns } = vectors;
  const pause = createPause();
  const score = (at: number, querySquare: number, id: number): number => {
    const rows = data instanceof Float32Array ? data : readRows(vectors, id, id + 1).data;
    const start = rows === data ? id * columns : 0;
    const square = exactProduct(rows, start, rows, start, columns);
    if (!Number.isFinite(square) || (metric === "cosine" && square === 0)) {
      throw rowFault(caller, "rescore.vectors", id, rows.subarray(start, start + columns));
    }
    const product = exactProduct(queries.data, at * columns, rows, start, columns);
    return scoreOf(metric, product, querySquare, square);
  };
  for (let at = 0; at < queries.rows; at++) {
    signal?.throwIfAborted();
    const row = first + at;
    const querySquare = exactProduct(queries.data, at * columns, queries.data, at * columns, columns);
    const wanted = Math.min(lists.k, allowed?.count ?? table.count);
    const end = at * depth + depth;
    for (let i = at * depth; i < end && found.ids[i] !== -1; i++) {
      const id = found.ids[i]!;
      // Rows that came in since the search began have no row in the matrix.
      if (id < vectors.rows) insertBest(lists, row, id, score(at, querySquare, id));
    }
    await pause();
    if (listLength(lists, row) >= wanted) continue;
    const entered = new Set(lists.ids.subarray(row * lists.k, (row + 1) * lists.k));
    for (let id = 0; id < Math.min(table.end, vectors.rows); id++) {
      if (id % rowsPerLook === 0) await pause();
      const isAllowed = table.has(id) && (allowed === undefined || allowed.bitmap[id] === 1);
      if (isAllowed && !entered.has(id)) insertBest(lists, row, id, score(at, querySquare, id));
    }
  }
}
