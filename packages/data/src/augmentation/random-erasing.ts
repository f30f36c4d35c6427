import { requireBetween, requireInteger } from "../require.ts";
import type { Rectangle } from "./rectangle.ts";
import { requireRange } from "./require-range.ts";
import { roundHalfEven } from "./round-half-even.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform, uniformInteger } from "./uniform.ts";

/** Covers a rectangle of random size, shape and place, after normalization. */
export interface RandomErasing {
  readonly name: "randomErasing";
  /** Smallest and largest share of the image's area, from 0 to 1. */
  readonly area: readonly [number, number];
  /** Smallest and largest height over width, from 0.01 to 100. */
  readonly aspect: readonly [number, number];
  /** How often a rectangle is drawn anew because it did not fit, at least 1. */
  readonly attempts: number;
  /** What it is filled with, in normalized units. */
  readonly fill: number;
  /** The share of images that are covered, from 0 to 1. */
  readonly probability: number;
}

/** This part of the normalized image is covered. */
export interface RandomErasingDraw extends Rectangle {
  readonly name: "randomErasing";
  readonly fill: number;
}

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions {
  /**
   * Smallest and largest share of the image's area, from 0 to 1.
   *
   * @defaultValue [0.02, 0.2], as in the second solution of 2021
   */
  readonly area?: readonly [number, number];
  /**
   * Smallest and largest height over width, from 0.01 to 100.
   *
   * @defaultValue [0.3, 1 / 0.3], as in the second solution of 2021
   */
  readonly aspect?: readonly [number, number];
  /**
   * How often a rectangle is drawn anew because it did not fit, at least 1.
   *
   * @defaultValue 100, as in the second solution of 2021
   */
  readonly attempts?: number;
  /**
   * What it is filled with, in normalized units.
   *
   * @defaultValue 0, as in the second solution of 2021: the mean color
   */
  readonly fill?: number;
  /**
   * The share of images that are covered, from 0 to 1.
   *
   * @defaultValue 1, as in the second solution of 2021
   */
  readonly probability?: number;
}

/**
 * Covers a rectangle of images after normalization, with `A` and `r` uniform draws:
 *
 * ```text
 * A = H W U(area)      r = U(aspect)      h = round(sqrt(A r))      w = round(sqrt(A / r))
 * ```
 *
 * halves to the even number, drawn anew until `h < H` and `w < W`; then a uniform place. An image for which no attempt fits,
 * or whose rectangle has a side of 0, stays as it is. Comes last in an augmentation.
 *
 * @throws RangeError if an option is out of range, or a smallest value above its largest.
 *
 * @see {@link https://arxiv.org/abs/1708.04896 | Zhong et al. 2017, Random Erasing Data Augmentation}
 *
 * @example
 * ```ts
 * import { randomErasing } from "@lmk/data";
 *
 * console.log(randomErasing().area); // => [ 0.02, 0.2 ]
 * ```
 */
export function randomErasing(options: RandomErasingOptions = {}): RandomErasing {
  const { area = [0.02, 0.2], aspect = [0.3, 1 / 0.3], attempts = 100, fill = 0, probability = 1 } = options;
  const transform: RandomErasing = { name: "randomErasing", area, aspect, attempts, fill, probability };
  randomErasingRule.check("randomErasing", transform);
  return transform;
}

/** How it is done. */
export const randomErasingRule: TransformRule<RandomErasing, RandomErasingDraw> = {
  check: (caller, { area, aspect, attempts, fill, probability }) => {
    requireRange(caller, "area", area, 0, 1);
    requireRange(caller, "aspect", aspect, 0.01, 100);
    requireInteger(caller, "attempts", attempts, 1);
    requireBetween(caller, "fill", fill, -1e6, 1e6);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ area, aspect, attempts, fill, probability }, size, random) => {
    if (random() >= probability) return undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const pixels = uniform(random, area[0], area[1]) * (size.width * size.height);
      const shape = uniform(random, aspect[0], aspect[1]);
      const height = roundHalfEven(Math.sqrt(pixels * shape));
      const width = roundHalfEven(Math.sqrt(pixels / shape));
      if (height >= size.height || width >= size.width) continue;
      if (height === 0 || width === 0) return undefined;
      const top = uniformInteger(random, 0, size.height - height);
      const left = uniformInteger(random, 0, size.width - width);
      return { name: "randomErasing", left, top, width, height, fill };
    }
    return undefined;
  },
  applyNormalized: (image, size, { left, top, width, height, fill }) => {
    for (let y = top; y < top + height; y++) {
      const start = (y * size.width + left) * 3;
      image.fill(fill, start, start + width * 3);
    }
  },
};
