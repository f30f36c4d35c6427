import { requireBetween, requireInteger } from "../require.ts";
import { pixelsOf } from "./pixels.ts";
import type { Rectangle } from "./rectangle.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniformInteger } from "./uniform.ts";

/** Covers rectangles at random places. */
export interface Cutout {
  readonly name: "cutout";
  /** How many, at least 1. */
  readonly holes: number;
  /** Their sides, as a share of those of the image, from 0 to 1. */
  readonly fraction: number;
  /** What they are filled with, from 0 to 255. */
  readonly fill: number;
  /** The share of images that are covered, from 0 to 1. */
  readonly probability: number;
}

/** These parts of the image are covered. */
export interface CutoutDraw {
  readonly name: "cutout";
  readonly holes: readonly Rectangle[];
  readonly fill: number;
}

/** Options of {@link cutout}. */
export interface CutoutOptions {
  /**
   * How many rectangles, at least 1.
   *
   * @defaultValue 1, as in the 2020 and 2021 solutions
   */
  readonly holes?: number;
  /**
   * Their sides, as a share of those of the image, from 0 to 1.
   *
   * @defaultValue 0.4, as in the 2020 and 2021 solutions
   */
  readonly fraction?: number;
  /**
   * What they are filled with, an integer from 0 to 255.
   *
   * @defaultValue 0, as in the 2020 and 2021 solutions
   */
  readonly fill?: number;
  /**
   * The share of images that are covered, from 0 to 1.
   *
   * @defaultValue 0.5, as in the 2020 and 2021 solutions
   */
  readonly probability?: number;
}

/**
 * Covers rectangles of the image (`Cutout` of albumentations 0.4.6), along each axis by itself:
 *
 * ```text
 * length = floor(fraction side)      middle = a uniform integer from 0 to side, both ends among them
 * from = max(0, middle - floor(length / 2))      to = min(side, from + length)
 * ```
 *
 * So rectangles keep their size near the top and the left, and are cut off near the bottom and the right; one that is a
 * single pixel long may vanish. The solutions' images are square; for others each axis has its own length.
 *
 * @throws RangeError if an option is out of range.
 *
 * @see {@link https://arxiv.org/abs/1708.04552 | DeVries and Taylor 2017, Improved Regularization with Cutout}
 *
 * @example
 * ```ts
 * import { cutout } from "@lmk/data";
 *
 * console.log(cutout().fraction); // => 0.4
 * ```
 */
export function cutout(options: CutoutOptions = {}): Cutout {
  const { holes = 1, fraction = 0.4, fill = 0, probability = 0.5 } = options;
  const transform: Cutout = { name: "cutout", holes, fraction, fill, probability };
  cutoutRule.check("cutout", transform);
  return transform;
}

/** How it is done. */
export const cutoutRule: TransformRule<Cutout, CutoutDraw> = {
  check: (caller, { holes, fraction, fill, probability }) => {
    requireInteger(caller, "holes", holes, 1);
    requireBetween(caller, "fraction", fraction, 0, 1);
    requireInteger(caller, "fill", fill, 0, 255);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ holes: count, fraction, fill, probability }, { width, height }, random) => {
    if (random() >= probability) return undefined;
    const holes: Rectangle[] = [];
    for (let i = 0; i < count; i++) {
      const vertical = holeSide(height, fraction, uniformInteger(random, 0, height));
      const horizontal = holeSide(width, fraction, uniformInteger(random, 0, width));
      if (vertical.length === 0 || horizontal.length === 0) continue;
      holes.push({
        left: horizontal.start,
        top: vertical.start,
        width: horizontal.length,
        height: vertical.length,
      });
    }
    return holes.length === 0 ? undefined : { name: "cutout", holes, fill };
  },
  apply: (pixels, { holes, fill }) => {
    const data = pixels.data.slice();
    for (const { left, top, width, height } of holes) {
      for (let y = top; y < top + height; y++) {
        const start = (y * pixels.width + left) * 3;
        data.fill(fill, start, start + width * 3);
      }
    }
    return pixelsOf(data, pixels);
  },
};

function holeSide(side: number, fraction: number, middle: number): { start: number; length: number } {
  const full = Math.floor(fraction * side);
  const start = Math.max(0, middle - Math.floor(full / 2));
  return { start, length: Math.min(side, start + full) - start };
}
