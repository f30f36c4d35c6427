import type { Pixels, Size } from "./pixels.ts";

/** A filter of Pillow's: its weight at a distance, 0 from `support` on. */
export interface PillowFilter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** `1` for `-1/2 < t <= 1/2`. */
export const box: PillowFilter = { support: 0.5, weight: (t) => (t > -0.5 && t <= 0.5 ? 1 : 0) };

/** `1 - |t|`. */
export const bilinear: PillowFilter = { support: 1, weight: (t) => Math.max(0, 1 - Math.abs(t)) };

/** Keys' cubic with `a = -1/2`. */
export const bicubic: PillowFilter = {
  support: 2,
  weight: (distance) => {
    const a = -0.5;
    const t = Math.abs(distance);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  },
};

/** `sinc(t) sinc(t / 3)` for `-3 <= t < 3`. */
export const lanczos: PillowFilter = {
  support: 3,
  weight: (t) => (t >= -3 && t < 3 ? sinc(t) * sinc(t / 3) : 0),
};

function sinc(t: number): number {
  return t === 0 ? 1 : Math.sin(t * Math.PI) / (t * Math.PI);
}

/** For each output position of one axis: its first input position, how many there are, and their weights. */
interface Window {
  readonly most: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** In 2^-22, `most` per position. */
  readonly weights: Int32Array;
}

/**
 * `PIL.Image.resize` for bytes, each channel on its own (Pillow itself multiplies RGBA and LA by alpha first).
 *
 * ```text
 * s = from / to      r = max(s, 1)      c = (x + 1/2) s
 * i from floor(c - support r + 1/2) to floor(c + support r + 1/2) - 1, within the image
 * w_i = filter((i + 1/2 - c) / r) / their sum, rounded to 2^-22, halves away from 0
 * out = clip( (sum of w_i in[i] + 2^21) >> 22 )         along x, then along y on the bytes this gave
 * ```
 *
 * An axis that keeps its length is left as it is.
 */
export function resizePillow(image: Pixels, size: Size, filter: PillowFilter): Uint8Array {
  const { width, height, channels } = image;
  let { data } = image;
  if (size.width !== width) data = resampleRows(image, windowOf(width, size.width, filter), size.width);
  if (size.height === height) return data === image.data ? data.slice() : data;
  return resampleColumns(data, size.width * channels, windowOf(height, size.height, filter));
}

/** `PIL.Image.resize` with `NEAREST`: the input pixel under the center of each output pixel. */
export function resizeNearest(image: Pixels, size: Size): Uint8Array {
  const { data, channels } = image;
  const target = new Uint8Array(size.width * size.height * channels);
  const columns = nearestPositions(image.width, size.width);
  const rows = nearestPositions(image.height, size.height);
  let out = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) target[out++] = data[from + c];
    }
  }
  return target;
}

/** Steps are added up one by one, as in Pillow, whose rounding errors decide ties. */
function nearestPositions(from: number, to: number): Int32Array {
  const step = from / to;
  let position = step / 2;
  return Int32Array.from({ length: to }, () => {
    const floor = Math.floor(position);
    position += step;
    return floor;
  });
}

function windowOf(from: number, to: number, filter: PillowFilter): Window {
  const step = from / to;
  const reach = Math.max(step, 1);
  const support = filter.support * reach;
  const most = 2 * Math.ceil(support) + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * most);
  const inverse = 1 / reach;
  const raw = new Float64Array(most);
  for (let x = 0; x < to; x++) {
    const center = (x + 0.5) * step;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const length = Math.min(from, Math.trunc(center + support + 0.5)) - start;
    let total = 0;
    for (let i = 0; i < length; i++) {
      raw[i] = filter.weight((i + start - center + 0.5) * inverse);
      total += raw[i];
    }
    first[x] = start;
    count[x] = length;
    for (let i = 0; i < length; i++) {
      const weight = (total === 0 ? raw[i] : raw[i] / total) * 2 ** 22;
      weights[x * most + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
  }
  return { most, first, count, weights };
}

const half = 1 << 21;

function resampleRows(image: Pixels, window: Window, width: number): Uint8Array {
  const { data, height, channels } = image;
  const target = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const start = y * image.width * channels;
    const out = y * width * channels;
    if (channels === 3) resampleRow3(data, start, window, target, out);
    else resampleRow(data, start, channels, window, target, out);
  }
  return target;
}

function resampleRow(
  data: Uint8Array,
  start: number,
  channels: number,
  { most, first, count, weights }: Window,
  target: Uint8Array,
  offset: number,
): void {
  let out = offset;
  for (let x = 0; x < first.length; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = half;
      let at = start + first[x] * channels + c;
      for (let k = x * most; k < x * most + count[x]; k++, at += channels) {
        sum = (sum + Math.imul(data[at], weights[k])) | 0;
      }
      target[out++] = clip(sum >> 22);
    }
  }
}

function resampleRow3(
  data: Uint8Array,
  start: number,
  { most, first, count, weights }: Window,
  target: Uint8Array,
  offset: number,
): void {
  let out = offset;
  for (let x = 0; x < first.length; x++) {
    let red = half;
    let green = half;
    let blue = half;
    let at = start + first[x] * 3;
    const end = x * most + count[x];
    for (let k = x * most; k < end; k++, at += 3) {
      const weight = weights[k];
      red = (red + Math.imul(data[at], weight)) | 0;
      green = (green + Math.imul(data[at + 1], weight)) | 0;
      blue = (blue + Math.imul(data[at + 2], weight)) | 0;
    }
    target[out++] = clip(red >> 22);
    target[out++] = clip(green >> 22);
    target[out++] = clip(blue >> 22);
  }
}

function resampleColumns(data: Uint8Array, length: number, window: Window): Uint8Array {
  const { most, first, count, weights } = window;
  const target = new Uint8Array(first.length * length);
  const sums = new Int32Array(length);
  for (let y = 0; y < first.length; y++) {
    sums.fill(half);
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * most + k];
      const from = (first[y] + k) * length;
      for (let i = 0; i < length; i++) sums[i] += Math.imul(data[from + i], weight);
    }
    for (let i = 0; i < length; i++) target[y * length + i] = clip(sums[i] >> 22);
  }
  return target;
}

function clip(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
