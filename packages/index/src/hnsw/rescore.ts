import type { Matrix, Metric } from "../matrix.ts";
import { requireMatrix, requirePositiveInteger } from "../require.ts";
import { type BestLists, insertBest, listLength } from "./best-lists.ts";
import { exactScore } from "./exact-score.ts";
import type { FilteredIds } from "./filter.ts";
import type { FoundLists } from "./graph-messages.ts";
import type { IdTable } from "./id-table.ts";
import { createPause } from "./run-parts.ts";

/** Says that what the graph finds is scored again, from the rows themselves. */
export interface HnswRescore {
  /** The row of id `i` is row `i`; as many columns as the index has. */
  readonly vectors: Matrix;
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
  requireMatrix(caller, "rescore.vectors", vectors);
  if (vectors.columns !== dimension) {
    throw new RangeError(
      `${caller}: expected \`rescore.vectors\` to have ${dimension} columns like the index, got ${vectors.columns}`,
    );
  }
  if (vectors.rows < table.end) {
    throw new RangeError(
      `${caller}: expected \`rescore.vectors\` to have a row for each of ${table.end} ids, got ${vectors.rows}`,
    );
  }
  requirePositiveInteger(caller, "rescore.factor", factor);
}

/** What scoring again needs to know of a search. */
export interface Rescoring {
  readonly metric: Metric;
  readonly queries: Matrix;
  readonly vectors: Matrix;
  readonly table: IdTable;
  readonly allowed: FilteredIds | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Enters what was found for the queries from `first` on, `depth` ids each, into the lists with exact scores. Where the
 * graph did not lead to enough rows, all rows that may be found are compared.
 */
export async function rescoreInto(
  lists: BestLists,
  rescoring: Rescoring,
  found: FoundLists,
  depth: number,
  first: number,
): Promise<void> {
  const { metric, queries, vectors, table, allowed, signal } = rescoring;
  const { columns } = vectors;
  const pause = createPause();
  const score = (row: number, id: number): number =>
    exactScore(metric, queries.data, row * columns, vectors.data, id * columns, columns);
  for (let at = 0; at < found.ids.length / depth; at++) {
    signal?.throwIfAborted();
    const row = first + at;
    const wanted = Math.min(lists.k, allowed?.count ?? table.count);
    const end = at * depth + depth;
    for (let i = at * depth; i < end && found.ids[i] !== -1; i++) {
      const id = found.ids[i]!;
      // Rows that came in since the search began have no row in the matrix.
      if (id < vectors.rows) insertBest(lists, row, id, score(row, id));
    }
    await pause();
    if (listLength(lists, row) >= wanted) continue;
    const entered = new Set(lists.ids.subarray(row * lists.k, (row + 1) * lists.k));
    for (let id = 0; id < Math.min(table.end, vectors.rows); id++) {
      if (id % rowsPerLook === 0) await pause();
      const isAllowed = table.has(id) && (allowed === undefined || allowed.bitmap[id] === 1);
      if (isAllowed && !entered.has(id)) insertBest(lists, row, id, score(row, id));
    }
  }
}
