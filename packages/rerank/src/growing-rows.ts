import type { SparseRows } from "./sparse-rows.ts";

/** Room for sparse rows whose number of entries is not known before. */
export interface GrowingRows {
  columns: Int32Array;
  values: Float64Array;
}

export function createGrowingRows(capacity: number): GrowingRows {
  return { columns: new Int32Array(capacity), values: new Float64Array(capacity) };
}

/** Makes room for at least `needed` entries, keeping the first `used`. */
export function makeRoom(rows: GrowingRows, used: number, needed: number): void {
  if (needed <= rows.columns.length) return;
  const capacity = Math.max(needed, 2 * rows.columns.length);
  const columns = new Int32Array(capacity);
  const values = new Float64Array(capacity);
  columns.set(rows.columns.subarray(0, used));
  values.set(rows.values.subarray(0, used));
  rows.columns = columns;
  rows.values = values;
}

export function finishRows(rows: GrowingRows, starts: Uint32Array): SparseRows {
  const used = starts[starts.length - 1];
  return { starts, columns: rows.columns.slice(0, used), values: rows.values.slice(0, used) };
}

/** Puts columns in ascending order. */
export function sortColumns(columns: Int32Array, count: number): void {
  if (count > 40) {
    columns.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const column = columns[i];
    let at = i;
    while (at > 0 && columns[at - 1] > column) {
      columns[at] = columns[at - 1];
      at--;
    }
    columns[at] = column;
  }
}
