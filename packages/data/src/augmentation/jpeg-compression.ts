import { requireBetween } from "../require.ts";
import { type Pixels, pixelsOf } from "./pixels.ts";
import { requireIntegerRange } from "./require-range.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniformInteger } from "./uniform.ts";

/** Encodes as JPEG and decodes again. */
export interface JpegCompression {
  readonly name: "jpegCompression";
  /** Lowest and highest quality, integers from 1 to 100. */
  readonly quality: readonly [number, number];
  /** The share of images that are encoded, from 0 to 1. */
  readonly probability: number;
}

/** The image is encoded with this quality. */
export interface JpegCompressionDraw {
  readonly name: "jpegCompression";
  readonly quality: number;
}

/** Options of {@link jpegCompression}. */
export interface JpegCompressionOptions {
  /**
   * Lowest and highest quality, integers from 1 to 100.
   *
   * @defaultValue [99, 100], as in the 2020 and 2021 solutions
   */
  readonly quality?: readonly [number, number];
  /**
   * The share of images that are encoded, from 0 to 1.
   *
   * @defaultValue 0.5, as in the 2020 and 2021 solutions
   */
  readonly probability?: number;
}

/**
 * Encodes images as JPEG, 4:2:0, and decodes them again (`ImageCompression` of albumentations); the quality is a uniform
 * integer, both ends among them. Needs a codec, such as `sharpCodec` of `@lmk/data/images`.
 *
 * Red and blue trade places for it, as in that library, which hands RGB to an encoder that takes BGR.
 *
 * @throws RangeError if an option is out of range, or the lowest quality is above the highest.
 *
 * @example
 * ```ts
 * import { jpegCompression } from "@lmk/data";
 *
 * console.log(jpegCompression().quality); // => [ 99, 100 ]
 * ```
 */
export function jpegCompression(options: JpegCompressionOptions = {}): JpegCompression {
  const { quality = [99, 100], probability = 0.5 } = options;
  const transform: JpegCompression = { name: "jpegCompression", quality, probability };
  jpegCompressionRule.check("jpegCompression", transform);
  return transform;
}

/** How it is done. */
export const jpegCompressionRule: TransformRule<JpegCompression, JpegCompressionDraw> = {
  check: (caller, { quality, probability }) => {
    requireIntegerRange(caller, "quality", quality, 1, 100);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ quality, probability }, _size, random) => {
    if (random() >= probability) return undefined;
    return { name: "jpegCompression", quality: uniformInteger(random, quality[0], quality[1]) };
  },
  apply: async (pixels, { quality }, codec) => {
    if (codec === undefined) {
      throw new TypeError(
        "augmentPixels: expected `codec` to be given for jpegCompression, got undefined; sharpCodec of @lmk/data/images is one",
      );
    }
    return swapRedAndBlue(await codec.reencodeJpeg(swapRedAndBlue(pixels), quality));
  },
};

function swapRedAndBlue(pixels: Pixels): Pixels {
  const { data } = pixels;
  const swapped = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    swapped[i] = data[i + 2];
    swapped[i + 1] = data[i + 1];
    swapped[i + 2] = data[i];
  }
  return pixelsOf(swapped, pixels);
}
