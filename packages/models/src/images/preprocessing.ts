import { requireAbove, requirePositiveInteger } from "../require.ts";
import { type AspectScale, aspectTemplates } from "./aspect-templates.ts";
import { type Geometry, longestSide, shortestSide, squash } from "./geometry.ts";
import type { Kernel } from "./resize.ts";

/** How an image becomes the input of a network. */
export interface Preprocessing {
  readonly geometry: Geometry;
  readonly kernel: Kernel;
  /** Of red, green and blue, on the scale from 0 to 1. */
  readonly mean: readonly [number, number, number];
  /** Of red, green and blue, on the scale from 0 to 1. */
  readonly std: readonly [number, number, number];
}

/** Options of {@link PreprocessingPresets.torchvision}. */
export interface TorchvisionPreprocessingOptions {
  /**
   * Shorter side after resizing.
   *
   * @defaultValue 256
   */
  readonly size?: number;
  /**
   * Side of the square from the middle.
   *
   * @defaultValue 224
   */
  readonly crop?: number;
  /**
   * Pillow's filter.
   *
   * @defaultValue "bilinear"
   */
  readonly interpolation?: "bilinear" | "bicubic";
}

/** Options of {@link PreprocessingPresets.timm}, named after the fields of timm's configurations. */
export interface TimmPreprocessingOptions {
  /**
   * Side of the network's input.
   *
   * @defaultValue 224
   */
  readonly size?: number;
  /**
   * timm's `crop_pct`: the share of the resized shorter side that stays, in (0, 1].
   *
   * @defaultValue 0.875
   */
  readonly cropShare?: number;
  /**
   * Pillow's filter.
   *
   * @defaultValue "bicubic"
   */
  readonly interpolation?: "bilinear" | "bicubic" | "lanczos";
  /**
   * Of red, green and blue, on the scale from 0 to 1.
   *
   * @defaultValue ImageNet's, [0.485, 0.456, 0.406]
   */
  readonly mean?: readonly [number, number, number];
  /**
   * Of red, green and blue, on the scale from 0 to 1.
   *
   * @defaultValue ImageNet's, [0.229, 0.224, 0.225]
   */
  readonly std?: readonly [number, number, number];
}

/** What {@link preprocessings} holds. Sizes are in pixels; each refuses what its geometry refuses. */
export interface PreprocessingPresets {
  /** 2019, first in retrieval and third in recognition: {@link aspectTemplates}; features were extracted at `"L2"`. */
  readonly gld2019: (scale: AspectScale) => Preprocessing;
  /** 2020, first in recognition: shorter side, then a square of the same size from the middle; 512 in the end. */
  readonly gld2020First: (size: number) => Preprocessing;
  /** 2020, third in recognition: a square, whatever the shape; 512, 672 and 768. */
  readonly gld2020Third: (size: number) => Preprocessing;
  /** 2021, first in both: a square, whatever the shape. */
  readonly gld2021First: (size: number) => Preprocessing;
  /** 2021, second in retrieval: a square, whatever the shape, and a deviation of 57/255 for each color. */
  readonly gld2021Second: (size: number) => Preprocessing;
  /**
   * Revisited Oxford and Paris: longer side at most `size`, usually 1024, shape kept, Pillow's Lanczos filter. Queries
   * are cut to their box before.
   */
  readonly revisited: (size: number) => Preprocessing;
  /** The evaluation transform of torchvision's reference weights. */
  readonly torchvision: (options?: TorchvisionPreprocessingOptions) => Preprocessing;
  /** timm's evaluation transform: the shorter side at `floor(size / cropShare)`, then the square in the middle. */
  readonly timm: (options?: TimmPreprocessingOptions) => Preprocessing;
}

const mean = [0.485, 0.456, 0.406] as const;
const std = [0.229, 0.224, 0.225] as const;
const square = (size: number): Geometry => squash({ width: size, height: size });

/**
 * The preprocessing of the Google Landmark solutions and of published weights, without augmentation.
 *
 * | preset | geometry | kernel | deviation |
 * | --- | --- | --- | --- |
 * | `gld2019` | one of 3 or 5 sizes by shape | `opencv-linear` | ImageNet's |
 * | `gld2020First` | shorter side and middle square | `opencv-linear` | ImageNet's |
 * | `gld2020Third`, `gld2021First` | square | `opencv-linear` | ImageNet's |
 * | `gld2021Second` | square | `opencv-linear` | 57/255 |
 * | `revisited` | longer side, never enlarged | `pillow-lanczos` | ImageNet's |
 * | `torchvision`, `timm` | shorter side and middle square | Pillow's | ImageNet's |
 *
 * All use ImageNet's mean, unless `timm` is given another.
 *
 * @example
 * ```ts
 * import { preprocessings, toInput } from "@lmk/models/images";
 *
 * const photo = { data: new Uint8Array(640 * 480 * 3), width: 640, height: 480, channels: 3 };
 * const { data, height, width } = toInput(photo, preprocessings.gld2019("S2"));
 * [data.length, height, width]; // => [589824, 384, 512]
 * ```
 */
export const preprocessings: PreprocessingPresets = {
  gld2019: (scale) => ({ geometry: aspectTemplates(scale), kernel: "opencv-linear", mean, std }),
  gld2020First: (size) => {
    const geometry = shortestSide(size, { crop: size, rounding: "albumentations" });
    return { geometry, kernel: "opencv-linear", mean, std };
  },
  gld2020Third: (size) => ({ geometry: square(size), kernel: "opencv-linear", mean, std }),
  gld2021First: (size) => ({ geometry: square(size), kernel: "opencv-linear", mean, std }),
  gld2021Second: (size) => {
    const deviation = 57 / 255;
    const geometry = square(size);
    return { geometry, kernel: "opencv-linear", mean, std: [deviation, deviation, deviation] };
  },
  revisited: (size) => ({ geometry: longestSide(size), kernel: "pillow-lanczos", mean, std }),
  torchvision: (options = {}) => {
    const { size = 256, crop = 224, interpolation = "bilinear" } = options;
    return { geometry: shortestSide(size, { crop }), kernel: `pillow-${interpolation}`, mean, std };
  },
  timm: (options = {}) => {
    const { size = 224, cropShare = 0.875, interpolation = "bicubic" } = options;
    requirePositiveInteger("timm", "size", size);
    requireAbove("timm", "cropShare", cropShare);
    if (cropShare > 1) throw new RangeError(`timm: expected \`cropShare\` to be at most 1, got ${cropShare}`);
    const geometry = shortestSide(Math.floor(size / cropShare), { crop: size });
    const kernel: Kernel = `pillow-${interpolation}`;
    return { geometry, kernel, mean: options.mean ?? mean, std: options.std ?? std };
  },
};
