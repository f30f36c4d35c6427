import type { Matrix } from "./matrix.ts";
import { requireFiniteRows, requireMatrix, requireSameColumns } from "./require.ts";

/**
 * Scales every row to length 1, so that the inner product of two rows is their cosine.
 *
 * ```text
 * y_i = x_i / |x_i|
 * ```
 *
 * Lengths are computed in double precision; a result's length differs from 1 by less than 1e-6.
 *
 * @param matrix - Rows to scale; left as it is.
 * @returns A new matrix of the same shape.
 * @throws RangeError if the shape does not fit, or if a row is all zeros or holds NaN or an infinity; the message
 * names the row.
 *
 * @example
 * ```ts
 * import { normalizeRows } from "@lmk/index";
 *
 * const unit = normalizeRows({ data: Float32Array.of(3, 4, 0, 2), rows: 2, columns: 2 });
 * console.log(unit.data); // => Float32Array(4) [ 0.6000000238418579, 0.800000011920929, 0, 1 ]
 * ```
 */
export function normalizeRows(matrix: Matrix): Matrix {
  requireMatrix("normalizeRows", "matrix", matrix);
  const squares = requireFiniteRows("normalizeRows", "matrix", matrix, true);
  const { rows, columns } = matrix;
  const data = new Float32Array(matrix.data.length);
  for (let row = 0; row < rows; row++) {
    const length = Math.sqrt(squares[row]!);
    for (let i = row * columns; i < (row + 1) * columns; i++) data[i] = matrix.data[i]! / length;
  }
  return { data, rows, columns };
}

/**
 * Puts matrices of the same width under one another: the rows of the first, then those of the second, and so on.
 *
 * @param matrices - One or more matrices with the same number of columns.
 * @returns A new matrix; row `i` of the second has number `matrices[0].rows + i`.
 * @throws RangeError if there is no matrix, or if shapes do not fit.
 *
 * @example
 * ```ts
 * import { stackRows } from "@lmk/index";
 *
 * const pool = stackRows([
 *   { data: Float32Array.of(1, 2), rows: 1, columns: 2 },
 *   { data: Float32Array.of(3, 4, 5, 6), rows: 2, columns: 2 },
 * ]);
 * console.log(pool.rows, [...pool.data]); // => 3 [ 1, 2, 3, 4, 5, 6 ]
 * ```
 */
export function stackRows(matrices: readonly Matrix[]): Matrix {
  const [head] = matrices;
  if (head === undefined) {
    throw new RangeError("stackRows: expected `matrices` to hold at least one matrix, got none");
  }
  let rows = 0;
  for (const [i, matrix] of matrices.entries()) {
    requireMatrix("stackRows", `matrices[${i}]`, matrix);
    requireSameColumns("stackRows", ["matrices[0]", head], [`matrices[${i}]`, matrix]);
    rows += matrix.rows;
  }
  const data = new Float32Array(rows * head.columns);
  let offset = 0;
  for (const matrix of matrices) {
    data.set(matrix.data, offset);
    offset += matrix.data.length;
  }
  return { data, rows, columns: head.columns };
}
