import type { Size } from "../samplers/size-templates.ts";
import { type Pixels, pixelsOf } from "./pixels.ts";
import type { Rectangle } from "./rectangle.ts";
import { roundHalfEven } from "./round-half-even.ts";

const channels = 3;
/** What the two weights of a place add up to along the rows. */
const weightUnits = 2048;

/**
 * Scales a part of an image bilinearly, with the integers of `cv2.resize` (`INTER_LINEAR`): pixel middles are aligned,
 * edges of the part repeated, and what lies outside of the image is black.
 *
 * ```text
 * u = (x + 1/2) from / to - 1/2 in float32      i = floor(u)      f = u - i
 * a = round(2048 (1 - f))      b = round(2048 f)             along x: f = 0 beyond the first and last column
 * h_y[x] = a in_y[i] + b in_y[i + 1]
 * out = ( (a' (h_j >> 4) >> 16) + (b' (h_j+1 >> 4) >> 16) + 2 ) >> 2
 * ```
 *
 * Halving both sides takes means of 2 by 2 pixels instead.
 */
export function cropAndScale(pixels: Pixels, crop: Rectangle, { width, height }: Size): Pixels {
  const isHalved = stepOf(crop.width, width) === 2 && stepOf(crop.height, height) === 2;
  const result = new Uint8Array(height * width * channels);
  if (isHalved) {
    const columns = pairs(pixels.width, crop.left, width);
    halve(pixels, columns, pairs(pixels.height, crop.top, height), result);
  } else {
    const columns = taps(pixels.width, crop.left, crop.width, width, true);
    scale(pixels, columns, taps(pixels.height, crop.top, crop.height, height, false), result);
  }
  return pixelsOf(result, { width, height });
}

/** For each place of the result two places of the image and their weights; outside of the image, weight 0. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

function createTaps(length: number): Taps {
  return {
    first: new Int32Array(length),
    second: new Int32Array(length),
    firstWeight: new Int32Array(length),
    secondWeight: new Int32Array(length),
  };
}

/** The distance of neighboring pixels of the result in the image, with OpenCV's two divisions. */
function stepOf(from: number, to: number): number {
  return 1 / (to / from);
}

function taps(side: number, start: number, length: number, to: number, clampFraction: boolean): Taps {
  const result = createTaps(to);
  const { first, second, firstWeight, secondWeight } = result;
  const step = stepOf(length, to);
  for (let i = 0; i < to; i++) {
    const middle = Math.fround((i + 0.5) * step - 0.5);
    const place = Math.floor(middle);
    const isBeyond = place < 0 || place >= length - 1;
    const fraction = clampFraction && isBeyond ? 0 : Math.fround(middle - place);
    const one = start + Math.min(Math.max(place, 0), length - 1);
    const other = start + Math.min(place + 1, length - 1);
    if (one >= 0 && one < side) {
      first[i] = one;
      firstWeight[i] = roundHalfEven(Math.fround(1 - fraction) * weightUnits);
    }
    if (other >= 0 && other < side) {
      second[i] = other;
      secondWeight[i] = roundHalfEven(fraction * weightUnits);
    }
  }
  return result;
}

function scale({ data, width }: Pixels, columns: Taps, rows: Taps, result: Uint8Array): void {
  const stride = columns.first.length * channels;
  let upper = { row: -1, values: new Int32Array(stride) };
  let lower = { row: -1, values: new Int32Array(stride) };
  for (let y = 0; y < rows.first.length; y++) {
    const first = rows.first[y];
    const second = rows.second[y];
    if (lower.row === first || upper.row === second) [upper, lower] = [lower, upper];
    if (upper.row !== first) {
      scaleRow(data, first * width * channels, columns, upper.values);
      upper.row = first;
    }
    if (lower.row !== second) {
      scaleRow(data, second * width * channels, columns, lower.values);
      lower.row = second;
    }
    blendRows(upper.values, lower.values, rows.firstWeight[y], rows.secondWeight[y], result, y * stride);
  }
}

function scaleRow(data: Uint8Array, start: number, columns: Taps, values: Int32Array): void {
  const { first, second, firstWeight, secondWeight } = columns;
  let target = 0;
  for (let x = 0; x < first.length; x++) {
    const left = start + first[x] * channels;
    const right = start + second[x] * channels;
    const a = firstWeight[x];
    const b = secondWeight[x];
    values[target] = (data[left] * a + data[right] * b) >> 4;
    values[target + 1] = (data[left + 1] * a + data[right + 1] * b) >> 4;
    values[target + 2] = (data[left + 2] * a + data[right + 2] * b) >> 4;
    target += channels;
  }
}

function blendRows(
  upper: Int32Array,
  lower: Int32Array,
  a: number,
  b: number,
  result: Uint8Array,
  target: number,
): void {
  for (let i = 0; i < upper.length; i++) {
    result[target + i] = (((a * upper[i]) >> 16) + ((b * lower[i]) >> 16) + 2) >> 2;
  }
}

function pairs(side: number, start: number, to: number): Taps {
  const result = createTaps(to);
  for (let i = 0; i < to; i++) {
    const one = start + 2 * i;
    const other = one + 1;
    if (one >= 0 && one < side) {
      result.first[i] = one;
      result.firstWeight[i] = 1;
    }
    if (other >= 0 && other < side) {
      result.second[i] = other;
      result.secondWeight[i] = 1;
    }
  }
  return result;
}

function halve({ data, width }: Pixels, columns: Taps, rows: Taps, result: Uint8Array): void {
  let target = 0;
  for (let y = 0; y < rows.first.length; y++) {
    const upper = rows.first[y] * width;
    const lower = rows.second[y] * width;
    const a = rows.firstWeight[y];
    const b = rows.secondWeight[y];
    for (let x = 0; x < columns.first.length; x++) {
      const left = columns.first[x];
      const right = columns.second[x];
      const c = columns.firstWeight[x];
      const d = columns.secondWeight[x];
      for (let channel = 0; channel < channels; channel++, target++) {
        const above =
          data[(upper + left) * channels + channel] * c + data[(upper + right) * channels + channel] * d;
        const below =
          data[(lower + left) * channels + channel] * c + data[(lower + right) * channels + channel] * d;
        result[target] = (above * a + below * b + 2) >> 2;
      }
    }
  }
}
