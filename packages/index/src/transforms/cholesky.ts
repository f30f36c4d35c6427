import type { Steps } from "../steps.ts";

/**
 * The lower triangle `L` of `A = L L'`, row-major, in place of `matrix`, whose lower triangle is read.
 *
 * @returns The number of rows that were factored: fewer than `size` where the matrix is not positive definite.
 */
export function* cholesky(matrix: Float64Array, size: number): Steps<number> {
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  const smallest = largest * size * Number.EPSILON;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) {
      const at = row * size + column;
      matrix[at] =
        (matrix[at]! - inner(matrix, row * size, matrix, column * size, column)) /
        matrix[column * size + column]!;
    }
    const square = matrix[row * size + row]! - inner(matrix, row * size, matrix, row * size, row);
    if (!(square > smallest)) return row;
    matrix[row * size + row] = Math.sqrt(square);
    yield 0;
  }
  return size;
}

/** Replaces each row `b` of `rows` by the solution of `L x = b`. */
export function* solveLower(
  lower: Float64Array,
  size: number,
  rows: Float64Array,
  count: number,
): Steps<void> {
  for (let row = 0; row < count; row++) {
    const start = row * size;
    for (let i = 0; i < size; i++) {
      const sum = rows[start + i]! - inner(lower, i * size, rows, start, i);
      rows[start + i] = sum / lower[i * size + i]!;
    }
    yield 0;
  }
}

/** Replaces each row `b` of `rows` by the solution of `L' x = b`. */
export function* solveUpper(
  lower: Float64Array,
  size: number,
  rows: Float64Array,
  count: number,
): Steps<void> {
  for (let row = 0; row < count; row++) {
    const start = row * size;
    for (let i = size - 1; i >= 0; i--) {
      const value = rows[start + i]! / lower[i * size + i]!;
      rows[start + i] = value;
      for (let j = 0; j < i; j++) rows[start + j]! -= value * lower[i * size + j]!;
    }
    yield 0;
  }
}

function inner(x: Float64Array, a: number, y: Float64Array, b: number, length: number): number {
  let even = 0;
  let odd = 0;
  let i = 0;
  for (; i + 1 < length; i += 2) {
    even += x[a + i]! * y[b + i]!;
    odd += x[a + i + 1]! * y[b + i + 1]!;
  }
  if (i < length) even += x[a + i]! * y[b + i]!;
  return even + odd;
}
