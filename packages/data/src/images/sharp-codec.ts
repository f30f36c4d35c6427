import sharp from "sharp";
import { pixelsOf } from "../augmentation/pixels.ts";
import type { ImageCodec } from "../augmentation/transform-rule.ts";

/**
 * The JPEG codec of sharp, for `jpegCompression`: baseline, 4:2:0, the quantization tables of the JPEG standard, as
 * libjpeg writes when it is told nothing but the quality. Bytes are those of `cv2.imencode` and `cv2.imdecode` of OpenCV 4.9.
 *
 * @example
 * ```ts
 * import { augmentPixels } from "@lmk/data";
 * import { sharpCodec } from "@lmk/data/images";
 *
 * const gray = { data: new Uint8Array(48).fill(128), width: 4, height: 4, channels: 3 } as const;
 * const draws = [{ name: "jpegCompression", quality: 99 }] as const;
 * const { data } = await augmentPixels(gray, draws, { codec: sharpCodec });
 * console.log(data[0]); // => 128
 * ```
 */
export const sharpCodec: ImageCodec = {
  reencodeJpeg: async ({ data, width, height, channels }, quality) => {
    const file = await sharp(data, { raw: { width, height, channels } })
      .jpeg({ quality, chromaSubsampling: "4:2:0", mozjpeg: false, optimizeCoding: false })
      .toBuffer();
    const decoded = await sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer();
    return pixelsOf(decoded, { width, height });
  },
};
