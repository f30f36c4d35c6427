import { shuffleInPlace } from "../random.ts";
import { requireBetween } from "../require.ts";
import { enhanceBrightness, enhanceContrast, enhanceSaturation } from "./enhance.ts";
import { shiftHue } from "./hue.ts";
import type { Pixels } from "./pixels.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform } from "./uniform.ts";

/** Changes brightness, contrast, saturation and hue by amounts and in an order drawn at random. */
export interface ColorJitter {
  readonly name: "colorJitter";
  /** The factor is at most this far from 1, from 0 to 10. */
  readonly brightness: number;
  /** The factor is at most this far from 1, from 0 to 10. */
  readonly contrast: number;
  /** The factor is at most this far from 1, from 0 to 10. */
  readonly saturation: number;
  /** The largest turn of the hue to either side, as a share of the circle, from 0 to 0.5. */
  readonly hue: number;
  /** The share of images that are changed, from 0 to 1. */
  readonly probability: number;
}

/** An operation of `colorJitter`. */
export type ColorJitterOperation = "brightness" | "contrast" | "saturation" | "hue";

/** An operation and how strong it is. */
export interface ColorJitterStep {
  readonly operation: ColorJitterOperation;
  /** For `hue` the turn, from -0.5 to 0.5; for the others the factor, where 1 changes nothing. */
  readonly value: number;
}

/** These operations are done in order. */
export interface ColorJitterDraw {
  readonly name: "colorJitter";
  readonly steps: readonly ColorJitterStep[];
}

/** Options of {@link colorJitter}. */
export interface ColorJitterOptions {
  /**
   * The factor is at most this far from 1, from 0 to 10.
   *
   * @defaultValue 0.1, as written, but turned off, in the second solution of retrieval 2021
   */
  readonly brightness?: number;
  /**
   * The factor is at most this far from 1, from 0 to 10.
   *
   * @defaultValue 0.1, as for `brightness`
   */
  readonly contrast?: number;
  /**
   * The factor is at most this far from 1, from 0 to 10.
   *
   * @defaultValue 0.1, as for `brightness`
   */
  readonly saturation?: number;
  /**
   * The largest turn of the hue to either side, as a share of the circle, from 0 to 0.5.
   *
   * @defaultValue 0, as in that solution
   */
  readonly hue?: number;
  /**
   * The share of images that are changed, from 0 to 1.
   *
   * @defaultValue 1: `ColorJitter` of torchvision changes every image
   */
  readonly probability?: number;
}

/**
 * Changes brightness, contrast, saturation and hue as `ColorJitter` of torchvision does to Pillow images, in an order drawn
 * at random, with `L = 0.299 R + 0.587 G + 0.114 B` and `f = U(max(0, 1 - limit), 1 + limit)`:
 *
 * ```text
 * brightness    v' = f v
 * contrast      v' = m + f (v - m),   m = round(mean of L)
 * saturation    v' = L + f (v - L)
 * hue           turned by U(-limit, limit) of the circle, through HSV of a byte each
 * ```
 *
 * Results are clipped and their fraction is cut off. An operation whose limit is 0 is left out.
 *
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { augmentPixels, colorJitter } from "@lmk/data";
 *
 * console.log(colorJitter({ probability: 0.5 }).contrast); // => 0.1
 *
 * const image = { data: Uint8Array.of(200, 100, 0), width: 1, height: 1, channels: 3 } as const;
 * const steps = [{ operation: "saturation", value: 0 }] as const;
 * console.log([...(await augmentPixels(image, [{ name: "colorJitter", steps }])).data]); // => [ 118, 118, 118 ]
 * ```
 *
 * @see {@link https://docs.pytorch.org/vision/0.15/generated/torchvision.transforms.ColorJitter.html | ColorJitter}
 */
export function colorJitter(options: ColorJitterOptions = {}): ColorJitter {
  const { brightness = 0.1, contrast = 0.1, saturation = 0.1, hue = 0, probability = 1 } = options;
  const transform: ColorJitter = {
    name: "colorJitter",
    brightness,
    contrast,
    saturation,
    hue,
    probability,
  };
  colorJitterRule.check("colorJitter", transform);
  return transform;
}

/** How it is done. */
export const colorJitterRule: TransformRule<ColorJitter, ColorJitterDraw> = {
  check: (caller, { brightness, contrast, saturation, hue, probability }) => {
    requireBetween(caller, "brightness", brightness, 0, 10);
    requireBetween(caller, "contrast", contrast, 0, 10);
    requireBetween(caller, "saturation", saturation, 0, 10);
    requireBetween(caller, "hue", hue, 0, 0.5);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ brightness, contrast, saturation, hue, probability }, _size, random) => {
    if (random() >= probability) return undefined;
    const order = Int32Array.of(0, 1, 2, 3);
    shuffleInPlace(order, random);
    const factor = (limit: number): number => uniform(random, Math.max(0, 1 - limit), 1 + limit);
    const all = [
      { operation: "brightness", limit: brightness, value: factor(brightness) },
      { operation: "contrast", limit: contrast, value: factor(contrast) },
      { operation: "saturation", limit: saturation, value: factor(saturation) },
      { operation: "hue", limit: hue, value: uniform(random, -hue, hue) },
    ] as const;
    const steps: ColorJitterStep[] = [];
    for (const place of order) {
      const { operation, limit, value } = all[place];
      if (limit > 0) steps.push({ operation, value });
    }
    return steps.length === 0 ? undefined : { name: "colorJitter", steps };
  },
  apply: (pixels, { steps }) => {
    let current = pixels;
    for (const { operation, value } of steps) current = operations[operation](current, value);
    return current;
  },
};

const operations: Readonly<Record<ColorJitterOperation, (pixels: Pixels, value: number) => Pixels>> = {
  brightness: enhanceBrightness,
  contrast: enhanceContrast,
  saturation: enhanceSaturation,
  hue: shiftHue,
};
