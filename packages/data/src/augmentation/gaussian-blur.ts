import { requireBetween, requireInteger } from "../require.ts";
import { type Pixels, pixelsOf } from "./pixels.ts";
import { reflected, withReflectedColumns } from "./reflected.ts";
import { requireRange } from "./require-range.ts";
import { roundHalfEven } from "./round-half-even.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform } from "./uniform.ts";

/** Blurs by a width drawn at random. */
export interface GaussianBlur {
  readonly name: "gaussianBlur";
  /** Pixels that the kernel spans, odd, from 1 to 99. */
  readonly kernel: number;
  /** Smallest and largest standard deviation, in pixels, from 0.01 to 100. */
  readonly sigma: readonly [number, number];
  /** The share of images that are blurred, from 0 to 1. */
  readonly probability: number;
}

/** The image is blurred with this kernel. */
export interface GaussianBlurDraw {
  readonly name: "gaussianBlur";
  readonly kernel: number;
  readonly sigma: number;
}

/** Options of {@link gaussianBlur}. */
export interface GaussianBlurOptions {
  /** Pixels that the kernel spans, odd, from 1 to 99. */
  readonly kernel: number;
  /**
   * Smallest and largest standard deviation, in pixels, from 0.01 to 100.
   *
   * @defaultValue [0.1, 2], as in torchvision
   */
  readonly sigma?: readonly [number, number];
  /**
   * The share of images that are blurred, from 0 to 1.
   *
   * @defaultValue 0.5, as in albumentations; torchvision blurs every image
   */
  readonly probability?: number;
}

/**
 * Blurs images with a Gaussian kernel (`GaussianBlur` of torchvision), with `sigma` a uniform draw:
 *
 * ```text
 * out = round( sum over i, j of  g_i g_j in[y + i][x + j] )      g_i = exp(-i^2 / 2 sigma^2) / sum,  |i| <= (kernel - 1) / 2
 * ```
 *
 * Beyond its edges the image is mirrored without repeating the edge, more than once if it is smaller than the kernel, which
 * torchvision refuses. That one adds in float32, so a value may differ by one level where the sum is close to a half.
 *
 * @throws RangeError if an option is out of range, the kernel even, or the smallest `sigma` above the largest.
 *
 * @example
 * ```ts
 * import { gaussianBlur } from "@lmk/data";
 *
 * console.log(gaussianBlur({ kernel: 5 }).sigma); // => [ 0.1, 2 ]
 * ```
 */
export function gaussianBlur(options: GaussianBlurOptions): GaussianBlur {
  const { kernel, sigma = [0.1, 2], probability = 0.5 } = options;
  const transform: GaussianBlur = { name: "gaussianBlur", kernel, sigma, probability };
  gaussianBlurRule.check("gaussianBlur", transform);
  return transform;
}

/** How it is done. */
export const gaussianBlurRule: TransformRule<GaussianBlur, GaussianBlurDraw> = {
  check: (caller, { kernel, sigma, probability }) => {
    requireInteger(caller, "kernel", kernel, 1, 99);
    if (kernel % 2 === 0) throw new RangeError(`${caller}: expected \`kernel\` to be odd, got ${kernel}`);
    requireRange(caller, "sigma", sigma, 0.01, 100);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ kernel, sigma, probability }, _size, random) => {
    if (random() >= probability) return undefined;
    return { name: "gaussianBlur", kernel, sigma: uniform(random, sigma[0], sigma[1]) };
  },
  apply: (pixels, { kernel, sigma }) => blur(pixels, gaussian(kernel, sigma)),
};

/** Weights of the pixels at a distance of 0, 1, … on both sides; the middle one, which is both, has half of its weight. */
function gaussian(kernel: number, sigma: number): Float64Array {
  const half = (kernel - 1) / 2;
  const weights = Float64Array.from({ length: half + 1 }, (_, distance) =>
    Math.exp(-0.5 * (distance / sigma) ** 2),
  );
  weights[0] /= 2;
  const sum = 2 * weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** First along the rows, then along the columns. */
function blur(pixels: Pixels, weights: Float64Array): Pixels {
  const { width, height } = pixels;
  const stride = width * 3;
  const half = weights.length - 1;
  const padded = withReflectedColumns(pixels, half);
  const row = new Float64Array(stride + 6 * half);
  const across = new Float64Array(height * stride);
  for (let y = 0; y < height; y++) {
    row.set(padded.subarray(y * row.length, (y + 1) * row.length));
    const sums = across.subarray(y * stride, (y + 1) * stride);
    for (let k = 0; k <= half; k++) addPair(sums, row, 3 * (half - k), 3 * (half + k), weights[k]);
  }
  const result = new Uint8Array(height * stride);
  const sums = new Float64Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k <= half; k++) {
      const above = reflected(y - k, height) * stride;
      addPair(sums, across, above, reflected(y + k, height) * stride, weights[k]);
    }
    const target = y * stride;
    for (let i = 0; i < stride; i++) result[target + i] = roundHalfEven(sums[i]);
  }
  return pixelsOf(result, pixels);
}

function addPair(
  sums: Float64Array,
  values: Float64Array,
  first: number,
  second: number,
  weight: number,
): void {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * (values[first + i] + values[second + i]);
}
