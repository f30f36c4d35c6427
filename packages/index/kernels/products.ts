// Inner products in float32 of tiles of queries and rows, and the test whether any pair of a tile may enter a list.
import { considerPair } from "./lists";
import { columns, isSymmetric, queries, rows } from "./state";

/** Queries and rows of a tile: 12 vectors of sums, 3 of rows and 1 of a query fill the 16 registers of x86. */
export const tileQueries: i32 = 4;
export const tileRows: i32 = 12;

/** The products of the current tile, row by row of the tile. */
const tile: usize = memory.data(4 * 12 * 4, 16);

/** Compares queries `firstQuery` to `endQuery` with all packed rows, `firstRow` being the block's row of the first. */
export function comparePanels(
  queryData: usize,
  firstQuery: i32,
  endQuery: i32,
  rowPanels: usize,
  firstRow: i32,
  endRow: i32,
): void {
  const rowBytes = <usize>columns << 2;
  for (let row = firstRow; row < endRow; row += tileRows) {
    let data = queryData;
    for (let query = firstQuery; query < endQuery; query += tileQueries) {
      multiplyTile(data, rowBytes, rowPanels);
      data += rowBytes << 2;
      if (!isTileBelow(query, row) || (isSymmetric && !isTileBelowForRows(query, row))) {
        considerTile(query, endQuery, row, endRow);
      }
    }
    rowPanels += rowBytes * tileRows;
  }
}

/**
 * Multiplies four queries, as they lie, with a panel of rows; the products are stored row by row of the tile. Queries
 * are not packed, so that those of a pair that needs an exact score are in the nearest cache already.
 */
function multiplyTile(query0: usize, rowBytes: usize, rowPanel: usize): void {
  let query1 = query0 + rowBytes;
  let query2 = query1 + rowBytes;
  let query3 = query2 + rowBytes;
  const end = query1;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  let c30 = c00;
  let c31 = c00;
  let c32 = c00;
  // Two columns a turn: one is slower by a third, four by a tenth.
  while (query0 < end) {
    let x0 = v128.load(rowPanel);
    let x1 = v128.load(rowPanel, 16);
    let x2 = v128.load(rowPanel, 32);
    let q = v128.load32_splat(query0);
    c00 = f32x4.add(c00, f32x4.mul(x0, q));
    c01 = f32x4.add(c01, f32x4.mul(x1, q));
    c02 = f32x4.add(c02, f32x4.mul(x2, q));
    q = v128.load32_splat(query1);
    c10 = f32x4.add(c10, f32x4.mul(x0, q));
    c11 = f32x4.add(c11, f32x4.mul(x1, q));
    c12 = f32x4.add(c12, f32x4.mul(x2, q));
    q = v128.load32_splat(query2);
    c20 = f32x4.add(c20, f32x4.mul(x0, q));
    c21 = f32x4.add(c21, f32x4.mul(x1, q));
    c22 = f32x4.add(c22, f32x4.mul(x2, q));
    q = v128.load32_splat(query3);
    c30 = f32x4.add(c30, f32x4.mul(x0, q));
    c31 = f32x4.add(c31, f32x4.mul(x1, q));
    c32 = f32x4.add(c32, f32x4.mul(x2, q));

    x0 = v128.load(rowPanel, 48);
    x1 = v128.load(rowPanel, 64);
    x2 = v128.load(rowPanel, 80);
    q = v128.load32_splat(query0, 4);
    c00 = f32x4.add(c00, f32x4.mul(x0, q));
    c01 = f32x4.add(c01, f32x4.mul(x1, q));
    c02 = f32x4.add(c02, f32x4.mul(x2, q));
    q = v128.load32_splat(query1, 4);
    c10 = f32x4.add(c10, f32x4.mul(x0, q));
    c11 = f32x4.add(c11, f32x4.mul(x1, q));
    c12 = f32x4.add(c12, f32x4.mul(x2, q));
    q = v128.load32_splat(query2, 4);
    c20 = f32x4.add(c20, f32x4.mul(x0, q));
    c21 = f32x4.add(c21, f32x4.mul(x1, q));
    c22 = f32x4.add(c22, f32x4.mul(x2, q));
    q = v128.load32_splat(query3, 4);
    c30 = f32x4.add(c30, f32x4.mul(x0, q));
    c31 = f32x4.add(c31, f32x4.mul(x1, q));
    c32 = f32x4.add(c32, f32x4.mul(x2, q));
    query0 += 8;
    query1 += 8;
    query2 += 8;
    query3 += 8;
    rowPanel += 96;
  }

  v128.store(tile, c00);
  v128.store(tile, c01, 16);
  v128.store(tile, c02, 32);
  v128.store(tile, c10, 48);
  v128.store(tile, c11, 64);
  v128.store(tile, c12, 80);
  v128.store(tile, c20, 96);
  v128.store(tile, c21, 112);
  v128.store(tile, c22, 128);
  v128.store(tile, c30, 144);
  v128.store(tile, c31, 160);
  v128.store(tile, c32, 176);
}

