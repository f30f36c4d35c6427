import { requireLength } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import { type Pixels, requirePixels } from "./pixels.ts";
import type { ImageCodec } from "./transform-rule.ts";
import { ruleOf, type TransformDraw } from "./transforms.ts";

/** Options of {@link augmentPixels}. */
export interface AugmentPixelsOptions {
  /**
   * Encodes and decodes JPEG, for `jpegCompression`; `sharpCodec` of `@lmk/data/images` is one.
   *
   * @defaultValue none: such a draw is refused
   */
  readonly codec?: ImageCodec;
}

/**
 * Does to an image what {@link drawAugmentation} drew, but for the draws that come after normalization, which
 * {@link augmentNormalized} does.
 *
 * @param pixels - The image.
 * @param draws - What to do, in order.
 * @returns The changed image; `pixels` itself where nothing was drawn.
 * @throws RangeError if `pixels.data` does not fit the sides; TypeError for a draw that needs a codec without one.
 *
 * @example
 * ```ts
 * import { augmentPixels } from "@lmk/data";
 *
 * const image = { data: Uint8Array.of(10, 20, 30, 40, 50, 60), width: 2, height: 1, channels: 3 } as const;
 * const mirrored = await augmentPixels(image, [{ name: "horizontalFlip" }]);
 * console.log([...mirrored.data]); // => [ 40, 50, 60, 10, 20, 30 ]
 * ```
 */
export async function augmentPixels(
  pixels: Pixels,
  draws: readonly TransformDraw[],
  options: AugmentPixelsOptions = {},
): Promise<Pixels> {
  requirePixels("augmentPixels", pixels);
  let current = pixels;
  for (const draw of draws) {
    const changed = ruleOf(draw).apply?.(current, draw, options.codec) ?? current;
    current = changed instanceof Promise ? await changed : changed;
  }
  return current;
}

/**
 * Does the draws that come after normalization, such as `randomErasing`, in place.
 *
 * @param image - `height * width * 3` normalized numbers.
 * @param size - The size of the image.
 * @param draws - All draws of the image; those of bytes are passed over.
 * @throws RangeError if `image` does not fit the size.
 */
export function augmentNormalized(image: Float32Array, size: Size, draws: readonly TransformDraw[]): void {
  requireLength("augmentNormalized", "image", image.length, size.height * size.width * 3);
  for (const draw of draws) ruleOf(draw).applyNormalized?.(image, size, draw);
}
