import type { Size } from "../samplers/size-templates.ts";
import { cropAndScale } from "./crop-and-scale.ts";
import type { Pixels } from "./pixels.ts";
import type { TransformRule } from "./transform-rule.ts";

/** Warps to the size that the network takes; the aspect ratio is not kept. */
export interface Resize {
  readonly name: "resize";
}

/** The image is warped to this size. */
export interface ResizeDraw extends Size {
  readonly name: "resize";
}

/**
 * The place where images are warped to the size of their batch, bilinearly and without a filter against aliasing, with the
 * bytes of `cv2.resize` (`INTER_LINEAR`); halving both sides takes means of 2 by 2 pixels, as there. Transforms before it
 * see the image as it was stored, as in the 2020 and 2021 solutions; an augmentation without it sees images that are already
 * of that size.
 *
 * @example
 * ```ts
 * import { horizontalFlip, resize } from "@lmk/data";
 *
 * const augmentation = [horizontalFlip(), resize()];
 * console.log(augmentation.map(({ name }) => name)); // => [ 'horizontalFlip', 'resize' ]
 * ```
 */
export function resize(): Resize {
  return { name: "resize" };
}

/** How it is done. */
export const resizeRule: TransformRule<Resize, ResizeDraw> = {
  check: () => undefined,
  draw: (_transform, _size, _random, { width, height }) => ({ name: "resize", width, height }),
  sizeAfter: ({ width, height }) => ({ width, height }),
  apply: resizePixels,
};

/** Warps an image to a size as {@link resize} does; an image of that size is given back as it is. */
export function resizePixels(pixels: Pixels, { width, height }: Size): Pixels {
  if (pixels.width === width && pixels.height === height) return pixels;
  return cropAndScale(
    pixels,
    { left: 0, top: 0, width: pixels.width, height: pixels.height },
    { width, height },
  );
}
