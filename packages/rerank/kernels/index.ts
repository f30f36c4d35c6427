// The kernel of inner products, in AssemblyScript. src/products/inner-products.ts lays out the memory and calls it.

/**
 * Inner products in float32 of rows of `a` with rows of `b`: four partial sums, of every fourth column each, added in
 * pairs. Rows are contiguous, `columns` a multiple of 4, `aRows` of 4, `bRows` of 3; `products` has `bRows` numbers a row.
 */
export function multiply(
  a: usize,
  aRows: i32,
  b: usize,
  bRows: i32,
  columns: i32,
  products: usize,
): void {
  const rowBytes = <usize>columns << 2;
  const productBytes = <usize>bRows << 2;
  for (let row = 0; row < aRows; row += 4) {
    let bRow = b;
    let target = products;
    for (let column = 0; column < bRows; column += 3) {
      multiplyTile(a, bRow, rowBytes, target, productBytes);
      bRow += rowBytes * 3;
      target += 12;
    }
    a += rowBytes << 2;
    products += productBytes << 2;
  }
}

/** Four rows with three: 12 vectors of sums, three of one side and one of the other fill the 16 registers of x86. */
function multiplyTile(a0: usize, b0: usize, rowBytes: usize, target: usize, productBytes: usize): void {
  const a1 = a0 + rowBytes;
  const a2 = a1 + rowBytes;
  const a3 = a2 + rowBytes;
  const b1 = b0 + rowBytes;
  const b2 = b1 + rowBytes;
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
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const x0 = v128.load(b0 + at);
    const x1 = v128.load(b1 + at);
    const x2 = v128.load(b2 + at);
    let y = v128.load(a0 + at);
    c00 = f32x4.add(c00, f32x4.mul(x0, y));
    c01 = f32x4.add(c01, f32x4.mul(x1, y));
    c02 = f32x4.add(c02, f32x4.mul(x2, y));
    y = v128.load(a1 + at);
    c10 = f32x4.add(c10, f32x4.mul(x0, y));
    c11 = f32x4.add(c11, f32x4.mul(x1, y));
    c12 = f32x4.add(c12, f32x4.mul(x2, y));
    y = v128.load(a2 + at);
    c20 = f32x4.add(c20, f32x4.mul(x0, y));
    c21 = f32x4.add(c21, f32x4.mul(x1, y));
    c22 = f32x4.add(c22, f32x4.mul(x2, y));
    y = v128.load(a3 + at);
    c30 = f32x4.add(c30, f32x4.mul(x0, y));
    c31 = f32x4.add(c31, f32x4.mul(x1, y));
    c32 = f32x4.add(c32, f32x4.mul(x2, y));
  }
  storeSums(target, c00, c01, c02);
  target += productBytes;
  storeSums(target, c10, c11, c12);
  target += productBytes;
  storeSums(target, c20, c21, c22);
  target += productBytes;
  storeSums(target, c30, c31, c32);
}

function storeSums(target: usize, x0: v128, x1: v128, x2: v128): void {
  f32.store(target, sum(x0));
  f32.store(target, sum(x1), 4);
  f32.store(target, sum(x2), 8);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sum(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}
