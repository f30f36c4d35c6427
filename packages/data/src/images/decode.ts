import { existsSync } from "node:fs";
import sharp from "sharp";
import type { Size } from "../samplers/size-templates.ts";

/**
 * The interpolation that scales an image to its size. All but `nearest` widen with the reduction, so that
 * they do not alias.
 */
export type ResizeKernel = "nearest" | "linear" | "cubic" | "mitchell" | "lanczos2" | "lanczos3";

/** The kernels, for checks. */
export const resizeKernels: readonly ResizeKernel[] = [
  "nearest",
  "linear",
  "cubic",
  "mitchell",
  "lanczos2",
  "lanczos3",
];

/** How a file becomes pixels. */
export interface DecodeOptions {
  /** Whether the EXIF orientation is applied. */
  readonly autoOrient: boolean;
  readonly kernel: ResizeKernel;
}

/** Why an image could not be read. */
export interface ImageFailure {
  /** The row of the image: its position in the paths. */
  readonly row: number;
  /** Its file. */
  readonly path: string;
  /** What is wrong, on one line. */
  readonly message: string;
}

/**
 * Decodes a file into `height * width * 3` bytes of sRGB, warped to the size. libvips decodes no more of a
 * JPEG's detail than the size needs, but always reads it to its end, so a truncated file is refused.
 */
export function decodeToSize(path: string, size: Size, options: DecodeOptions): Promise<Uint8Array> {
  return sharp(path, { failOn: "error", autoOrient: options.autoOrient })
    .resize(size.width, size.height, { fit: "fill", kernel: options.kernel })
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer();
}

/** The size of an image as it is shown, from its header. */
export async function readHeaderSize(path: string, autoOrient: boolean): Promise<Size> {
  const { width, height, autoOrient: oriented } = await sharp(path, { failOn: "error" }).metadata();
  return autoOrient ? oriented : { width, height };
}

/**
 * What is wrong with an image, on one line. sharp says itself when a file is missing, of no known format or
 * too large. Its other messages are those of the decoders, taken from a buffer that all threads share, and
 * differ from run to run, so one sentence stands for them.
 */
export function failureMessage(error: unknown, path: string): string {
  // sharp tells a missing file by that same shared buffer, so it may take it for one of a foreign format.
  if (!existsSync(path)) return "Input file is missing";
  const text = error instanceof Error ? error.message : String(error);
  const [line] = text.split("\n", 1);
  return line.startsWith("Input ") ? line.replace(`: ${path}`, "") : "Input file is truncated or corrupt";
}
