import { requireBetween } from "../require.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform } from "./uniform.ts";
import { warpAffine } from "./warp-affine.ts";

/** Shifts, scales and turns by amounts drawn at random. */
export interface ShiftScaleRotate {
  readonly name: "shiftScaleRotate";
  /** Largest shift to either side, as a share of the width and of the height, from 0 to 1. */
  readonly shift: number;
  /** Images grow or shrink to `1 - scale` to `1 + scale`, from 0 to 0.99. */
  readonly scale: number;
  /** Largest turn to either side, in degrees, from 0 to 180. */
  readonly degrees: number;
  /** The share of images that are changed, from 0 to 1. */
  readonly probability: number;
}

/** The image is turned and scaled about its middle, then shifted. */
export interface ShiftScaleRotateDraw {
  readonly name: "shiftScaleRotate";
  /** To the right, as a share of the width. */
  readonly shiftX: number;
  /** Downwards, as a share of the height. */
  readonly shiftY: number;
  /** Above 1 it grows. */
  readonly scale: number;
  /** Counter-clockwise. */
  readonly degrees: number;
}

/** Options of {@link shiftScaleRotate}. */
export interface ShiftScaleRotateOptions {
  /**
   * Largest shift to either side, as a share of the width and of the height, from 0 to 1.
   *
   * @defaultValue 0.2, as in the 2020 and 2021 solutions
   */
  readonly shift?: number;
  /**
   * Images grow or shrink to `1 - scale` to `1 + scale`, from 0 to 0.99.
   *
   * @defaultValue 0.2, as in the 2020 and 2021 solutions
   */
  readonly scale?: number;
  /**
   * Largest turn to either side, in degrees, from 0 to 180.
   *
   * @defaultValue 10, as in the 2020 and 2021 solutions
   */
  readonly degrees?: number;
  /**
   * The share of images that are changed, from 0 to 1.
   *
   * @defaultValue 0.7, as in the 2020 and 2021 solutions
   */
  readonly probability?: number;
}

/**
 * Shifts, scales and turns images in one bilinear step, with black outside (`ShiftScaleRotate` of albumentations), with
 * four uniform draws `dx`, `dy`, `s` and `t`:
 *
 * ```text
 * x' = s ( cos t (x - w/2) + sin t (y - h/2)) + w/2 + dx w
 * y' = s (-sin t (x - w/2) + cos t (y - h/2)) + h/2 + dy h
 * ```
 *
 * The point that stays in place is that of albumentations 0.4.6 and 1.0.0, which the solutions used: half a pixel right of
 * and below the middle of the pixels. Later versions moved it. Bytes are those of `cv2.warpAffine`.
 *
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { shiftScaleRotate } from "@lmk/data";
 *
 * console.log(shiftScaleRotate().degrees, shiftScaleRotate().probability); // => 10 0.7
 * ```
 */
export function shiftScaleRotate(options: ShiftScaleRotateOptions = {}): ShiftScaleRotate {
  const { shift = 0.2, scale = 0.2, degrees = 10, probability = 0.7 } = options;
  const transform: ShiftScaleRotate = { name: "shiftScaleRotate", shift, scale, degrees, probability };
  shiftScaleRotateRule.check("shiftScaleRotate", transform);
  return transform;
}

/** How it is done. */
export const shiftScaleRotateRule: TransformRule<ShiftScaleRotate, ShiftScaleRotateDraw> = {
  check: (caller, { shift, scale, degrees, probability }) => {
    requireBetween(caller, "shift", shift, 0, 1);
    requireBetween(caller, "scale", scale, 0, 0.99);
    requireBetween(caller, "degrees", degrees, 0, 180);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ shift, scale, degrees, probability }, _size, random) => {
    if (random() >= probability) return undefined;
    return {
      name: "shiftScaleRotate",
      shiftX: uniform(random, -shift, shift),
      shiftY: uniform(random, -shift, shift),
      scale: uniform(random, 1 - scale, 1 + scale),
      degrees: uniform(random, -degrees, degrees),
    };
  },
  apply: (pixels, { shiftX, shiftY, scale, degrees }) => {
    const { width, height } = pixels;
    const angle = degrees * (Math.PI / 180);
    const cosine = Math.cos(angle) * scale;
    const sine = Math.sin(angle) * scale;
    const [x, y] = [width / 2, height / 2];
    return warpAffine(pixels, [
      cosine,
      sine,
      (1 - cosine) * x - sine * y + shiftX * width,
      -sine,
      cosine,
      sine * x + (1 - cosine) * y + shiftY * height,
    ]);
  },
};