/** Offers to the lists the pairs of the tile that may enter one. */
function considerTile(query: i32, endQuery: i32, row: i32, endRow: i32): void {
  const queryCount = min(tileQueries, endQuery - query);
  for (let i = 0; i < queryCount; i++) {
    for (let j = 0; j < tileRows; j += 4) {
      const at = tile + <usize>((i * tileRows + j) << 2);
      considerFour(at, query + i, row + j, endRow);
    }
  }
}

/** Offers to the lists those of four products, of one query and the rows from `row`, that may enter one. */
function considerFour(products: usize, query: i32, row: i32, endRow: i32): void {
  const queryAt = <usize>query << 2;
  const rowAt = <usize>row << 2;
  const product = v128.load(products);
  let below = isBelow(
    product,
    v128.load(rows.factors + rowAt),
    v128.load(rows.offsets + rowAt),
    v128.load32_splat(queries.limits + queryAt),
  );
  if (isSymmetric) {
    const factor = v128.load32_splat(queries.factors + queryAt);
    const offset = v128.load32_splat(queries.offsets + queryAt);
    below = v128.and(below, isBelow(product, factor, offset, v128.load(rows.limits + rowAt)));
  }
  let above = 15 & ~i32x4.bitmask(below);
  const count = endRow - row;
  if (count < 4) above &= (1 << max(count, 0)) - 1;
  while (above != 0) {
    const j = ctz(above);
    considerPair(query, row + j, load<f32>(products + (<usize>j << 2)));
    above &= above - 1;
  }
}

/** Whether no pair of the tile may enter a list. */
function isTileBelow(query: i32, row: i32): bool {
  const rowAt = <usize>row << 2;
  const factors = rows.factors + rowAt;
  const offsets = rows.offsets + rowAt;
  const f0 = v128.load(factors);
  const f1 = v128.load(factors, 16);
  const f2 = v128.load(factors, 32);
  const o0 = v128.load(offsets);
  const o1 = v128.load(offsets, 16);
  const o2 = v128.load(offsets, 32);
  let limits = queries.limits + (<usize>query << 2);
  let below = i32x4.splat(-1);
  for (let at = tile; at < tile + 192; at += 48) {
    const limit = v128.load32_splat(limits);
    below = v128.and(below, isBelow(v128.load(at), f0, o0, limit));
    below = v128.and(below, isBelow(v128.load(at, 16), f1, o1, limit));
    below = v128.and(below, isBelow(v128.load(at, 32), f2, o2, limit));
    limits += 4;
  }
  return i32x4.all_true(below);
}

