/** A matrix of which few numbers are not zero: row `i` has `columns` and `values` from `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  /** One number per row and one behind the last. */
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Puts parts below one another. */
export function joinSparseRows(parts: readonly SparseRows[]): SparseRows {
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, { starts }) => sum + starts.length - 1, 0);
  const count = parts.reduce((sum, { columns }) => sum + columns.length, 0);
  const starts = new Uint32Array(rows + 1);
  const columns = new Int32Array(count);
  const values = new Float64Array(count);
  let row = 0;
  let offset = 0;
  for (const part of parts) {
    columns.set(part.columns, offset);
    values.set(part.values, offset);
    for (let i = 1; i < part.starts.length; i++) starts[++row] = offset + part.starts[i]!;
    offset += part.columns.length;
  }
  return { starts, columns, values };
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
