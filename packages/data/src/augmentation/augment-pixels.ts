import { requireLength } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import type { AugmentationDraw } from "./draw-augmentation.ts";

const channels = 3;

/**
 * Does to an image what `drawAugmentation` drew: shear, brightness and contrast, crop and scale, mirror.
 *
 * Shear keeps the middle of the image in place and interpolates bilinearly, with 0 outside:
 *
 * ```text
 * x' = x - sin(shear) y,   y' = cos(shear) y        (from the middle of the image)
 * ```
 *
 * The crop is scaled bilinearly with pixel middles aligned and edges repeated. Both round to whole
 * numbers, to the nearest.
 *
 * @param pixels - Height × width × 3 bytes, row by row.
 * @param size - The size of the image, and of the result.
 * @param draw - What to do.
 * @returns New pixels in the same layout.
 * @throws RangeError if `pixels` does not have `height * width * 3` elements.
 *
 * @example
 * ```ts
 * import { augmentPixels } from "@lmk/data";
 *
 * const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);
 * const crop = { left: 0, top: 0, width: 2, height: 1 };
 * const mirrored = augmentPixels(
 *   pixels,
 *   { width: 2, height: 1 },
 *   { shearDegrees: 0, gain: 1, offset: 0, crop, flip: true },
 * );
 * console.log([...mirrored]); // => [ 40, 50, 60, 10, 20, 30 ]
 * ```
 */
export function augmentPixels(pixels: Uint8Array, size: Size, draw: AugmentationDraw): Uint8Array {
  requireLength("augmentPixels", "pixels", pixels.length, size.width * size.height * channels);
  const sheared = draw.shearDegrees === 0 ? pixels : shearPixels(pixels, size, draw.shearDegrees);
  const isRecolored = draw.gain !== 1 || draw.offset !== 0;
  const recolored = isRecolored ? recolorPixels(sheared, draw.gain, draw.offset) : sheared;
  return cropAndScale(recolored, size, draw);
}

function recolorPixels(pixels: Uint8Array, gain: number, offset: number): Uint8Array {
  const table = new Uint8Array(256);
  for (let v = 0; v < 256; v++) table[v] = Math.min(255, Math.max(0, Math.floor(v * gain + offset)));
  const result = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) result[i] = table[pixels[i]];
  return result;
}

/** A row of the result comes from two rows of the image, all of its pixels with the same four weights. */
function shearPixels(pixels: Uint8Array, { width, height }: Size, degrees: number): Uint8Array {
  const angle = (degrees * Math.PI) / 180;
  const middle = (height - 1) / 2;
  const result = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const fromMiddle = (y - middle) / Math.cos(angle);
    const sourceY = fromMiddle + middle;
    const shift = Math.sin(angle) * fromMiddle;
    const y0 = Math.floor(sourceY);
    const shift0 = Math.floor(shift);
    const fx = shift - shift0;
    const fy = sourceY - y0;
    const upper = y0 >= 0 && y0 < height ? 1 - fy : 0;
    const lower = y0 + 1 >= 0 && y0 + 1 < height ? fy : 0;
    const row0 = upper > 0 ? y0 * width : 0;
    const row1 = lower > 0 ? (y0 + 1) * width : 0;
    const first = Math.max(0, -1 - shift0);
    const last = Math.min(width - 1, width - 1 - shift0);
    for (let x = first; x <= last; x++) {
      const x0 = x + shift0;
      const left = x0 >= 0 ? 1 - fx : 0;
      const right = x0 + 1 < width ? fx : 0;
      const column0 = Math.max(x0, 0);
      const column1 = Math.min(x0 + 1, width - 1);
      const a = (row0 + column0) * channels;
      const b = (row0 + column1) * channels;
      const c = (row1 + column0) * channels;
      const d = (row1 + column1) * channels;
      const target = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        result[target + channel] =
          (pixels[a + channel] * left + pixels[b + channel] * right) * upper +
          (pixels[c + channel] * left + pixels[d + channel] * right) * lower +
          0.5;
      }
    }
  }
  return result;
}

/** First along the rows, each row of the image once, then between two such rows. */
function cropAndScale(pixels: Uint8Array, { width, height }: Size, draw: AugmentationDraw): Uint8Array {
  const rows = sampling(height, draw.crop.top, draw.crop.height, false);
  const columns = sampling(width, draw.crop.left, draw.crop.width, draw.flip);
  const stride = width * channels;
  const result = new Uint8Array(pixels.length);
  let upper = { row: -1, values: new Float32Array(stride) };
  let lower = { row: -1, values: new Float32Array(stride) };
  for (let y = 0; y < height; y++) {
    const first = rows.first[y];
    const second = rows.second[y];
    if (lower.row === first) [upper, lower] = [lower, upper];
    if (upper.row !== first) {
      scaleRow(pixels, first * stride, columns, upper.values);
      upper.row = first;
    }
    if (lower.row !== second) {
      scaleRow(pixels, second * stride, columns, lower.values);
      lower.row = second;
    }
    const above = upper.values;
    const below = lower.values;
    const weightAbove = rows.firstWeight[y];
    const weightBelow = rows.secondWeight[y];
    const target = y * stride;
    for (let i = 0; i < stride; i++)
      result[target + i] = (above[i] * weightAbove + below[i] * weightBelow + 0.5) | 0;
  }
  return result;
}

function scaleRow(pixels: Uint8Array, start: number, columns: Sampling, values: Float32Array): void {
  const { first, second, firstWeight, secondWeight } = columns;
  let target = 0;
  for (let x = 0; x < first.length; x++) {
    const left = start + first[x] * channels;
    const right = start + second[x] * channels;
    const a = firstWeight[x];
    const b = secondWeight[x];
    values[target] = pixels[left] * a + pixels[right] * b;
    values[target + 1] = pixels[left + 1] * a + pixels[right + 1] * b;
    values[target + 2] = pixels[left + 2] * a + pixels[right + 2] * b;
    target += channels;
  }
}

interface Sampling {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Float64Array;
  readonly secondWeight: Float64Array;
}

/** For each place of the result the two places of the image it lies between; outside, weight 0. */
function sampling(size: number, start: number, length: number, flip: boolean): Sampling {
  const first = new Int32Array(size);
  const second = new Int32Array(size);
  const firstWeight = new Float64Array(size);
  const secondWeight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const inCrop = Math.min(length - 1, Math.max(0, ((i + 0.5) * length) / size - 0.5));
    const lower = Math.floor(inCrop);
    const upper = Math.min(length - 1, lower + 1);
    const place = flip ? size - 1 - i : i;
    const isFirstInside = lower + start >= 0 && lower + start < size;
    const isSecondInside = upper + start >= 0 && upper + start < size;
    first[place] = isFirstInside ? lower + start : 0;
    second[place] = isSecondInside ? upper + start : 0;
    firstWeight[place] = isFirstInside ? 1 - (inCrop - lower) : 0;
    secondWeight[place] = isSecondInside ? inCrop - lower : 0;
  }
  return { first, second, firstWeight, secondWeight };
}