/** The same for the lists of the rows. */
function isTileBelowForRows(query: i32, row: i32): bool {
  const limits = rows.limits + (<usize>row << 2);
  const l0 = v128.load(limits);
  const l1 = v128.load(limits, 16);
  const l2 = v128.load(limits, 32);
  let queryAt = <usize>query << 2;
  let below = i32x4.splat(-1);
  for (let at = tile; at < tile + 192; at += 48) {
    const factor = v128.load32_splat(queries.factors + queryAt);
    const offset = v128.load32_splat(queries.offsets + queryAt);
    below = v128.and(below, isBelow(v128.load(at), factor, offset, l0));
    below = v128.and(below, isBelow(v128.load(at, 16), factor, offset, l1));
    below = v128.and(below, isBelow(v128.load(at, 32), factor, offset, l2));
    queryAt += 4;
  }
  return i32x4.all_true(below);
}

/** Of four pairs, those whose value is not above the limit. NaN, of any of them, counts as above. */
@inline
function isBelow(product: v128, factor: v128, offset: v128, limit: v128): v128 {
  return f32x4.le(f32x4.sub(f32x4.mul(product, factor), offset), limit);
}

/**
 * Goes through products that were computed elsewhere, `products[i * stride + j]` for query `firstQuery + i` and row
 * `firstRow + j`. The stride is a multiple of 4.
 */
export function compareProducts(
  products: usize,
  stride: i32,
  firstQuery: i32,
  endQuery: i32,
  firstRow: i32,
  endRow: i32,
): void {
  for (let query = firstQuery; query < endQuery; query++) {
    for (let row = firstRow; row < endRow; row += 4) {
      considerFour(products + (<usize>(row - firstRow) << 2), query, row, endRow);
    }
    products += <usize>stride << 2;
  }
}

/**
 * Compares one query with rows as they lie in memory: for so few queries that packing the rows would not pay. It asks
 * only the query's limit, so a symmetric comparison, whose first block is always full, never comes here.
 */
export function compareRows(query: i32, firstRow: i32, endRow: i32, queryData: usize, rowData: usize): void {
  const rowBytes = <usize>columns << 2;
  for (let row = firstRow; row < endRow; row += 4) {
    const count = min(4, endRow - row);
    const row1 = count > 1 ? rowBytes : 0;
    const row2 = count > 2 ? rowBytes << 1 : 0;
    const row3 = count > 3 ? rowBytes * 3 : 0;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    for (let at: usize = 0; at < rowBytes; at += 32) {
      const x = rowData + at;
      const q0 = v128.load(queryData + at);
      const q1 = v128.load(queryData + at, 16);
      a0 = f32x4.add(a0, f32x4.mul(q0, v128.load(x)));
      b0 = f32x4.add(b0, f32x4.mul(q1, v128.load(x, 16)));
      a1 = f32x4.add(a1, f32x4.mul(q0, v128.load(x + row1)));
      b1 = f32x4.add(b1, f32x4.mul(q1, v128.load(x + row1, 16)));
      a2 = f32x4.add(a2, f32x4.mul(q0, v128.load(x + row2)));
      b2 = f32x4.add(b2, f32x4.mul(q1, v128.load(x + row2, 16)));
      a3 = f32x4.add(a3, f32x4.mul(q0, v128.load(x + row3)));
      b3 = f32x4.add(b3, f32x4.mul(q1, v128.load(x + row3, 16)));
    }
    const s0 = f32x4.add(a0, b0);
    const s1 = f32x4.add(a1, b1);
    const s2 = f32x4.add(a2, b2);
    const s3 = f32x4.add(a3, b3);
    const t0 = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 1, 4, 5), v128.shuffle<f32>(s0, s1, 2, 3, 6, 7));
    const t1 = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 1, 4, 5), v128.shuffle<f32>(s2, s3, 2, 3, 6, 7));
    const p = f32x4.add(v128.shuffle<f32>(t0, t1, 0, 2, 4, 6), v128.shuffle<f32>(t0, t1, 1, 3, 5, 7));
    v128.store(tile, p);
    considerFour(tile, query, row, endRow);
    rowData += rowBytes << 2;
  }
}
