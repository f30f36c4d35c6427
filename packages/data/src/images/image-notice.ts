import { extname } from "node:path";
import type { Metadata } from "sharp";

/**
 * What is unusual about an image that can be read: the name says another format; four inks instead of three colours; 16
 * bits a value; several pictures, of which the first is taken; stored coarse to fine; transparent; to be turned.
 */
export type ImageNoticeKind =
  | "wrong-extension"
  | "cmyk"
  | "16-bit"
  | "animated"
  | "progressive"
  | "alpha"
  | "exif-orientation";

/** An image that can be read but is unusual. */
export interface ImageNotice {
  /** The row of the image: its position in the paths. */
  readonly row: number;
  /** Its file. */
  readonly path: string;
  /** What is unusual, for code that reacts to it. */
  readonly kind: ImageNoticeKind;
  /** What is unusual and what the loader makes of it, on one line. */
  readonly message: string;
}

const extensions: Readonly<Record<string, readonly string[]>> = {
  jpeg: ["jpg", "jpeg", "jpe", "jfif"],
  png: ["png"],
  webp: ["webp"],
  gif: ["gif"],
  tiff: ["tif", "tiff"],
  svg: ["svg"],
  heif: ["avif", "heif", "heic"],
};

/** Everything unusual about an image, by its header; a name without an extension says nothing. */
export function noticesOf(row: number, path: string, metadata: Metadata): ImageNotice[] {
  const { format, space, depth, pages = 1, isProgressive, hasAlpha, orientation = 1 } = metadata;
  const notices: ImageNotice[] = [];
  const add = (kind: ImageNoticeKind, message: string): void => {
    notices.push({ row, path, kind, message });
  };
  const extension = extname(path).slice(1).toLowerCase();
  if (extension !== "" && !(extensions[format] ?? [format]).includes(extension)) {
    add("wrong-extension", `Input file is of format ${format}, its name says ${extension}`);
  }
  if (space === "cmyk") add("cmyk", "Input image is CMYK, converted to RGB");
  if (depth === "ushort") add("16-bit", "Input image has 16 bits a value, converted to 8");
  if (pages > 1) add("animated", `Input image has ${pages} pictures, the first is taken`);
  if (isProgressive) add("progressive", "Input image is progressive or interlaced");
  if (hasAlpha) add("alpha", "Input image is transparent, its alpha is dropped");
  if (orientation > 1) add("exif-orientation", `Input image has EXIF orientation ${orientation}`);
  return notices;
}
