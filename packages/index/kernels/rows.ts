// Rows made ready: other precisions as float32, and rows packed for tiles.
import { columns } from "./state";

/** float16 to float32: the exponent's bias is changed by a product, which also makes subnormal numbers right. */
export function decodeHalves(from: usize, to: usize, count: i32): void {
  const end = from + ((<usize>count) << 1);
  const rebias = f32x4.splat(5192296858534827628530496329220096.0);
  while (from < end) {
    const bits = v128.load_ext<u16>(from);
    const magnitude = v128.shl<i32>(v128.and(bits, i32x4.splat(0x7fff)), 13);
    const sign = v128.shl<i32>(v128.and(bits, i32x4.splat(0x8000)), 16);
    let value = f32x4.mul(magnitude, rebias);
    // Infinities and NaN stay what they are.
    const special = i32x4.ge_s(magnitude, i32x4.splat(0x7c00 << 13));
    value = v128.or(value, v128.and(special, i32x4.splat(0x7f800000)));
    v128.store(to, v128.or(value, sign));
    from += 8;
    to += 16;
  }
}

/** int8 with a scale per row to float32, `columns` per row. */
export function decodeInt8(from: usize, to: usize, rowCount: i32, scales: usize): void {
  const rowBytes = <usize>columns;
  for (let row = 0; row < rowCount; row++) {
    const scale = v128.load32_splat(scales + ((<usize>row) << 2));
    for (let at: usize = 0; at < rowBytes; at += 8) {
      const words = v128.load_ext<i8>(from + at);
      const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words));
      const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words));
      v128.store(to + (at << 2), f32x4.mul(low, scale));
      v128.store(to + (at << 2), f32x4.mul(high, scale), 16);
    }
    from += rowBytes;
    to += rowBytes << 2;
  }
}

/**
 * Packs rows into panels of `width` rows, a multiple of 4: `panel[column * width + i]` is a column of row i. The last
 * panel is filled up with zeros.
 */
export function packRows(from: usize, rowCount: i32, width: i32, to: usize): void {
  const rowBytes = (<usize>columns) << 2;
  const stepBytes = (<usize>width) << 2;
  for (let first = 0; first < rowCount; first += width) {
    for (let i = 0; i < width; i += 4) {
      packFour(from + <usize>(first + i) * rowBytes, rowCount - first - i, to + ((<usize>i) << 2), stepBytes);
    }
    to += rowBytes * <usize>width;
  }
}

function packFour(from: usize, rowCount: i32, to: usize, stepBytes: usize): void {
  const rowBytes = (<usize>columns) << 2;
  if (rowCount < 4) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < 4; i++) {
        const value: f32 = i < rowCount ? load<f32>(from + <usize>i * rowBytes) : 0;
        store<f32>(to + ((<usize>i) << 2), value);
      }
      from += 4;
      to += stepBytes;
    }
    return;
  }
  const end = from + rowBytes;
  while (from < end) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + rowBytes);
    const r2 = v128.load(from + (rowBytes << 1));
    const r3 = v128.load(from + rowBytes * 3);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
    v128.store(to + stepBytes, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
    v128.store(to + (stepBytes << 1), v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
    v128.store(to + stepBytes * 3, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
    from += 16;
    to += stepBytes << 2;
  }
}
