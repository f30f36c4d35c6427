import { chance, type Random, range } from "../random.ts";

/** A part of an image, in shares of its width and height. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** All of the photo, or what is left of it after up to an eighth was cut from each side. */
export function createCrop(random: Random): Crop {
  if (chance(random, 0.4)) return { left: 0, top: 0, width: 1, height: 1 };
  const left = range(random, 0, 0.125);
  const top = range(random, 0, 0.125);
  return {
    left,
    top,
    width: 1 - left - range(random, 0, 0.125),
    height: 1 - top - range(random, 0, 0.125),
  };
}

/** The pixels of a crop. */
export function pixelsOf(
  crop: Crop,
  width: number,
  height: number,
): { readonly left: number; readonly top: number; readonly width: number; readonly height: number } {
  return {
    left: Math.floor(crop.left * width),
    top: Math.floor(crop.top * height),
    width: Math.floor(crop.width * width),
    height: Math.floor(crop.height * height),
  };
}
