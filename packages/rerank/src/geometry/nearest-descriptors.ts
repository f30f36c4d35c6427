import type { Matrix } from "../matrix.ts";

/**
 * Rows are compared by `p - |y|² / 2`, or by `p / |y|`: with the product p, and without what is the same for all.
 */
function weightsOf({ data, rows, columns }: Matrix, cosine: boolean): Float64Array {
  const weights = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) sum += data[i]! * data[i]!;
    if (!cosine) weights[row] = sum / 2;
    else if (sum > 0) weights[row] = 1 / Math.sqrt(sum);
  }
  return weights;
}

/** For each row the two columns that are nearest, -1 where there are none. */
export function nearestColumns(products: Float32Array, rows: number, b: Matrix, cosine: boolean): Int32Array {
  const weights = weightsOf(b, cosine);
  const columns = b.rows;
  const nearest = new Int32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    let best = -Infinity;
    let next = -Infinity;
    let bestColumn = -1;
    let nextColumn = -1;
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const product = products[start + column]!;
      const key = cosine ? product * weights[column]! : product - weights[column]!;
      if (key > best) {
        next = best;
        nextColumn = bestColumn;
        best = key;
        bestColumn = column;
      } else if (key > next) {
        next = key;
        nextColumn = column;
      }
    }
    nearest[2 * row] = bestColumn;
    nearest[2 * row + 1] = nextColumn;
  }
  return nearest;
}

/** For each column the row that is nearest. */
export function nearestRows(products: Float32Array, a: Matrix, columns: number, cosine: boolean): Int32Array {
  const weights = weightsOf(a, cosine);
  const nearest = new Int32Array(columns).fill(-1);
  const best = new Float64Array(columns).fill(-Infinity);
  for (let row = 0; row < a.rows; row++) {
    const weight = weights[row]!;
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const product = products[start + column]!;
      const key = cosine ? product * weight : product - weight;
      if (key > best[column]!) {
        best[column] = key;
        nearest[column] = row;
      }
    }
  }
  return nearest;
}

/** The distance of two rows, in float64. */
export function distanceOf(a: Matrix, row: number, b: Matrix, column: number, cosine: boolean): number {
  const { columns } = a;
  const i = row * columns;
  const j = column * columns;
  let product = 0;
  let aa = 0;
  let bb = 0;
  let squares = 0;
  for (let c = 0; c < columns; c++) {
    const x = a.data[i + c]!;
    const y = b.data[j + c]!;
    const difference = x - y;
    squares += difference * difference;
    product += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (!cosine) return Math.sqrt(squares);
  // Rounding must not give a distance below 0.
  return aa > 0 && bb > 0 ? Math.max(0, 1 - product / Math.sqrt(aa * bb)) : 1;
}
