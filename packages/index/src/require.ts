import { rowFault } from "./exact/row-fault.ts";
import type { Embeddings, Int8Matrix, Matrix, Metric } from "./matrix.ts";

export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a positive integer, got ${value}`);
  }
}

export function requireMatrix(caller: string, argument: string, matrix: Matrix): void {
  const { data, rows, columns } = matrix;
  if (!(data instanceof Float32Array)) {
    throw new TypeError(`${caller}: expected \`${argument}.data\` to be a Float32Array, got ${typeof data}`);
  }
  requirePositiveInteger(caller, `${argument}.columns`, columns);
  if (!Number.isInteger(rows) || rows < 0) {
    throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count, got ${rows}`);
  }
  if (data.length !== rows * columns) {
    throw new RangeError(
      `${caller}: expected \`${argument}.data\` to hold ${rows} x ${columns} = ${rows * columns} numbers, got ${data.length}`,
    );
  }
}

/** Checks the shape of rows of any precision, and that an int8 matrix has a usable scale for each row. */
export function requireEmbeddings(caller: string, argument: string, embeddings: Embeddings): void {
  const { data, rows, columns } = embeddings;
  if (!(data instanceof Float32Array || data instanceof Uint16Array || data instanceof Int8Array)) {
    throw new TypeError(
      `${caller}: expected \`${argument}.data\` to be a Float32Array, Uint16Array or Int8Array, got ${typeof data}`,
    );
  }
  requirePositiveInteger(caller, `${argument}.columns`, columns);
  if (!Number.isInteger(rows) || rows < 0) {
    throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count, got ${rows}`);
  }
  if (data.length !== rows * columns) {
    throw new RangeError(
      `${caller}: expected \`${argument}.data\` to hold ${rows} x ${columns} = ${rows * columns} numbers, got ${data.length}`,
    );
  }
  if (data instanceof Int8Array) requireScales(caller, argument, embeddings as Int8Matrix);
}

function requireScales(caller: string, argument: string, { rows, scales }: Int8Matrix): void {
  if (!(scales instanceof Float32Array)) {
    throw new TypeError(
      `${caller}: expected \`${argument}.scales\` to be a Float32Array, got ${typeof scales}`,
    );
  }
  if (scales.length !== rows) {
    throw new RangeError(
      `${caller}: expected \`${argument}.scales\` to hold ${rows} numbers, got ${scales.length}`,
    );
  }
  const row = scales.findIndex((scale) => !(scale > 0 && scale < Infinity));
  if (row !== -1) {
    throw new RangeError(
      `${caller}: expected \`${argument}.scales[${row}]\` to be a finite number above 0, got ${scales[row]}`,
    );
  }
}

export function requireSameColumns(
  caller: string,
  first: readonly [string, { readonly columns: number }],
  second: readonly [string, { readonly columns: number }],
): void {
  if (first[1].columns !== second[1].columns) {
    throw new RangeError(
      `${caller}: expected \`${second[0]}\` to have ${first[1].columns} columns like \`${first[0]}\`, got ${second[1].columns}`,
    );
  }
}

export function requireMetric(caller: string, metric: Metric): void {
  if (metric !== "dot" && metric !== "cosine" && metric !== "l2") {
    throw new RangeError(
      `${caller}: expected \`metric\` to be "dot", "cosine" or "l2", got ${JSON.stringify(metric)}`,
    );
  }
}

/**
 * Squared lengths of the rows, in double precision, each summed from the first column to the last.
 * Refuses a row that holds NaN or an infinity and, with `refuseZero`, a row without a direction, by its number in the
 * whole of which the matrix is the rows from `firstRow` on.
 */
export function requireFiniteRows(
  caller: string,
  argument: string,
  matrix: Matrix,
  refuseZero: boolean,
  firstRow = 0,
): Float64Array {
  const { data, rows, columns } = matrix;
  const squares = new Float64Array(rows);
  const last = (rows - 1) * columns;
  // Four rows at a time, as sums that do not wait for one another.
  for (let row = 0; row < rows; row += 4) {
    const start0 = row * columns;
    const start1 = Math.min(start0 + columns, last);
    const start2 = Math.min(start1 + columns, last);
    const start3 = Math.min(start2 + columns, last);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let column = 0; column < columns; column++) {
      const x0 = data[start0 + column]!;
      const x1 = data[start1 + column]!;
      const x2 = data[start2 + column]!;
      const x3 = data[start3 + column]!;
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    squares[row] = s0;
    if (row + 1 < rows) squares[row + 1] = s1;
    if (row + 2 < rows) squares[row + 2] = s2;
    if (row + 3 < rows) squares[row + 3] = s3;
  }
  for (let row = 0; row < rows; row++) {
    // Squares of float32 numbers cannot overflow a double, so only NaN and infinities end up here.
    const isRefused = refuseZero && squares[row] === 0;
    if (Number.isFinite(squares[row]!) && !isRefused) continue;
    throw rowFault(caller, argument, firstRow + row, data.subarray(row * columns, (row + 1) * columns));
  }
  return squares;
}
