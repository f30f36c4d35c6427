import { createRandom } from "../random.ts";
import { requireBetween, requireInteger } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import type { Augmentation } from "./augmentations.ts";

/** What an augmentation does to one image. */
export interface AugmentationDraw {
  /** Shear in degrees; 0 is none. */
  readonly shearDegrees: number;
  /** Each pixel is multiplied by this. */
  readonly gain: number;
  /** And this is added, in steps of 255ths. */
  readonly offset: number;
  /**
   * The part of the image, in its pixels, that is scaled to its size; where it lies outside, black.
   */
  readonly crop: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** Whether the result is mirrored. */
  readonly flip: boolean;
}

/** Which draw it is: one image in one epoch of one run. */
export interface AugmentationKey {
  readonly seed: number;
  readonly epoch: number;
  readonly row: number;
}

/**
 * Draws what happens to an image; `augmentPixels` does it.
 *
 * With `l`, `s`, `b`, `c` the crop scale, shear, brightness and contrast, and `U` a uniform draw, in this
 * order, as in the 2019 solution:
 *
 * ```text
 * with probability shearProbability:               shear by U(-s, s)
 * with probability brightnessContrastProbability:  v' = clip(floor(v (1 + U(-c, c)) + 255 U(-b, b)), 0, 255)
 * always:   crop of floor(H U(1-l, 1+l)) by floor(W U(1-l, 1+l)), padded with 0 where it is larger than
 *           the image (how much of that on which side is uniform), else at a uniform place; scaled to H by W
 * with probability horizontalFlip:                 mirror
 * ```
 *
 * The numbers depend on the key alone, not on images drawn before, so that a run that goes on after a
 * stop sees what it would have seen, whatever the number of threads. They are not those of Python's
 * generators. The 2019 code does not tell whether brightness counted in shares of 255 or of the image's
 * mean, which depends on the version of its library; here it is 255.
 *
 * @param augmentation - How far, such as `augmentations.soft`.
 * @param size - The size of the image.
 * @param key - Which draw.
 * @throws RangeError if a number is outside of the range that {@link Augmentation} gives, or a side or a
 * part of the key is not an integer of at least 1 or 0.
 *
 * @example
 * ```ts
 * import { augmentations, drawAugmentation } from "@lmk/data";
 *
 * const size = { width: 128, height: 128 };
 * const first = drawAugmentation(augmentations.soft, size, { seed: 1, epoch: 0, row: 7 });
 * const again = drawAugmentation(augmentations.soft, size, { seed: 1, epoch: 0, row: 7 });
 * console.log(first.crop.width === again.crop.width, first.shearDegrees); // => true 0
 * ```
 */
export function drawAugmentation(
  augmentation: Augmentation,
  size: Size,
  key: AugmentationKey,
): AugmentationDraw {
  requireAugmentation("drawAugmentation", augmentation);
  requireInteger("drawAugmentation", "width", size.width, 1);
  requireInteger("drawAugmentation", "height", size.height, 1);
  requireInteger("drawAugmentation", "seed", key.seed, 0);
  requireInteger("drawAugmentation", "epoch", key.epoch, 0);
  requireInteger("drawAugmentation", "row", key.row, 0);

  const { cropScale, shearDegrees, brightness, contrast } = augmentation;
  const random = createRandom(key.seed, key.epoch, key.row);
  // The sum turns -0, the draw of a limit of 0, into 0.
  const around = (limit: number): number => (random() * 2 - 1) * limit + 0;
  // Every number is drawn, used or not, so that one knob does not change what the others draw.
  const isSheared = random() < augmentation.shearProbability;
  const shear = around(shearDegrees);
  const isRecolored = random() < augmentation.brightnessContrastProbability;
  const gain = 1 + around(contrast);
  const offset = around(brightness) * 255;
  const vertical = cropSide(size.height, 1 + around(cropScale), random());
  const horizontal = cropSide(size.width, 1 + around(cropScale), random());
  const flip = random() < augmentation.horizontalFlip;
  return {
    shearDegrees: isSheared ? shear : 0,
    gain: isRecolored ? gain : 1,
    offset: isRecolored ? offset : 0,
    crop: {
      left: horizontal.start,
      top: vertical.start,
      width: horizontal.length,
      height: vertical.length,
    },
    flip,
  };
}

/** Checks an augmentation of your own. */
export function requireAugmentation(caller: string, augmentation: Augmentation): void {
  requireBetween(caller, "cropScale", augmentation.cropScale, 0, 0.99);
  requireBetween(caller, "shearDegrees", augmentation.shearDegrees, 0, 45);
  requireBetween(caller, "shearProbability", augmentation.shearProbability, 0, 1);
  requireBetween(caller, "brightness", augmentation.brightness, 0, 1);
  requireBetween(caller, "contrast", augmentation.contrast, 0, 1);
  const { brightnessContrastProbability, horizontalFlip } = augmentation;
  requireBetween(caller, "brightnessContrastProbability", brightnessContrastProbability, 0, 1);
  requireBetween(caller, "horizontalFlip", horizontalFlip, 0, 1);
}

function cropSide(side: number, factor: number, place: number): { start: number; length: number } {
  const length = Math.max(1, Math.floor(side * factor));
  const padding = length - side;
  return { length, start: padding > 0 ? -Math.floor(place * (padding + 1)) : Math.floor(-padding * place) };
}
