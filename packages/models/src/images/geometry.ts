import { requireName, requirePositiveInteger } from "../require.ts";
import { roundHalfToEven } from "../round-half-to-even.ts";
import { requireSize, type Size } from "./pixels.ts";

/** A part of an image. */
export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/** Black pixels to add on each side. */
export interface Borders {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What happens to the pixels of one image, in this order. */
export interface Placement {
  readonly resize: Size;
  readonly pad?: Borders;
  /** In the resized and padded image. */
  readonly crop?: Rectangle;
}

/** The placement of an image of a given size. */
export type Geometry = (size: Size) => Placement;

/**
 * The size that a placement ends with.
 *
 * @example
 * ```ts
 * import { placedSize, shortestSide } from "@lmk/models/images";
 *
 * const placement = shortestSide(256, { crop: 224 })({ width: 640, height: 480 });
 * placement; // => { resize: { width: 341, height: 256 }, crop: { left: 58, top: 16, width: 224, height: 224 } }
 * placedSize(placement); // => { width: 224, height: 224 }
 * ```
 */
export function placedSize({ resize, pad, crop }: Placement): Size {
  if (crop) return { width: crop.width, height: crop.height };
  if (!pad) return { width: resize.width, height: resize.height };
  return {
    width: pad.left + resize.width + pad.right,
    height: pad.top + resize.height + pad.bottom,
  };
}

/** Options of {@link squash}. */
export interface SquashOptions extends Size {
  /**
   * Side of the square cut from the middle, at most the shorter side.
   *
   * @defaultValue none: nothing is cut
   */
  readonly crop?: number;
}

/**
 * Every image at one size, whatever its shape.
 *
 * @throws RangeError if a side or `crop` is not a whole number above 0, or `crop` is larger than a side.
 *
 * @example
 * ```ts
 * import { squash } from "@lmk/models/images";
 *
 * squash({ width: 512, height: 512 })({ width: 800, height: 600 }); // => { resize: { width: 512, height: 512 } }
 * ```
 */
export function squash(options: SquashOptions): Geometry {
  const { width, height, crop } = options;
  requireSize("squash", options);
  const resize = { width, height };
  if (crop === undefined) return checked("squash", () => ({ resize }));
  requireCrop("squash", crop, Math.min(width, height));
  return checked("squash", () => ({ resize, crop: centered(resize, crop, Math.floor) }));
}

/** Options of {@link shortestSide}. */
export interface ShortestSideOptions {
  /**
   * Side of the square cut from the middle. An image with a shorter side is padded to it with black.
   *
   * @defaultValue none: nothing is cut
   */
  readonly crop?: number;
  /**
   * Whose rounding: torchvision's and timm's, or that of albumentations, which cannot pad.
   *
   * @defaultValue "torchvision"
   */
  readonly rounding?: "torchvision" | "albumentations";
}

/**
 * The shorter side at `size`, the other in proportion, then a square from the middle.
 *
 * ```text
 *                torchvision                   albumentations (SmallestMaxSize, CenterCrop)
 * longer side    floor(size * long / short)    round(long * (size / short))
 * crop offset    round((side - crop) / 2)      floor((side - crop) / 2)
 * ```
 *
 * `round` takes halves to the even number.
 *
 * @param size - In pixels; smaller images are enlarged.
 * @throws RangeError if `size` or `crop` is not a whole number above 0, `rounding` is unknown, or `crop` is larger than
 * `size` with the rounding of albumentations.
 *
 * @example
 * ```ts
 * import { shortestSide } from "@lmk/models/images";
 *
 * const size = { width: 1000, height: 667 };
 * shortestSide(512)(size); // => { resize: { width: 767, height: 512 } }
 * shortestSide(512, { rounding: "albumentations" })(size); // => { resize: { width: 768, height: 512 } }
 * ```
 */
export function shortestSide(size: number, options: ShortestSideOptions = {}): Geometry {
  const { crop, rounding = "torchvision" } = options;
  requirePositiveInteger("shortestSide", "size", size);
  requireName("shortestSide", "rounding", rounding, { torchvision: 0, albumentations: 0 });
  const torch = rounding === "torchvision";
  if (crop !== undefined) requireCrop("shortestSide", crop, torch ? Number.POSITIVE_INFINITY : size);
  const scaled = (side: number, short: number): number => {
    if (side === short) return size;
    return torch ? Math.floor((size * side) / short) : roundHalfToEven(side * (size / short));
  };
  return checked("shortestSide", ({ width, height }) => {
    const short = Math.min(width, height);
    const resize = { width: scaled(width, short), height: scaled(height, short) };
    if (crop === undefined) return { resize };
    const pad = size < crop ? centralBorders(resize, crop) : undefined;
    const padded = placedSize(pad ? { resize, pad } : { resize });
    const cut = centered(padded, crop, torch ? roundHalfToEven : Math.floor);
    return pad ? { resize, pad, crop: cut } : { resize, crop: cut };
  });
}

/** Options of {@link longestSide}. */
export interface LongestSideOptions {
  /**
   * Whether to pad with black to a square of `size`, the image in the middle.
   *
   * @defaultValue false
   */
  readonly pad?: boolean;
  /**
   * Side of the square cut from the middle of the padded one; needs `pad`.
   *
   * @defaultValue none: nothing is cut
   */
  readonly crop?: number;
  /**
   * Whose rounding: Pillow's `thumbnail`, which never enlarges, or that of albumentations, which does.
   *
   * @defaultValue "pillow"
   */
  readonly rounding?: "pillow" | "albumentations";
}

/**
 * The longer side at `size`, the other in proportion.
 *
 * ```text
 *                 pillow (thumbnail)                                   albumentations (LongestMaxSize)
 * shorter side    floor or ceiling of size * short / long, at least    round(short * (size / long)),
 *                 1, whichever keeps width / height better             halves to the even number
 * small images    stay as they are                                     are enlarged
 * ```
 *
 * Pillow's `thumbnail` of version 7 and later takes means of whole blocks before its filter when it shrinks 4 times or
 * more, and JPEG files may be decoded at a smaller size; `resizePixels` does neither.
 *
 * @throws RangeError if `size` or `crop` is not a whole number above 0, `rounding` is unknown, or `crop` is larger than
 * `size` or given without `pad`. The geometry it returns throws if a side of the image is not a whole number above 0,
 * or if the rounding of albumentations leaves no pixel of the shorter side.
 *
 * @example
 * ```ts
 * import { longestSide } from "@lmk/models/images";
 *
 * longestSide(1024)({ width: 1600, height: 1067 }); // => { resize: { width: 1024, height: 683 } }
 * longestSide(1024)({ width: 640, height: 480 }); // => { resize: { width: 640, height: 480 } }
 * ```
 */
export function longestSide(size: number, options: LongestSideOptions = {}): Geometry {
  const { pad = false, crop, rounding = "pillow" } = options;
  requirePositiveInteger("longestSide", "size", size);
  requireName("longestSide", "rounding", rounding, { pillow: 0, albumentations: 0 });
  if (crop !== undefined) requireCrop("longestSide", crop, size);
  if (crop !== undefined && !pad)
    throw new RangeError("longestSide: expected `pad` to be true with a crop, got false");
  const scaled = rounding === "pillow" ? thumbnailSize : longestMaxSize;
  return checked("longestSide", (image) => {
    const resize = scaled(image, size);
    if (!pad) return { resize };
    const borders = centralBorders(resize, size);
    if (crop === undefined) return { resize, pad: borders };
    return { resize, pad: borders, crop: centered({ width: size, height: size }, crop, Math.floor) };
  });
}

function checked(caller: string, geometry: Geometry): Geometry {
  return (size) => {
    requireSize(caller, size);
    return geometry(size);
  };
}

function requireCrop(caller: string, crop: number, largest: number): void {
  requirePositiveInteger(caller, "crop", crop);
  if (crop <= largest) return;
  throw new RangeError(`${caller}: expected \`crop\` to be at most ${largest}, got ${crop}`);
}

function centered(size: Size, crop: number, round: (offset: number) => number): Rectangle {
  const left = round((size.width - crop) / 2);
  const top = round((size.height - crop) / 2);
  return { left, top, width: crop, height: crop };
}

function centralBorders({ width, height }: Size, side: number): Borders {
  const across = Math.max(0, side - width);
  const down = Math.max(0, side - height);
  const left = Math.floor(across / 2);
  const top = Math.floor(down / 2);
  return { left, top, right: across - left, bottom: down - top };
}

function longestMaxSize({ width, height }: Size, size: number): Size {
  const scale = size / Math.max(width, height);
  const resize = { width: roundHalfToEven(width * scale), height: roundHalfToEven(height * scale) };
  requireSize("longestSide", resize);
  return resize;
}

function thumbnailSize({ width, height }: Size, size: number): Size {
  if (size >= width && size >= height) return { width, height };
  const aspect = width / height;
  if (aspect <= 1) return { width: closest(size * aspect, (n) => Math.abs(aspect - n / size)), height: size };
  return { width: size, height: closest(size / aspect, (n) => (n === 0 ? 0 : Math.abs(aspect - size / n))) };
}

/** The floor or ceiling with the smaller error, the floor on a tie, at least 1. */
function closest(value: number, error: (n: number) => number): number {
  const [low, high] = [Math.floor(value), Math.ceil(value)];
  return Math.max(1, error(high) < error(low) ? high : low);
}
