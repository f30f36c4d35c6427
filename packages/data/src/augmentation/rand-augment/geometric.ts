import type { Pixels } from "../pixels.ts";
import { type AffineLook, affine } from "./affine.ts";

/** Moves columns to the left by `amount` times their row: the upper left corner stays. */
export function shearX(pixels: Pixels, amount: number, look: AffineLook): Pixels {
  return affine(pixels, [1, amount, 0, 0, 1, 0], look);
}

/** Moves rows up by `amount` times their column: the upper left corner stays. */
export function shearY(pixels: Pixels, amount: number, look: AffineLook): Pixels {
  return affine(pixels, [1, 0, 0, amount, 1, 0], look);
}

/** Moves to the right by a number of pixels without its fraction. */
export function translateX(pixels: Pixels, amount: number, look: AffineLook): Pixels {
  return affine(pixels, [1, 0, -Math.trunc(amount), 0, 1, 0], look);
}

/** Moves down by a number of pixels without its fraction. */
export function translateY(pixels: Pixels, amount: number, look: AffineLook): Pixels {
  return affine(pixels, [1, 0, 0, 0, 1, -Math.trunc(amount)], look);
}

/** Turns about the middle, counterclockwise, as Pillow's `Image.rotate`. */
export function rotate(pixels: Pixels, degrees: number, look: AffineLook): Pixels {
  const turn = ((degrees % 360) + 360) % 360;
  const angle = -(turn * (Math.PI / 180));
  const cosine = roundTo15Places(Math.cos(angle));
  const sine = roundTo15Places(Math.sin(angle));
  const x = pixels.width / 2;
  const y = pixels.height / 2;
  return affine(
    pixels,
    [cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y],
    look,
  );
}

/** So that right angles are exact. */
function roundTo15Places(value: number): number {
  return Number(value.toFixed(15));
}
