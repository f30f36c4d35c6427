import type { Pixels, Size } from "./pixels.ts";

/** For each output position of one axis: where its first tap lies, before clamping to the image, and the weights. */
export interface Taps {
  /** Weights per position. */
  readonly count: number;
  readonly first: Int32Array;
  /** In 1/2048, `count` per position. */
  readonly weights: Int32Array;
}

/** Sums the rows of one output line into bytes. */
export type Blend = (
  rows: readonly Int32Array[],
  weights: Int32Array,
  at: number,
  target: Uint8Array,
  offset: number,
) => void;

const rounding = 1.5 * 2 ** 52;

/** Rounds to the nearest whole number, halves to the even one; for |value| < 2^51. */
export function roundHalfEven(value: number): number {
  return value + rounding - rounding;
}

/** The distance of neighboring output pixels in the input, with OpenCV's two divisions. */
export function stepOf(from: number, to: number): number {
  return 1 / (to / from);
}

/** OpenCV's separable fixed-point resize: each input row is filtered along x once, then `taps` rows are blended. */
export function resizeByRows(image: Pixels, size: Size, across: Taps, down: Taps, blend: Blend): Uint8Array {
  const { height, channels } = image;
  const length = size.width * channels;
  const target = new Uint8Array(size.height * length);
  const positions = clampedPositions(across, image.width, channels);
  const kept = Array.from({ length: down.count }, () => new Int32Array(length));
  const keptRow = kept.map(() => -1);
  const filter = across.count === 2 ? filterTwo : filterFour;
  const rows = [...kept];
  for (let y = 0; y < size.height; y++) {
    for (let tap = 0; tap < down.count; tap++) {
      const row = Math.min(Math.max(down.first[y] + tap, 0), height - 1);
      const slot = row % down.count;
      if (keptRow[slot] !== row) {
        filter(image, row, positions, across.weights, kept[slot]);
        keptRow[slot] = row;
      }
      rows[tap] = kept[slot];
    }
    blend(rows, down.weights, y * down.count, target, y * length);
  }
  return target;
}

function clampedPositions({ count, first }: Taps, width: number, channels: number): Int32Array {
  const positions = new Int32Array(first.length * count);
  for (let i = 0; i < positions.length; i++) {
    const x = first[Math.floor(i / count)] + (i % count);
    positions[i] = Math.min(Math.max(x, 0), width - 1) * channels;
  }
  return positions;
}

function filterTwo(
  image: Pixels,
  row: number,
  at: Int32Array,
  weights: Int32Array,
  target: Int32Array,
): void {
  const { data, channels } = image;
  const start = row * image.width * channels;
  for (let tap = 0, out = 0; tap < at.length; tap += 2) {
    const a = start + at[tap];
    const b = start + at[tap + 1];
    const p = weights[tap];
    const q = weights[tap + 1];
    for (let c = 0; c < channels; c++) target[out++] = data[a + c] * p + data[b + c] * q;
  }
}

function filterFour(
  image: Pixels,
  row: number,
  at: Int32Array,
  weights: Int32Array,
  target: Int32Array,
): void {
  const { data, channels } = image;
  const start = row * image.width * channels;
  for (let tap = 0, out = 0; tap < at.length; tap += 4) {
    for (let c = 0; c < channels; c++) {
      const from = start + c;
      target[out++] =
        data[from + at[tap]] * weights[tap] +
        data[from + at[tap + 1]] * weights[tap + 1] +
        data[from + at[tap + 2]] * weights[tap + 2] +
        data[from + at[tap + 3]] * weights[tap + 3];
    }
  }
}
