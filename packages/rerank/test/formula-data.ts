import type { Matrix } from "@lmk/rerank";

const prime = 46337;

/** Numbers from -0.5 to 0.5 by a formula in whole numbers, the same as in golden/make-recognition.py. */
export function spread(seed: number, rows: number, columns: number): Matrix {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const a = (i * 131 + j * 977 + seed * 7919 + 1) % prime;
      data[i * columns + j] = ((((a * a) % prime) * (a + 12345)) % prime) / prime - 0.5;
    }
  }
  return { data, rows, columns };
}

/** Rows scaled to length 1 in double precision, then rounded. */
export function scaledRows({ data, rows, columns }: Matrix): Matrix {
  const scaled = Float32Array.from(data);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    for (let column = 0; column < columns; column++)
      scaled[row * columns + column] = values[column]! / length;
  }
  return { data: scaled, rows, columns };
}

/** Some columns of a matrix. */
export function columnsOf({ data, rows, columns }: Matrix, first: number, end: number): Matrix {
  const part = new Float32Array(rows * (end - first));
  for (let row = 0; row < rows; row++) {
    part.set(data.subarray(row * columns + first, row * columns + end), row * (end - first));
  }
  return { data: part, rows, columns: end - first };
}

/** Matrices with as many rows side by side. */
export function sideBySide(matrices: readonly Matrix[]): Matrix {
  const { rows } = matrices[0]!;
  const columns = matrices.reduce((sum, matrix) => sum + matrix.columns, 0);
  const data = new Float32Array(rows * columns);
  let start = 0;
  for (const matrix of matrices) {
    for (let row = 0; row < rows; row++) {
      data.set(matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns), row * columns + start);
    }
    start += matrix.columns;
  }
  return { data, rows, columns };
}
