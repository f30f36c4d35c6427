import { createRandom } from "../random.ts";
import { requireInteger, requireOneOf } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import type { Augmentation } from "./augmentations.ts";
import { ruleOf, type TransformDraw, transformRules } from "./transforms.ts";

/** Which draw it is: one image in one epoch of one run. */
export interface AugmentationKey {
  /** Of the run, an integer of at least 0. */
  readonly seed: number;
  /** An integer of at least 0. */
  readonly epoch: number;
  /** Of the image, an integer of at least 0. */
  readonly row: number;
  /**
   * Tells apart the copies of an image that comes several times in an epoch, an integer of at least 0.
   *
   * @defaultValue 0
   */
  readonly copy?: number;
}

/** Options of {@link drawAugmentation}. */
export interface DrawAugmentationOptions {
  /**
   * The size that the network takes, for `resize` and the transforms that refer to it.
   *
   * @defaultValue the size of the image
   */
  readonly target?: Size;
}

/**
 * Draws what happens to an image; {@link augmentPixels} does it.
 *
 * The numbers depend on the key and the transform's place in the list alone, not on images drawn before, so that a run
 * that goes on after a stop sees what it would have seen, whatever the number of threads. They are not those of Python's
 * generators.
 *
 * @param augmentation - The transforms in their order, such as `augmentations.soft`.
 * @param size - The size of the image as the first transform gets it.
 * @param key - Which draw.
 * @returns What happens, in order; a transform that leaves the image alone is missing.
 * @throws RangeError if a parameter is out of its range, a side or a part of the key is not an integer of at least 1 or 0,
 * or a transform of bytes comes after one of normalized numbers.
 *
 * @example
 * ```ts
 * import { augmentations, drawAugmentation } from "@lmk/data";
 *
 * const size = { width: 128, height: 128 };
 * const first = drawAugmentation(augmentations.soft, size, { seed: 1, epoch: 0, row: 7 });
 * const again = drawAugmentation(augmentations.soft, size, { seed: 1, epoch: 0, row: 7 });
 * console.log(first.at(-1)?.name, JSON.stringify(first) === JSON.stringify(again)); // => cropZoom true
 * ```
 */
export function drawAugmentation(
  augmentation: Augmentation,
  size: Size,
  key: AugmentationKey,
  options: DrawAugmentationOptions = {},
): readonly TransformDraw[] {
  const { target = size } = options;
  const { seed, epoch, row, copy = 0 } = key;
  requireAugmentation("drawAugmentation", augmentation);
  requireInteger("drawAugmentation", "width", size.width, 1);
  requireInteger("drawAugmentation", "height", size.height, 1);
  requireInteger("drawAugmentation", "target.width", target.width, 1);
  requireInteger("drawAugmentation", "target.height", target.height, 1);
  requireInteger("drawAugmentation", "seed", seed, 0);
  requireInteger("drawAugmentation", "epoch", epoch, 0);
  requireInteger("drawAugmentation", "row", row, 0);
  requireInteger("drawAugmentation", "copy", copy, 0);

  const draws: TransformDraw[] = [];
  let current = size;
  for (const [place, transform] of augmentation.entries()) {
    const rule = ruleOf(transform);
    const draw = rule.draw(transform, current, createRandom(seed, epoch, row, copy, place), target);
    if (draw === undefined) continue;
    draws.push(draw);
    current = rule.sizeAfter?.(draw, current) ?? current;
  }
  return draws;
}

/** Checks an augmentation of your own. */
export function requireAugmentation(caller: string, augmentation: Augmentation): void {
  let normalized: string | undefined;
  for (const transform of augmentation) {
    requireOneOf(caller, "name", transform.name, Object.keys(transformRules));
    const rule = ruleOf(transform);
    rule.check(caller, transform);
    if (rule.applyNormalized !== undefined) normalized = transform.name;
    else if (normalized !== undefined) {
      throw new RangeError(
        `${caller}: expected \`augmentation\` to end with ${normalized}, which comes after normalization, got ${transform.name} behind it`,
      );
    }
  }
}
