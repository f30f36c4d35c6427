/** Some columns of a row-major matrix: row `i` is `data[i * stride + offset]` and the `columns - 1` after it. */
export interface ColumnSlice {
  readonly data: Float32Array;
  readonly stride: number;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** Centroids as doubles, with half their squared lengths. */
export interface Centroids {
  readonly values: Float64Array;
  readonly halfSquares: Float64Array;
  readonly count: number;
  readonly columns: number;
}

export function createCentroids(values: Float32Array, columns: number): Centroids {
  const count = values.length / columns;
  const halfSquares = new Float64Array(count);
  for (let centroid = 0; centroid < count; centroid++) {
    let square = 0;
    for (let i = centroid * columns; i < (centroid + 1) * columns; i++) square += values[i]! * values[i]!;
    halfSquares[centroid] = square / 2;
  }
  return { values: Float64Array.from(values), halfSquares, count, columns };
}

/**
 * The nearest centroid of rows `first` to `end`, and the squared distance to it: of equally near ones the first.
 * The nearest is the one with the largest `x · c - |c|² / 2`.
 */
export function nearestInto(
  nearest: Int32Array,
  distances: Float64Array,
  slice: ColumnSlice,
  first: number,
  end: number,
  centroids: Centroids,
): void {
  const { columns, data, offset, stride } = slice;
  const panel = new Float64Array(4 * columns);
  const best = new Int32Array(4);
  const scores = new Float64Array(4);
  for (let row = first; row < end; row += 4) {
    const count = Math.min(4, end - row);
    for (let i = 0; i < 4; i++) {
      const start = (row + Math.min(i, count - 1)) * stride + offset;
      for (let column = 0; column < columns; column++) panel[4 * column + i] = data[start + column]!;
    }
    nearestOfPanel(best, scores, panel, centroids);
    for (let i = 0; i < count; i++) {
      let square = 0;
      for (let at = i; at < 4 * columns; at += 4) square += panel[at]! * panel[at]!;
      nearest[row + i] = best[i]!;
      distances[row + i] = Math.max(0, square - 2 * scores[i]!);
    }
  }
}

/** Four rows beside two centroids at a time: eight sums that do not wait for one another. */
function nearestOfPanel(
  best: Int32Array,
  scores: Float64Array,
  panel: Float64Array,
  { values, halfSquares, count, columns }: Centroids,
): void {
  let best0 = 0;
  let best1 = 0;
  let best2 = 0;
  let best3 = 0;
  let score0 = -Infinity;
  let score1 = -Infinity;
  let score2 = -Infinity;
  let score3 = -Infinity;
  for (let centroid = 0; centroid < count; centroid += 2) {
    const other = Math.min(centroid + 1, count - 1);
    let a = centroid * columns;
    let b = other * columns;
    let a0 = -halfSquares[centroid]!;
    let b0 = -halfSquares[other]!;
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    for (let at = 0; at < 4 * columns; at += 4) {
      const valueA = values[a++]!;
      const valueB = values[b++]!;
      const x0 = panel[at]!;
      const x1 = panel[at + 1]!;
      const x2 = panel[at + 2]!;
      const x3 = panel[at + 3]!;
      a0 += x0 * valueA;
      a1 += x1 * valueA;
      a2 += x2 * valueA;
      a3 += x3 * valueA;
      b0 += x0 * valueB;
      b1 += x1 * valueB;
      b2 += x2 * valueB;
      b3 += x3 * valueB;
    }
    if (a0 > score0) {
      score0 = a0;
      best0 = centroid;
    }
    if (b0 > score0) {
      score0 = b0;
      best0 = other;
    }
    if (a1 > score1) {
      score1 = a1;
      best1 = centroid;
    }
    if (b1 > score1) {
      score1 = b1;
      best1 = other;
    }
    if (a2 > score2) {
      score2 = a2;
      best2 = centroid;
    }
    if (b2 > score2) {
      score2 = b2;
      best2 = other;
    }
    if (a3 > score3) {
      score3 = a3;
      best3 = centroid;
    }
    if (b3 > score3) {
      score3 = b3;
      best3 = other;
    }
  }
  best[0] = best0;
  best[1] = best1;
  best[2] = best2;
  best[3] = best3;
  scores[0] = score0;
  scores[1] = score1;
  scores[2] = score2;
  scores[3] = score3;
}
