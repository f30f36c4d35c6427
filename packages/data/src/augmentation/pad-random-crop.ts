import { requireInteger } from "../require.ts";
import { pixelsOf } from "./pixels.ts";
import type { TransformRule } from "./transform-rule.ts";
import { uniformInteger } from "./uniform.ts";

/** Pads with black and cuts out a part of the image's own size. */
export interface PadRandomCrop {
  readonly name: "padRandomCrop";
  /** Pixels on each side, at least 0. */
  readonly padding: number;
}

/** The part begins here, counted from the image's own corner: negative in the padding. */
export interface PadRandomCropDraw {
  readonly name: "padRandomCrop";
  readonly left: number;
  readonly top: number;
}

/** Options of {@link padRandomCrop}. */
export interface PadRandomCropOptions {
  /** Pixels on each side, at least 0. The 2021 solutions take 10, 15, 18 and 20 for images of 256, 384, 448 and 512. */
  readonly padding: number;
}

/**
 * Pads images with black on all sides and cuts out a part of their own size (`Pad` and `RandomCrop` of torchvision), so that
 * they move by up to `padding` pixels to either side; all places are equally likely.
 *
 * @throws RangeError if `padding` is not an integer of at least 0.
 *
 * @example
 * ```ts
 * import { padRandomCrop } from "@lmk/data";
 *
 * console.log(padRandomCrop({ padding: 10 })); // => { name: 'padRandomCrop', padding: 10 }
 * ```
 */
export function padRandomCrop({ padding }: PadRandomCropOptions): PadRandomCrop {
  const transform: PadRandomCrop = { name: "padRandomCrop", padding };
  padRandomCropRule.check("padRandomCrop", transform);
  return transform;
}

/** How it is done. */
export const padRandomCropRule: TransformRule<PadRandomCrop, PadRandomCropDraw> = {
  check: (caller, { padding }) => requireInteger(caller, "padding", padding, 0),
  draw: ({ padding }, _size, random) => {
    const top = uniformInteger(random, -padding, padding);
    const left = uniformInteger(random, -padding, padding);
    return top === 0 && left === 0 ? undefined : { name: "padRandomCrop", left, top };
  },
  apply: (pixels, { left, top }) => {
    const { data, width, height } = pixels;
    const moved = new Uint8Array(data.length);
    const first = Math.max(0, left);
    const last = Math.min(width, width + left);
    if (first >= last) return pixelsOf(moved, pixels);
    for (let y = Math.max(0, -top); y < Math.min(height, height - top); y++) {
      const row = (y + top) * width;
      moved.set(data.subarray((row + first) * 3, (row + last) * 3), (y * width + first - left) * 3);
    }
    return pixelsOf(moved, pixels);
  },
};
