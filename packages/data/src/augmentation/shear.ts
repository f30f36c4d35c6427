import { requireBetween } from "../require.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniform } from "./uniform.ts";
import { warpAffine } from "./warp-affine.ts";

/** Shears by an angle drawn at random. */
export interface Shear {
  readonly name: "shear";
  /** Largest shear to either side, in degrees, from 0 to 45. */
  readonly degrees: number;
  /** The share of images that are sheared, from 0 to 1. */
  readonly probability: number;
}

/** The image is sheared. */
export interface ShearDraw {
  readonly name: "shear";
  readonly degrees: number;
}

/** Options of {@link shear}. */
export interface ShearOptions {
  /**
   * Largest shear to either side, in degrees, from 0 to 45.
   *
   * @defaultValue 4, as in `middle` of the 2019 solution
   */
  readonly degrees?: number;
  /**
   * The share of images that are sheared, from 0 to 1.
   *
   * @defaultValue 0.5, as in `middle` of the 2019 solution
   */
  readonly probability?: number;
}

/**
 * Shears images sideways by `U(-degrees, degrees)`, with black outside, as the 2019 solution did (`IAAAffine` of
 * albumentations, which calls imgaug).
 *
 * ```text
 * x' = x - sin(shear) y,   y' = cos(shear) y        (from the middle of the pixels, which stays in place)
 * ```
 *
 * This is the matrix of the scikit-image of 2019, which imgaug 0.2.6 took; later ones leave `y` as it is. Bytes are those of
 * `cv2.warpAffine`, which imgaug calls for images of bytes.
 *
 * @throws RangeError if an option is out of range.
 *
 * @example
 * ```ts
 * import { shear } from "@lmk/data";
 *
 * console.log(shear()); // => { name: 'shear', degrees: 4, probability: 0.5 }
 * ```
 */
export function shear({ degrees = 4, probability = 0.5 }: ShearOptions = {}): Shear {
  const transform: Shear = { name: "shear", degrees, probability };
  shearRule.check("shear", transform);
  return transform;
}

/** How it is done. */
export const shearRule: TransformRule<Shear, ShearDraw> = {
  check: (caller, { degrees, probability }) => {
    requireBetween(caller, "degrees", degrees, 0, 45);
    requireBetween(caller, "probability", probability, 0, 1);
  },
  draw: ({ degrees, probability }, _size, random) =>
    random() < probability ? { name: "shear", degrees: uniform(random, -degrees, degrees) } : undefined,
  apply: (pixels, { degrees }) => {
    const angle = (degrees * Math.PI) / 180;
    const sine = Math.sin(angle);
    const cosine = Math.cos(angle);
    const x = pixels.width / 2 - 0.5;
    const y = pixels.height / 2 - 0.5;
    return warpAffine(pixels, [1, -sine, sine * y - x + x, 0, cosine, -cosine * y + y]);
  },
};
