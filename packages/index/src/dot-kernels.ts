// Inner products in double precision, each a sum from the first column to the last. Because that order
// never depends on which tile a pair falls into, a score has the same bits in every batch.
//
// Measured with D = 512 on one thread of a 2-core x86 server under Node 20: 4 queries x 3 rows 7.4 GFLOP/s,
// 4 x 4 (its 16 sums spill out of the registers) 6.3, 1 x 4 6.4. Packing the database as well gained nothing.

/** Queries in a panel. */
export const panelQueries = 4;

/** Database rows in a tile of a panel. */
export const panelRows = 3;

/** Database rows in a tile of a single query. */
export const singleRows = 4;

/** Interleaves four rows: `panel[4 * column + i]` is column `column` of row `firstRow + i`. */
export function packPanelInto(
  panels: Float64Array,
  offset: number,
  data: Float32Array,
  firstRow: number,
  columns: number,
): void {
  for (let i = 0; i < panelQueries; i++) {
    const row = (firstRow + i) * columns;
    for (let column = 0; column < columns; column++) {
      panels[offset + panelQueries * column + i] = data[row + column]!;
    }
  }
}

/** `tile[3 * i + j]` becomes the inner product of query `i` of the panel and the row that starts at `start<j>`. */
export function panelProductsInto(
  tile: Float64Array,
  panels: Float64Array,
  panelStart: number,
  rows: Float32Array,
  start0: number,
  start1: number,
  start2: number,
  columns: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let p = panelStart;
  for (let column = 0; column < columns; column++) {
    const x0 = rows[start0 + column]!;
    const x1 = rows[start1 + column]!;
    const x2 = rows[start2 + column]!;
    const q0 = panels[p]!;
    s00 += q0 * x0;
    s01 += q0 * x1;
    s02 += q0 * x2;
    const q1 = panels[p + 1]!;
    s10 += q1 * x0;
    s11 += q1 * x1;
    s12 += q1 * x2;
    const q2 = panels[p + 2]!;
    s20 += q2 * x0;
    s21 += q2 * x1;
    s22 += q2 * x2;
    const q3 = panels[p + 3]!;
    s30 += q3 * x0;
    s31 += q3 * x1;
    s32 += q3 * x2;
    p += 4;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s10;
  tile[4] = s11;
  tile[5] = s12;
  tile[6] = s20;
  tile[7] = s21;
  tile[8] = s22;
  tile[9] = s30;
  tile[10] = s31;
  tile[11] = s32;
}

/** `tile[j]` becomes the inner product of one query and the row that starts at `start<j>`. */
export function singleProductsInto(
  tile: Float64Array,
  queries: Float32Array,
  queryStart: number,
  rows: Float32Array,
  start0: number,
  start1: number,
  start2: number,
  start3: number,
  columns: number,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let column = 0; column < columns; column++) {
    const q = queries[queryStart + column]!;
    s0 += q * rows[start0 + column]!;
    s1 += q * rows[start1 + column]!;
    s2 += q * rows[start2 + column]!;
    s3 += q * rows[start3 + column]!;
  }
  tile[0] = s0;
  tile[1] = s1;
  tile[2] = s2;
  tile[3] = s3;
}
