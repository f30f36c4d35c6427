import { requireBetween } from "../require.ts";
import { cropAndScale } from "./crop-and-scale.ts";
import type { Rectangle } from "./rectangle.ts";
import type { TransformRule } from "./transform-rule.ts";

/** Cuts out a part of random size and place, or adds a black border, and scales to the image's own size. */
export interface CropZoom {
  readonly name: "cropZoom";
  /**
   * Crops are `1 - scale` to `1 + scale` of each side, each side by itself; what a crop takes beyond the image is black.
   * From 0 to 0.99.
   */
  readonly scale: number;
}

/** This part of the image is scaled to its size; where it lies outside, black. */
export interface CropZoomDraw extends Rectangle {
  readonly name: "cropZoom";
}

/** Options of {@link cropZoom}. */
export interface CropZoomOptions {
  /**
   * Crops are `1 - scale` to `1 + scale` of each side, from 0 to 0.99.
   *
   * @defaultValue 0.2, as in `soft` of the 2019 solution
   */
  readonly scale?: number;
}

/**
 * Random zoom in and out, change of shape and shift in one (`RandomCropThenScaleToOriginalSize` of the 2019 solution), with
 * `U` a uniform draw:
 *
 * ```text
 * crop of floor(H U(1 - scale, 1 + scale)) by floor(W U(1 - scale, 1 + scale)), padded with 0 where it is larger than the
 * image (how much of that on which side is uniform), else at a uniform place; scaled bilinearly to H by W
 * ```
 *
 * Bytes are those of `cv2.resize` (`INTER_LINEAR`) of the padded crop.
 *
 * @throws RangeError if `scale` is out of range.
 *
 * @example
 * ```ts
 * import { cropZoom } from "@lmk/data";
 *
 * console.log(cropZoom()); // => { name: 'cropZoom', scale: 0.2 }
 * ```
 */
export function cropZoom({ scale = 0.2 }: CropZoomOptions = {}): CropZoom {
  const transform: CropZoom = { name: "cropZoom", scale };
  cropZoomRule.check("cropZoom", transform);
  return transform;
}

/** How it is done. */
export const cropZoomRule: TransformRule<CropZoom, CropZoomDraw> = {
  check: (caller, { scale }) => requireBetween(caller, "scale", scale, 0, 0.99),
  draw: ({ scale }, size, random) => {
    const factor = (): number => 1 + (random() * 2 - 1) * scale;
    const vertical = cropSide(size.height, factor(), random());
    const horizontal = cropSide(size.width, factor(), random());
    return {
      name: "cropZoom",
      left: horizontal.start,
      top: vertical.start,
      width: horizontal.length,
      height: vertical.length,
    };
  },
  apply: (pixels, crop) => cropAndScale(pixels, crop, pixels),
};

function cropSide(side: number, factor: number, place: number): { start: number; length: number } {
  const length = Math.max(1, Math.floor(side * factor));
  const room = side - length;
  return { length, start: room >= 0 ? Math.floor(place * room) : 0 - Math.floor(place * (1 - room)) };
}
