import { requireBetween } from "../require.ts";
import { pixelsOf } from "./pixels.ts";
import type { TransformRule } from "./transform-rule.ts";

/** Mirrors left and right. */
export interface HorizontalFlip {
  readonly name: "horizontalFlip";
  /** The share of images that are mirrored, from 0 to 1. */
  readonly probability: number;
}

/** The image is mirrored. */
export interface HorizontalFlipDraw {
  readonly name: "horizontalFlip";
}

/** Options of {@link horizontalFlip}. */
export interface HorizontalFlipOptions {
  /**
   * The share of images that are mirrored, from 0 to 1.
   *
   * @defaultValue 0.5, as in the 2020 and 2021 solutions
   */
  readonly probability?: number;
}

/**
 * Mirrors images left and right.
 *
 * @throws RangeError if the probability is not from 0 to 1.
 *
 * @example
 * ```ts
 * import { horizontalFlip } from "@lmk/data";
 *
 * console.log(horizontalFlip()); // => { name: 'horizontalFlip', probability: 0.5 }
 * ```
 */
export function horizontalFlip({ probability = 0.5 }: HorizontalFlipOptions = {}): HorizontalFlip {
  const transform: HorizontalFlip = { name: "horizontalFlip", probability };
  horizontalFlipRule.check("horizontalFlip", transform);
  return transform;
}

/** How it is done. */
export const horizontalFlipRule: TransformRule<HorizontalFlip, HorizontalFlipDraw> = {
  check: (caller, { probability }) => requireBetween(caller, "probability", probability, 0, 1),
  draw: ({ probability }, _size, random) => (random() < probability ? { name: "horizontalFlip" } : undefined),
  apply: (pixels) => {
    const { data, width } = pixels;
    const mirrored = new Uint8Array(data.length);
    for (let start = 0; start < data.length; start += 3 * width) {
      for (let x = 0; x < width; x++) {
        const from = start + 3 * (width - 1 - x);
        const to = start + 3 * x;
        mirrored[to] = data[from];
        mirrored[to + 1] = data[from + 1];
        mirrored[to + 2] = data[from + 2];
      }
    }
    return pixelsOf(mirrored, pixels);
  },
};
