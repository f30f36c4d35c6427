import { resizeByRows, roundHalfEven, stepOf, type Taps } from "./opencv-rows.ts";
import type { Pixels, Size } from "./pixels.ts";

/**
 * OpenCV's `INTER_CUBIC` for bytes, with its kernel's `A = -3/4`.
 *
 * ```text
 * w(t) = (A + 2) |t|^3 - (A + 3) |t|^2 + 1          |t| <= 1
 *        A |t|^3 - 5 A |t|^2 + 8 A |t| - 4 A        |t| <  2
 * ```
 *
 * in float32, the last weight being what is missing to 1, all rounded to 1/2048. Rows are summed in integers, then
 * columns: in float32 for each whole group of 8 values of a line, as its SSE code does, and in integers for the rest.
 */
export function resizeCubic(image: Pixels, size: Size): Uint8Array {
  const across = cubicTaps(image.width, size.width);
  const down = cubicTaps(image.height, size.height);
  return resizeByRows(image, size, across, down, blendFour);
}

const f = Math.fround;

function cubicTaps(from: number, to: number): Taps {
  const step = stepOf(from, to);
  const first = new Int32Array(to);
  const weights = new Int32Array(4 * to);
  for (let x = 0; x < to; x++) {
    const center = f((x + 0.5) * step - 0.5);
    const position = Math.floor(center);
    const t = f(center - position);
    const outer = farWeight(f(t + 1));
    const left = nearWeight(t);
    const right = nearWeight(f(1 - t));
    first[x] = position - 1;
    weights.set([outer, left, right, f(f(f(1 - outer) - left) - right)].map(fixed), 4 * x);
  }
  return { count: 4, first, weights };
}

function nearWeight(t: number): number {
  return f(f(f(f(f(1.25 * t) - 2.25) * t) * t) + 1);
}

function farWeight(t: number): number {
  return f(f(f(f(f(f(-0.75 * t) + 3.75) * t) - 6) * t) + 3);
}

function fixed(weight: number): number {
  return roundHalfEven(weight * 2048);
}

function blendFour(
  [r0, r1, r2, r3]: readonly Int32Array[],
  weights: Int32Array,
  at: number,
  target: Uint8Array,
  offset: number,
): void {
  const [w0, w1, w2, w3] = weights.subarray(at, at + 4);
  const scale = 2 ** -22;
  const [f0, f1, f2, f3] = [w0 * scale, w1 * scale, w2 * scale, w3 * scale];
  const grouped = r0.length - (r0.length % 8);
  for (let i = 0; i < grouped; i++) {
    const sum = f(f(r0[i] * f0) + f(f(r1[i] * f1) + f(f(r2[i] * f2) + f(r3[i] * f3))));
    target[offset + i] = clip(roundHalfEven(sum));
  }
  for (let i = grouped; i < r0.length; i++) {
    const sum = r0[i] * w0 + r1[i] * w1 + r2[i] * w2 + r3[i] * w3;
    target[offset + i] = clip((sum + 2 ** 21) >> 22);
  }
}

function clip(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
