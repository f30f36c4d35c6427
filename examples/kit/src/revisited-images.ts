import { longestSide, type Pixels, resizePixels } from "@lmk/models/images";
import sharp from "sharp";

/** A box in whole pixels; it may go past the image. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * What becomes of a query after it is cut to its box, its longer side being `crop`, that of its image `full`:
 * `"published"`, as for every image, at most `maxSide`; `"head"` at most `maxSide · crop / full`, so that the building is
 * as large as on the whole image at `maxSide`.
 *
 * The published results of 2019 are of the first; the authors' later code, and that of Radenović, does the second.
 */
export type QueryCrop = "published" | "head";

/** x1, y1, x2, y2 rounded to whole pixels as Pillow's `crop` does, halves to the even one. */
export function pixelBox(corners: ArrayLike<number>): PixelBox {
  const [left, top, right, bottom] = Array.from(corners, roundHalfToEven) as [number, number, number, number];
  return { left, top, width: right - left, height: bottom - top };
}

/** The longer side that a query is shrunk to, if it is longer. */
export function queryLimit(
  box: Size,
  full: Size,
  options: { maxSide: number; queryCrop: QueryCrop },
): number {
  const { maxSide, queryCrop } = options;
  if (queryCrop === "published") return maxSide;
  const share = Math.max(box.width, box.height) / Math.max(full.width, full.height);
  return Math.max(1, Math.floor(maxSide * share));
}

/** The size of an image after it is shrunk as Pillow's `thumbnail` does. */
export function thumbnailSize(size: Size, limit: number): Size {
  return longestSide(limit)(size).resize;
}

/** A query cut to its box, what is past the image being black, and shrunk. */
export async function cutQuery(path: string, box: PixelBox, full: Size, limit: number): Promise<Pixels> {
  const left = Math.max(0, box.left);
  const top = Math.max(0, box.top);
  const right = Math.min(full.width, box.left + box.width);
  const bottom = Math.min(full.height, box.top + box.height);
  const { data, info } = await sharp(path, { failOn: "error", ignoreIcc: true })
    .removeAlpha()
    .toColourspace("srgb")
    .extract({ left, top, width: right - left, height: bottom - top })
    .extend({
      left: left - box.left,
      top: top - box.top,
      right: box.left + box.width - right,
      bottom: box.top + box.height - bottom,
      background: "black",
    })
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const pixels = { data, width: info.width, height: info.height, channels: info.channels };
  return resizePixels(pixels, { ...thumbnailSize(pixels, limit), kernel: "pillow-lanczos" });
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
