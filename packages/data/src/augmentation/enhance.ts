import { type Pixels, pixelsOf } from "./pixels.ts";

/** Multiplies values by `factor`, as Pillow's `ImageEnhance.Brightness` does: blends with black. */
export function enhanceBrightness(pixels: Pixels, factor: number): Pixels {
  return mapBytes(pixels, blendTable(0, factor));
}

/** `ImageEnhance.Contrast`: blends with the rounded mean of the luminance. */
export function enhanceContrast(pixels: Pixels, factor: number): Pixels {
  const { data } = pixels;
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += luminance(data, i);
  const mean = Math.floor(sum / (data.length / 3) + 0.5);
  return mapBytes(pixels, blendTable(mean, factor));
}

/** `ImageEnhance.Color`: blends each pixel with its luminance. */
export function enhanceSaturation(pixels: Pixels, factor: number): Pixels {
  const { data } = pixels;
  const alpha = Math.fround(factor);
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const gray = luminance(data, i);
    result[i] = blend(gray, data[i], alpha);
    result[i + 1] = blend(gray, data[i + 1], alpha);
    result[i + 2] = blend(gray, data[i + 2], alpha);
  }
  return pixelsOf(result, pixels);
}

/** `ImageEnhance.Sharpness`: blends with the smoothed image; the border, which is not smoothed, stays. */
export function enhanceSharpness(pixels: Pixels, factor: number): Pixels {
  const { data, width, height } = pixels;
  const alpha = Math.fround(factor);
  const stride = 3 * width;
  const result = data.slice();
  for (let y = 1; y < height - 1; y++) {
    const start = y * stride;
    for (let i = start + 3; i < start + stride - 3; i++) {
      result[i] = blend(smoothed(data, i, stride), data[i], alpha);
    }
  }
  return pixelsOf(result, pixels);
}

/** Replaces each byte by that of a table of 256. */
export function mapBytes(pixels: Pixels, table: Uint8Array): Pixels {
  const { data } = pixels;
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]];
  return pixelsOf(result, pixels);
}

/** The weights of ITU-R 601 in 65,536ths, rounded. */
function luminance(data: Uint8Array, i: number): number {
  return (data[i] * 19595 + data[i + 1] * 38470 + data[i + 2] * 7471 + 0x8000) >> 16;
}

/** Nine pixels, the middle one five times, divided by 13 and rounded. */
function smoothed(data: Uint8Array, i: number, stride: number): number {
  const above = data[i - stride - 3] + data[i - stride] + data[i - stride + 3];
  const beside = data[i - 3] + 5 * data[i] + data[i + 3];
  const below = data[i + stride - 3] + data[i + stride] + data[i + stride + 3];
  return Math.floor((above + beside + below) / 13 + 0.5);
}

function blendTable(from: number, factor: number): Uint8Array {
  const alpha = Math.fround(factor);
  return Uint8Array.from({ length: 256 }, (_, v) => blend(from, v, alpha));
}

/** `Image.blend` of Pillow for one byte: in single precision, clipped, the fraction cut off. `alpha` is one float. */
function blend(from: number, to: number, alpha: number): number {
  const value = Math.fround(from + Math.fround(alpha * (to - from)));
  return Math.trunc(Math.min(255, Math.max(0, value)));
}
