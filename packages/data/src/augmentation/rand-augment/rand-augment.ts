import { requireInteger, requireOneOf } from "../../require.ts";
import type { TransformRule } from "../transform-rule.ts";
import type { Interpolation } from "./affine.ts";
import { type RandAugmentOperation, randAugmentOperations } from "./operations.ts";

/** Does a few operations of a fixed list, drawn at random, all equally strong. */
export interface RandAugment {
  readonly name: "randAugment";
  /** How many operations, at least 1. */
  readonly operations: number;
  /** How strong they are, an integer from 0 to `bins - 1`. */
  readonly magnitude: number;
  /** How many magnitudes there are, at least 2. */
  readonly bins: number;
  /** How a pixel between others is found. */
  readonly interpolation: Interpolation;
  /** The byte of all channels where nothing of the image is, from 0 to 255. */
  readonly fill: number;
}

/** An operation and how strong it is. */
export interface RandAugmentStep {
  readonly operation: RandAugmentOperation;
  /**
   * For `shearX` and `shearY` pixels per pixel, for `translateX` and `translateY` pixels, for `rotate` degrees, for
   * `brightness`, `saturation`, `contrast` and `sharpness` the factor less 1, for `posterize` bits, for `solarize` the lowest
   * byte that is inverted, for the others 0.
   */
  readonly value: number;
}

/** These operations are done in order. */
export interface RandAugmentDraw {
  readonly name: "randAugment";
  readonly steps: readonly RandAugmentStep[];
  readonly interpolation: Interpolation;
  readonly fill: number;
}

/** Options of {@link randAugment}. */
export interface RandAugmentOptions {
  /**
   * How many operations, at least 1.
   *
   * @defaultValue 2, as in torchvision
   */
  readonly operations?: number;
  /**
   * How strong they are, an integer from 0 to `bins - 1`.
   *
   * @defaultValue 9, as in torchvision
   */
  readonly magnitude?: number;
  /**
   * How many magnitudes there are, at least 2.
   *
   * @defaultValue 31, as in torchvision
   */
  readonly bins?: number;
  /**
   * How a pixel between others is found when the image is sheared or turned.
   *
   * @defaultValue "nearest", as in torchvision
   */
  readonly interpolation?: Interpolation;
  /**
   * The byte of all channels where nothing of the image is, from 0 to 255.
   *
   * @defaultValue 0, as in torchvision
   */
  readonly fill?: number;
}

/**
 * RandAugment as torchvision 0.15 does it to Pillow images: `operations` times one of 14 operations, each as likely as the
 * others and possibly twice, with `m = magnitude / (bins - 1)`:
 *
 * ```text
 * identity                                          -
 * shearX, shearY                                    ±0.3 m pixels per pixel, the upper left corner stays
 * translateX, translateY                            ±trunc(150 / 331 m side) pixels
 * rotate                                            ±30 m degrees
 * brightness, saturation, contrast, sharpness       factor 1 ± 0.9 m
 * posterize                                         8 - round(4 m) bits
 * solarize                                          bytes of at least 255 - 255 m inverted
 * autoContrast, equalize                            each channel by itself
 * ```
 *
 * Each sign is as likely; `saturation` is what torchvision calls Color here. The side is that of the image as this transform gets it.
 *
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { augmentPixels, randAugment } from "@lmk/data";
 *
 * console.log(randAugment({ magnitude: 12 }).bins); // => 31
 *
 * const image = { data: Uint8Array.of(10, 20, 30, 40, 50, 200), width: 2, height: 1, channels: 3 } as const;
 * const steps = [{ operation: "solarize", value: 128 }] as const;
 * const changed = await augmentPixels(image, [{ name: "randAugment", steps, interpolation: "nearest", fill: 0 }]);
 * console.log([...changed.data]); // => [ 10, 20, 30, 40, 50, 55 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1909.13719 | Cubuk et al. 2019, RandAugment}
 */
export function randAugment(options: RandAugmentOptions = {}): RandAugment {
  const { operations = 2, magnitude = 9, bins = 31, interpolation = "nearest", fill = 0 } = options;
  const transform: RandAugment = { name: "randAugment", operations, magnitude, bins, interpolation, fill };
  randAugmentRule.check("randAugment", transform);
  return transform;
}

const names = Object.keys(randAugmentOperations) as readonly RandAugmentOperation[];

/** How it is done. */
export const randAugmentRule: TransformRule<RandAugment, RandAugmentDraw> = {
  check: (caller, { operations, magnitude, bins, interpolation, fill }) => {
    requireInteger(caller, "operations", operations, 1);
    requireInteger(caller, "bins", bins, 2);
    requireInteger(caller, "magnitude", magnitude, 0, bins - 1);
    requireOneOf(caller, "interpolation", interpolation, ["nearest", "bilinear"]);
    requireInteger(caller, "fill", fill, 0, 255);
  },
  draw: ({ operations, magnitude, bins, interpolation, fill }, size, random) => {
    const steps = Array.from({ length: operations }, (): RandAugmentStep => {
      const operation = names[Math.floor(random() * names.length)];
      const { isSigned, valueAt } = randAugmentOperations[operation];
      const value = valueAt(magnitude, bins - 1, size);
      const isNegative = isSigned && random() < 0.5 && value !== 0;
      return { operation, value: isNegative ? -value : value };
    });
    return { name: "randAugment", steps, interpolation, fill };
  },
  apply: (pixels, { steps, interpolation, fill }) => {
    const look = { interpolation, fill };
    let current = pixels;
    for (const { operation, value } of steps) {
      current = randAugmentOperations[operation].apply(current, value, look);
    }
    return current;
  },
};
