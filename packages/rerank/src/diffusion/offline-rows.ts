import type { SparseRows } from "../sparse-rows.ts";
import type { OfflineDiffusion } from "./offline-diffusion.ts";

/** The rows of the queries, scaled to length 1; rows of zeros stay as they are. */
export function poolStarts({ starts, columns, values }: OfflineDiffusion, queries: number): SparseRows {
  const end = starts[queries]!;
  const scaled = new Float64Array(end);
  for (let row = 0; row < queries; row++) {
    const scale = inverseLength(values, starts[row]!, starts[row + 1]!);
    for (let i = starts[row]!; i < starts[row + 1]!; i++) scaled[i] = values[i]! * scale;
  }
  return { starts: starts.slice(0, queries + 1), columns: columns.slice(0, end), values: scaled };
}

/**
 * The rows behind the queries, scaled to length 1, with rows and columns swapped: one row per row of the pool, whose
 * columns are database rows, ascending.
 */
export function unitColumns(offline: OfflineDiffusion, queries: number): SparseRows {
  const { starts, columns, values } = offline;
  const pool = starts.length - 1;
  const next = new Uint32Array(pool + 1);
  for (let i = starts[queries]!; i < columns.length; i++) next[columns[i]! + 1]! += 1;
  for (let column = 0; column < pool; column++) next[column + 1]! += next[column]!;
  const rowStarts = next.slice();
  const swappedColumns = new Int32Array(rowStarts[pool]!);
  const swappedValues = new Float64Array(rowStarts[pool]!);
  for (let row = queries; row < pool; row++) {
    const scale = inverseLength(values, starts[row]!, starts[row + 1]!);
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const at = next[columns[i]!]!;
      next[columns[i]!] = at + 1;
      swappedColumns[at] = row - queries;
      swappedValues[at] = values[i]! * scale;
    }
  }
  return { starts: rowStarts, columns: swappedColumns, values: swappedValues };
}

function inverseLength(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]! * values[i]!;
  return sum > 0 ? 1 / Math.sqrt(sum) : 0;
}
