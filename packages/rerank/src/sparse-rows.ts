import { joinNumbers } from "./join-numbers.ts";

/** A matrix of which few numbers are not zero: row `i` has `columns` and `values` from `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  /** One number per row and one behind the last. */
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** {@link SparseRows} of either precision. */
interface Rows<Values extends Float32Array | Float64Array> {
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Values;
}

/** Puts parts below one another. */
export function joinSparseRows<Values extends Float32Array | Float64Array>(
  parts: readonly Rows<Values>[],
): Rows<Values> {
  if (parts.length === 1) return parts[0]!;
  const starts = new Uint32Array(parts.reduce((sum, part) => sum + part.starts.length - 1, 1));
  let row = 0;
  let offset = 0;
  for (const part of parts) {
    for (let i = 1; i < part.starts.length; i++) starts[++row] = offset + part.starts[i]!;
    offset += part.columns.length;
  }
  return {
    starts,
    columns: joinNumbers(parts.map((part) => part.columns)),
    values: joinNumbers(parts.map((part) => part.values)),
  };
}

/** Swaps rows and columns; within a row of the result columns ascend. */
export function transposeSparseRows(matrix: SparseRows, columnCount: number): SparseRows {
  const { starts, columns, values } = matrix;
  const next = new Uint32Array(columnCount + 1);
  for (let i = 0; i < columns.length; i++) next[columns[i]! + 1]!++;
  for (let column = 0; column < columnCount; column++) next[column + 1]! += next[column]!;
  const transposed = {
    starts: next.slice(),
    columns: new Int32Array(columns.length),
    values: new Float64Array(columns.length),
  };
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const at = next[columns[i]!]!++;
      transposed.columns[at] = row;
      transposed.values[at] = values[i]!;
    }
  }
  return transposed;
}
