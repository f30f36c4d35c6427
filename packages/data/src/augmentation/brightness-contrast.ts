import { requireBetween, requireOneOf } from "../require.ts";
import { mapBytes } from "./enhance.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform } from "./uniform.ts";

/** Changes brightness and contrast by amounts drawn at random. */
export interface BrightnessContrast {
  readonly name: "brightnessContrast";
  /** Largest amount that is added to or taken from each value, as a share of what `brightnessBy` says, from 0 to 1. */
  readonly brightness: number;
  /** Largest share by which values grow or shrink, from 0 to 1. */
  readonly contrast: number;
  /** What brightness is a share of: 255, or the mean of all values of the image. */
  readonly brightnessBy: "maximum" | "mean";
  /** The share of images that are changed, from 0 to 1. */
  readonly probability: number;
}

/** Values become `gain * v + offset`, and where `meanShare` is given, `+ meanShare * mean` of the image. */
export interface BrightnessContrastDraw {
  readonly name: "brightnessContrast";
  readonly gain: number;
  /** In 255ths. */
  readonly offset: number;
  /** Only of `brightnessBy: "mean"`. */
  readonly meanShare?: number;
}

/** Options of {@link brightnessContrast}. */
export interface BrightnessContrastOptions {
  /**
   * Largest amount that is added to or taken from each value, as a share of what `brightnessBy` says, from 0 to 1.
   *
   * @defaultValue 0.1, as in the 2019 solution
   */
  readonly brightness?: number;
  /**
   * Largest share by which values grow or shrink, from 0 to 1.
   *
   * @defaultValue 0.1, as in `middle` of the 2019 solution
   */
  readonly contrast?: number;
  /**
   * What brightness is a share of: 255, or the mean of all values of the image.
   *
   * @defaultValue "maximum", as in albumentations from 0.4.0 (September 2019) on; versions before had only "mean"
   */
  readonly brightnessBy?: "maximum" | "mean";
  /**
   * The share of images that are changed, from 0 to 1.
   *
   * @defaultValue 0.5, as in albumentations
   */
  readonly probability?: number;
}

/**
 * Changes brightness and contrast (`RandomBrightnessContrast` of albumentations 1.3.1), with `U` a uniform draw:
 *
 * ```text
 * gain = 1 + U(-contrast, contrast),   share = U(-brightness, brightness)
 * v' = clip(trunc(gain v + 255 share), 0, 255)                for "maximum"
 * v' = clip(trunc(gain v + gain share mean), 0, 255)          for "mean"
 * ```
 *
 * The sums are in single precision. Versions 0.3.0 to 0.5.2 of that library leave out the gain before the mean.
 *
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { augmentPixels, brightnessContrast } from "@lmk/data";
 *
 * console.log(brightnessContrast({ contrast: 0 }).brightness); // => 0.1
 *
 * const image = { data: Uint8Array.of(0, 100, 255), width: 1, height: 1, channels: 3 } as const;
 * const changed = await augmentPixels(image, [{ name: "brightnessContrast", gain: 1.1, offset: -3.5 }]);
 * console.log([...changed.data]); // => [ 0, 106, 255 ]
 * ```
 *
 * @see {@link https://github.com/albumentations-team/albumentations/tree/1.3.1 | albumentations 1.3.1}
 */
export function brightnessContrast(options: BrightnessContrastOptions = {}): BrightnessContrast {
  const { brightness = 0.1, contrast = 0.1, brightnessBy = "maximum", probability = 0.5 } = options;
  const transform: BrightnessContrast = {
    name: "brightnessContrast",
    brightness,
    contrast,
    brightnessBy,
    probability,
  };
  brightnessContrastRule.check("brightnessContrast", transform);
  return transform;
}

/** How it is done. */
export const brightnessContrastRule: TransformRule<BrightnessContrast, BrightnessContrastDraw> = {
  check: (caller, { brightness, contrast, brightnessBy, probability }) => {
    requireBetween(caller, "brightness", brightness, 0, 1);
    requireBetween(caller, "contrast", contrast, 0, 1);
    requireOneOf(caller, "brightnessBy", brightnessBy, ["maximum", "mean"]);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ brightness, contrast, brightnessBy, probability }, _size, random) => {
    if (random() >= probability) return undefined;
    const gain = 1 + uniform(random, -contrast, contrast);
    const share = uniform(random, -brightness, brightness);
    if (brightnessBy === "mean") {
      return { name: "brightnessContrast", gain, offset: 0, meanShare: gain * share };
    }
    return { name: "brightnessContrast", gain, offset: share * 255 };
  },
  apply: (pixels, { gain, offset, meanShare = 0 }) => {
    const added = offset + (meanShare === 0 ? 0 : meanShare * meanOf(pixels.data));
    const table = Uint8Array.from({ length: 256 }, (_, v) => {
      const value = Math.fround(Math.fround(v * Math.fround(gain)) + Math.fround(added));
      return Math.trunc(Math.min(255, Math.max(0, value)));
    });
    return mapBytes(pixels, table);
  },
};

function meanOf(values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
