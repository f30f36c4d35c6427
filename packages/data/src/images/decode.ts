import sharp, { type Metadata, type Sharp } from "sharp";
import { type Pixels, pixelsOf } from "../augmentation/pixels.ts";
import { resizePixels } from "../augmentation/resize.ts";
import type { Size } from "../samplers/size-templates.ts";

/**
 * The interpolation that scales an image to its size. `opencv-linear` is that of OpenCV's `INTER_LINEAR` on the image at
 * its stored size, which aliases. The others are those of sharp; all of them but `nearest` widen with the reduction, so
 * that they do not alias, and JPEG files are decoded at no more detail than they need.
 */
export type ResizeKernel =
  | "nearest"
  | "linear"
  | "cubic"
  | "mitchell"
  | "lanczos2"
  | "lanczos3"
  | "opencv-linear";

/** The kernels, for checks. */
export const resizeKernels: readonly ResizeKernel[] = [
  "nearest",
  "linear",
  "cubic",
  "mitchell",
  "lanczos2",
  "lanczos3",
  "opencv-linear",
];

/**
 * What becomes of an embedded colour profile: `"ignore"` takes the numbers as they are stored, as OpenCV and Pillow do;
 * `"convert"` turns them into sRGB.
 */
export type ColorProfile = "ignore" | "convert";

/** The choices, for checks. */
export const colorProfiles: readonly ColorProfile[] = ["ignore", "convert"];

/** Twice the number of pixels at which Pillow warns of a decompression bomb: there it refuses to go on. */
export const defaultMaxPixels = 178_956_970;

/** How a file becomes pixels. */
export interface DecodeOptions {
  /** Whether the EXIF orientation is applied. */
  readonly autoOrient: boolean;
  readonly colorProfile: ColorProfile;
  /** Images that declare more are refused before any of them is decoded. */
  readonly maxPixels: number;
  readonly kernel: ResizeKernel;
}

/** sharp could not read a file. Its message differs from run to run; `failureOf` says what is wrong. */
export class DecodeRefusal extends Error {}

/**
 * Decodes a file into RGB bytes, warped to the size, or as it is stored without one. libvips decodes no more of a JPEG's
 * detail than the size needs, but always reads it to its end, so a truncated file is refused.
 *
 * @throws DecodeRefusal if the file cannot be read.
 */
export async function decodeImage(
  path: string,
  size: Size | undefined,
  options: DecodeOptions,
): Promise<Pixels> {
  const { kernel } = options;
  const image = openImage(path, options);
  if (size !== undefined && kernel !== "opencv-linear") {
    image.resize(size.width, size.height, { fit: "fill", kernel });
  }
  image.removeAlpha().toColourspace("srgb").raw({ depth: "uchar" });
  const { data, info } = await read(image.toBuffer({ resolveWithObject: true }));
  const pixels = pixelsOf(data, info);
  if (size === undefined || kernel !== "opencv-linear") return pixels;
  return resizePixels(pixels, size);
}

/**
 * What the header of a file says.
 *
 * @throws DecodeRefusal if the file cannot be read.
 */
export function readHeader(path: string, options: Omit<DecodeOptions, "kernel">): Promise<Metadata> {
  return read(openImage(path, options).metadata());
}

/** What sharp gives once it reads; options that it does not take are refused before. */
async function read<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (cause) {
    throw new DecodeRefusal(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A file as sharp opens it, nothing of it read yet. */
function openImage(
  path: string,
  { autoOrient, colorProfile, maxPixels }: Omit<DecodeOptions, "kernel">,
): Sharp {
  return sharp(path, {
    failOn: "error",
    autoOrient,
    ignoreIcc: colorProfile === "ignore",
    limitInputPixels: maxPixels,
  });
}
