import type { Matrix } from "../matrix.ts";

/**
 * Numbers in groups of four rows: number `k` of row `4 t + i` is `data[(t * length + k) * 4 + i]`. Rows beyond the last
 * are zeros.
 */
export interface Tiles {
  readonly data: Float64Array;
  readonly count: number;
  readonly length: number;
}

export function createTiles(rows: number, length: number): Tiles {
  const count = Math.ceil(rows / 4);
  return { data: new Float64Array(count * 4 * length), count, length };
}

/** Puts the rows of a row-major array into tiles; rows of the tiles that it does not have become zeros. */
export function fillTiles(tiles: Tiles, source: Float64Array, rows: number): void {
  const { data, count, length } = tiles;
  for (let row = 0; row < count * 4; row++) {
    let at = (row >> 2) * length * 4 + (row & 3);
    const start = row * length;
    for (let k = 0; k < length; k++) {
      data[at] = row < rows ? source[start + k]! : 0;
      at += 4;
    }
  }
}

/** Puts the columns of a matrix into tiles, of which each holds `length` rows from `first` on; beyond the last are zeros. */
export function fillTilesWithColumns(tiles: Tiles, source: Matrix, first: number): void {
  const { data, length } = tiles;
  const { columns, rows } = source;
  const count = Math.min(length, rows - first);
  if (count < length) data.fill(0);
  for (let row = 0; row < count; row++) {
    const start = (first + row) * columns;
    for (let i = 0; i < columns; i++) {
      data[((i >> 2) * length + row) * 4 + (i & 3)] = source.data[start + i]!;
    }
  }
}

/** Adds the 16 inner products of tile `i` of `a` with tile `j` of `b`, as four rows of four, `stride` numbers apart. */
export function addTileProduct(
  a: Tiles,
  i: number,
  b: Tiles,
  j: number,
  target: Float64Array,
  start: number,
  stride: number,
): void {
  const size = a.length * 4;
  addHalf(a.data, i * size, b.data, j * size, size, target, start, stride);
  addHalf(a.data, i * size + 2, b.data, j * size, size, target, start + 2 * stride, stride);
}

/** Two rows of the tile: eight sums, as many as stay in registers beside what they are made of. */
function addHalf(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  size: number,
  target: Float64Array,
  start: number,
  stride: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = 0; k < size; k += 4) {
    const a0 = a[aStart + k]!;
    const a1 = a[aStart + k + 1]!;
    const b0 = b[bStart + k]!;
    const b1 = b[bStart + k + 1]!;
    const b2 = b[bStart + k + 2]!;
    const b3 = b[bStart + k + 3]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
  }
  target[start]! += s00;
  target[start + 1]! += s01;
  target[start + 2]! += s02;
  target[start + 3]! += s03;
  target[start + stride]! += s10;
  target[start + stride + 1]! += s11;
  target[start + stride + 2]! += s12;
  target[start + stride + 3]! += s13;
}
