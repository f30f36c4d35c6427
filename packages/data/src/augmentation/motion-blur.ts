import { requireBetween } from "../require.ts";
import { type Pixels, pixelsOf } from "./pixels.ts";
import { reflected, withReflectedColumns } from "./reflected.ts";
import { requireIntegerRange } from "./require-range.ts";
import { roundHalfEven } from "./round-half-even.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniformInteger } from "./uniform.ts";

/** Blurs along a line drawn at random. */
export interface MotionBlur {
  readonly name: "motionBlur";
  /** Smallest and largest side of the square that the line lies in, odd, from 3 to 99 pixels. */
  readonly kernel: readonly [number, number];
  /** The share of images that are blurred, from 0 to 1. */
  readonly probability: number;
}

/** Each pixel becomes the mean of those along a line. */
export interface MotionBlurDraw {
  readonly name: "motionBlur";
  /** Side of the square that the line lies in, whose middle is the pixel. */
  readonly kernel: number;
  /** Column and row in the square at which the line begins. */
  readonly from: readonly [number, number];
  /** Column and row at which it ends. */
  readonly to: readonly [number, number];
}

/** Options of {@link motionBlur}. */
export interface MotionBlurOptions {
  /**
   * Smallest and largest side of the square that the line lies in, odd, from 3 to 99 pixels.
   *
   * @defaultValue [3, 7], as in albumentations
   */
  readonly kernel?: readonly [number, number];
  /**
   * The share of images that are blurred, from 0 to 1.
   *
   * @defaultValue 0.5, as in albumentations
   */
  readonly probability?: number;
}

/**
 * Blurs images along a line (`MotionBlur` of albumentations): each pixel becomes the mean of the pixels on a line of random
 * ends in a square around it, whose side is a uniform odd number from the range `kernel`. A line may lie beside the middle of the
 * square, and be a single pixel, which moves the image. Beyond its edges the image is mirrored without repeating the edge.
 *
 * The line is that of `cv2.line`, the mean that of `cv2.filter2D` in float32, byte for byte up to a side of 11; larger ones it
 * computes by Fourier transforms.
 *
 * @throws RangeError if an option is out of range, or a side is even.
 *
 * @example
 * ```ts
 * import { motionBlur } from "@lmk/data";
 *
 * console.log(motionBlur()); // => { name: 'motionBlur', kernel: [ 3, 7 ], probability: 0.5 }
 * ```
 */
export function motionBlur({ kernel = [3, 7], probability = 0.5 }: MotionBlurOptions = {}): MotionBlur {
  const transform: MotionBlur = { name: "motionBlur", kernel, probability };
  motionBlurRule.check("motionBlur", transform);
  return transform;
}

/** How it is done. */
export const motionBlurRule: TransformRule<MotionBlur, MotionBlurDraw> = {
  check: (caller, { kernel, probability }) => {
    requireIntegerRange(caller, "kernel", kernel, 3, 99);
    if (kernel.some((side) => side % 2 === 0)) {
      throw new RangeError(
        `${caller}: expected \`kernel\` to be two odd numbers, got [${kernel.join(", ")}]`,
      );
    }
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ kernel: [smallest, largest], probability }, _size, random) => {
    if (random() >= probability) return undefined;
    const kernel = 2 * uniformInteger(random, (smallest - 1) / 2, (largest - 1) / 2) + 1;
    const [fromX, toX, fromY] = [0, 0, 0].map(() => uniformInteger(random, 0, kernel - 1));
    // An upright line has two different ends.
    const toY =
      fromX === toX
        ? (fromY + uniformInteger(random, 1, kernel - 1)) % kernel
        : uniformInteger(random, 0, kernel - 1);
    return { name: "motionBlur", kernel, from: [fromX, fromY], to: [toX, toY] };
  },
  apply: (pixels, draw) => meanAlong(pixels, lineFromMiddle(draw)),
};

/** Columns and rows of the pixels on the line, from the middle of its square; rows from the top. */
function lineFromMiddle({ kernel, from, to }: MotionBlurDraw): [number, number][] {
  const middle = (kernel - 1) / 2;
  const [[startX, startY], [endX, endY]] = from[0] <= to[0] ? [from, to] : [to, from];
  const width = endX - startX;
  const height = Math.abs(endY - startY);
  const down = Math.sign(endY - startY);
  const isSteep = height > width;
  const [along, aside] = isSteep ? [height, width] : [width, height];
  const line: [number, number][] = [];
  let error = along - 2 * aside;
  let shift = 0;
  for (let i = 0; i <= along; i++) {
    const [x, y] = isSteep ? [startX + shift, startY + down * i] : [startX + i, startY + down * shift];
    line.push([x - middle, y - middle]);
    if (error < 0) {
      shift++;
      error += 2 * along;
    }
    error -= 2 * aside;
  }
  return line.toSorted(([x, y], [otherX, otherY]) => y - otherY || x - otherX);
}

/** The mean of the pixels at some offsets, each product added and rounded to float32 at once. */
function meanAlong(pixels: Pixels, line: readonly (readonly [number, number])[]): Pixels {
  const { width, height } = pixels;
  const stride = width * 3;
  const share = Math.fround(1 / line.length);
  const margin = Math.max(...line.map(([dx]) => Math.abs(dx)));
  const padded = withReflectedColumns(pixels, margin);
  const result = new Uint8Array(height * stride);
  const sums = new Float32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (const [dx, dy] of line) {
      const from = reflected(y + dy, height) * (stride + 6 * margin) + 3 * (margin + dx);
      for (let i = 0; i < stride; i++) sums[i] += padded[from + i] * share;
    }
    const target = y * stride;
    for (let i = 0; i < stride; i++) result[target + i] = roundHalfEven(sums[i]);
  }
  return pixelsOf(result, pixels);
}
