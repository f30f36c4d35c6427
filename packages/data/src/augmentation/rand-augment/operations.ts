import type { Size } from "../../samplers/size-templates.ts";
import { enhanceBrightness, enhanceContrast, enhanceSaturation, enhanceSharpness } from "../enhance.ts";
import type { Pixels } from "../pixels.ts";
import { roundHalfEven } from "../round-half-even.ts";
import type { AffineLook } from "./affine.ts";
import { rotate, shearX, shearY, translateX, translateY } from "./geometric.ts";
import { autoContrast, equalize, posterize, solarize } from "./tonal.ts";

/** An operation of `randAugment`. */
export type RandAugmentOperation =
  | "identity"
  | "shearX"
  | "shearY"
  | "translateX"
  | "translateY"
  | "rotate"
  | "brightness"
  | "saturation"
  | "contrast"
  | "sharpness"
  | "posterize"
  | "solarize"
  | "autoContrast"
  | "equalize";

interface Operation {
  /** Whether the value is negated half of the time. */
  readonly isSigned: boolean;
  /** The value at step `magnitude` of 0 to `last`, for an image of this size. */
  readonly valueAt: (magnitude: number, last: number, size: Size) => number;
  readonly apply: (pixels: Pixels, value: number, look: AffineLook) => Pixels;
}

/** The operations, in torchvision's order. */
export const randAugmentOperations: Readonly<Record<RandAugmentOperation, Operation>> = {
  identity: { isSigned: false, valueAt: () => 0, apply: (pixels) => pixels },
  shearX: { isSigned: true, valueAt: upTo(0.3), apply: shearX },
  shearY: { isSigned: true, valueAt: upTo(0.3), apply: shearY },
  translateX: {
    isSigned: true,
    valueAt: (magnitude, last, { width }) => translation(magnitude, last, width),
    apply: translateX,
  },
  translateY: {
    isSigned: true,
    valueAt: (magnitude, last, { height }) => translation(magnitude, last, height),
    apply: translateY,
  },
  rotate: { isSigned: true, valueAt: upTo(30), apply: rotate },
  brightness: {
    isSigned: true,
    valueAt: upTo(0.9),
    apply: (pixels, value) => enhanceBrightness(pixels, 1 + value),
  },
  saturation: {
    isSigned: true,
    valueAt: upTo(0.9),
    apply: (pixels, value) => enhanceSaturation(pixels, 1 + value),
  },
  contrast: {
    isSigned: true,
    valueAt: upTo(0.9),
    apply: (pixels, value) => enhanceContrast(pixels, 1 + value),
  },
  sharpness: {
    isSigned: true,
    valueAt: upTo(0.9),
    apply: (pixels, value) => enhanceSharpness(pixels, 1 + value),
  },
  posterize: {
    isSigned: false,
    valueAt: (magnitude, last) => 8 - roundHalfEven((4 * magnitude) / last),
    apply: posterize,
  },
  solarize: {
    isSigned: false,
    valueAt: (magnitude, last) => 255 - (255 * magnitude) / last,
    apply: solarize,
  },
  autoContrast: { isSigned: false, valueAt: () => 0, apply: autoContrast },
  equalize: { isSigned: false, valueAt: () => 0, apply: equalize },
};

function upTo(largest: number): (magnitude: number, last: number) => number {
  return (magnitude, last) => (largest * magnitude) / last;
}

/** Up to 150 pixels of 331, without the fraction. */
function translation(magnitude: number, last: number, side: number): number {
  return Math.trunc((150 * side * magnitude) / (331 * last));
}
