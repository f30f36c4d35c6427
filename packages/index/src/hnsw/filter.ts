import type { IdTable } from "./id-table.ts";
import { createPause } from "./run-parts.ts";

/**
 * Which ids a search may give: one byte per id, 0 where it may not, or a function that is asked once for every id in
 * the index.
 */
export type HnswFilter = Uint8Array | ((id: number) => boolean);

/** Which ids in the index a filter allows. */
export interface FilteredIds {
  /** One byte per id, 1 where it is allowed. */
  readonly bitmap: Uint8Array;
  readonly count: number;
}

/** Ids looked at between two looks at the clock. */
const idsPerLook = 1024;

export function requireFilter(caller: string, filter: HnswFilter, table: IdTable): void {
  if (typeof filter === "function") return;
  if (!(filter instanceof Uint8Array)) {
    throw new TypeError(
      `${caller}: expected \`filter\` to be a Uint8Array or a function, got ${typeof filter}`,
    );
  }
  if (filter.length < table.end) {
    throw new RangeError(
      `${caller}: expected \`filter\` to hold a byte for each of ${table.end} ids, got ${filter.length}`,
    );
  }
}

/** Asks a filter for all ids that are in the index now. */
export async function applyFilter(
  filter: HnswFilter,
  table: IdTable,
  signal: AbortSignal | undefined,
): Promise<FilteredIds> {
  // Ids that came in since the search began lie beyond the bytes: those are not allowed.
  const isAllowed = typeof filter === "function" ? filter : (id: number) => (filter[id] ?? 0) !== 0;
  const pause = createPause();
  const { end } = table;
  const bitmap = new Uint8Array(end);
  let count = 0;
  for (let id = 0; id < end; id++) {
    if (id % idsPerLook === 0) {
      signal?.throwIfAborted();
      await pause();
    }
    if (!table.has(id) || !isAllowed(id)) continue;
    bitmap[id] = 1;
    count += 1;
  }
  return { bitmap, count };
}
