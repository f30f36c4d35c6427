import { roundHalfEven, stepOf, type Taps } from "./opencv-rows.ts";
import { blendLinear, twoTaps } from "./opencv-two-taps.ts";
import type { Pixels, Size } from "./pixels.ts";

/**
 * OpenCV's `INTER_AREA` for bytes: the mean of the input under each output pixel.
 *
 * ```text
 * out = round( sum over rows j of b_j * sum over columns i of a_i in[j][i] )        all in float32
 * a_i = overlap of column i with [x s, (x + 1) s] / min(s, width - x s)            overlaps up to 0.001 are left out
 * ```
 *
 * With whole factors on both sides the sum is over integers and divided once. When a side grows, both are
 * interpolated as in `INTER_LINEAR`, but with `i = floor(x s)` and `f = max(0, (x + 1) - (i + 1) / s)`, less its floor.
 */
export function resizeArea(image: Pixels, size: Size): Uint8Array {
  const stepX = stepOf(image.width, size.width);
  const stepY = stepOf(image.height, size.height);
  if (stepX < 1 || stepY < 1) return blendLinear(image, size, areaTaps);
  const factorX = roundHalfEven(stepX);
  const factorY = roundHalfEven(stepY);
  const whole = Math.abs(stepX - factorX) < Number.EPSILON && Math.abs(stepY - factorY) < Number.EPSILON;
  return whole ? shrinkByWholeFactors(image, size, factorX, factorY) : shrink(image, size, stepX, stepY);
}

/** Means of `factorX` × `factorY` pixels. Halves are rounded up for 2 × 2 means of 1, 3 or 4 channels, else to even. */
export function shrinkByWholeFactors(
  image: Pixels,
  size: Size,
  factorX: number,
  factorY: number,
): Uint8Array {
  const { data, channels } = image;
  const target = new Uint8Array(size.width * size.height * channels);
  const stride = image.width * channels;
  const up = factorX === 2 && factorY === 2 && channels !== 2;
  const share = Math.fround(1 / (factorX * factorY));
  let out = 0;
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      for (let c = 0; c < channels; c++) {
        const from = y * factorY * stride + x * factorX * channels + c;
        let sum = 0;
        for (let j = 0; j < factorY; j++) {
          const end = from + j * stride + factorX * channels;
          for (let i = from + j * stride; i < end; i += channels) sum += data[i];
        }
        target[out++] = up ? (sum + 2) >> 2 : roundHalfEven(Math.fround(sum * share));
      }
    }
  }
  return target;
}

/** The shares of the input pixels under the output pixels of one axis, in order of both. */
interface Shares {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly share: Float32Array;
}

function sharesOf(from: number, to: number, step: number): Shares {
  const sources: number[] = [];
  const targets: number[] = [];
  const shares: number[] = [];
  const add = (target: number, source: number, share: number): void => {
    targets.push(target);
    sources.push(source);
    shares.push(share);
  };
  for (let x = 0; x < to; x++) {
    const left = x * step;
    const right = left + step;
    const length = Math.min(step, from - left);
    const last = Math.min(Math.floor(right), from - 1);
    const first = Math.min(Math.ceil(left), last);
    if (first - left > 1e-3) add(x, first - 1, (first - left) / length);
    for (let i = first; i < last; i++) add(x, i, 1 / length);
    if (right - last > 1e-3) add(x, last, Math.min(right - last, 1, length) / length);
  }
  return { from: Int32Array.from(sources), to: Int32Array.from(targets), share: Float32Array.from(shares) };
}

function shrink(image: Pixels, size: Size, stepX: number, stepY: number): Uint8Array {
  const length = size.width * image.channels;
  const target = new Uint8Array(size.height * length);
  const across = sharesOf(image.width, size.width, stepX);
  const down = sharesOf(image.height, size.height, stepY);
  const row = new Float32Array(length);
  const sum = new Float32Array(length);
  let filtered = -1;
  for (let k = 0; k < down.to.length; k++) {
    if (filtered !== down.from[k]) shrinkRow(image, down.from[k], across, row);
    filtered = down.from[k];
    const share = down.share[k];
    if (k === 0 || down.to[k] !== down.to[k - 1]) sum.fill(0);
    for (let i = 0; i < length; i++) sum[i] += Math.fround(row[i] * share);
    if (down.to[k] === down.to[k + 1]) continue;
    const out = down.to[k] * length;
    for (let i = 0; i < length; i++) target[out + i] = Math.min(roundHalfEven(sum[i]), 255);
  }
  return target;
}

function shrinkRow({ data, width, channels }: Pixels, y: number, across: Shares, row: Float32Array): void {
  row.fill(0);
  const { from, to, share } = across;
  const start = y * width * channels;
  for (let k = 0; k < from.length; k++) {
    const input = start + from[k] * channels;
    const output = to[k] * channels;
    const weight = share[k];
    for (let c = 0; c < channels; c++) row[output + c] += Math.fround(data[input + c] * weight);
  }
}

function areaTaps(from: number, to: number, clampFraction: boolean): Taps {
  const inverse = to / from;
  const step = stepOf(from, to);
  return twoTaps(from, to, clampFraction, (x) => {
    const position = Math.floor(x * step);
    const fraction = Math.fround(x + 1 - (position + 1) * inverse);
    return [position, fraction <= 0 ? 0 : Math.fround(fraction - Math.floor(fraction))];
  });
}
