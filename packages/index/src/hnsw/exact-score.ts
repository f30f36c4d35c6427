import type { Metric } from "../matrix.ts";

/** Length of a row, in double precision. */
export function rowLength(data: Float32Array, start: number, dimension: number): number {
  let square = 0;
  for (let i = start; i < start + dimension; i++) square += data[i]! * data[i]!;
  return Math.sqrt(square);
}

/** The score of two rows, in double precision. */
export function exactScore(
  metric: Metric,
  queries: Float32Array,
  queryStart: number,
  rows: Float32Array,
  rowStart: number,
  dimension: number,
): number {
  let sum = 0;
  if (metric === "l2") {
    for (let i = 0; i < dimension; i++) {
      const difference = queries[queryStart + i]! - rows[rowStart + i]!;
      sum -= difference * difference;
    }
    return sum;
  }
  let querySquare = 0;
  let rowSquare = 0;
  for (let i = 0; i < dimension; i++) {
    const x = queries[queryStart + i]!;
    const y = rows[rowStart + i]!;
    sum += x * y;
    querySquare += x * x;
    rowSquare += y * y;
  }
  if (metric === "dot") return sum;
  return sum / (Math.sqrt(querySquare) * Math.sqrt(rowSquare));
}
