import { requireInteger } from "../require.ts";
import { brightnessContrast } from "./brightness-contrast.ts";
import { cropZoom } from "./crop-zoom.ts";
import { cutout } from "./cutout.ts";
import { horizontalFlip } from "./horizontal-flip.ts";
import { jpegCompression } from "./jpeg-compression.ts";
import { padRandomCrop } from "./pad-random-crop.ts";
import { randomErasing } from "./random-erasing.ts";
import { resize } from "./resize.ts";
import { shear } from "./shear.ts";
import { shiftScaleRotate } from "./shift-scale-rotate.ts";
import type { ImageTransform } from "./transforms.ts";

/** How images are changed at random: transforms in their order. An empty list changes nothing. */
export type Augmentation = readonly ImageTransform[];

/** The augmentations of the solutions. */
export type AugmentationName = "none" | "soft" | "middle" | "gld2019V7" | "gld2020Third" | "gld2021First";

/** Albumentations knew no other in spring 2019. */
const brightnessBy = "mean";

const flipCompressMoveCover: Augmentation = [
  horizontalFlip({ probability: 0.5 }),
  jpegCompression({ quality: [99, 100], probability: 0.5 }),
  shiftScaleRotate({ shift: 0.2, scale: 0.2, degrees: 10, probability: 0.7 }),
  resize(),
  cutout({ holes: 1, fraction: 0.4, fill: 0, probability: 0.5 }),
];

/**
 * The augmentations of the winning solutions, each before `imagenetNormalization`. That of the second solution of retrieval
 * 2021 depends on the side: {@link gld2021SecondAugmentation}.
 *
 * - `none` changes nothing.
 * - `soft` and `middle` are those of the 2019 solution, by the names its code gives them. Images are at the batch's size
 *   before; neither mirrors.
 * - `gld2019V7` is that of its model v7, the descriptor that the training set was cleaned with; the only one that mirrors.
 * - `gld2020Third` is that of the third solution of recognition 2020. All but the last step sees images as they are stored,
 *   and `resize` does not keep their shape.
 * - `gld2021First` is that of the first solution of 2021, which took over the one of 2020.
 *
 * Brightness in 2019 is a share of the image's mean: the code does not pin its albumentations, but up to 0.3.0 of June 2019
 * there was nothing else.
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al. 2020, Google Landmark Recognition 2020: Third Place Solution}
 * @see {@link https://arxiv.org/abs/2110.03786 | Henkel 2021, Efficient large-scale image retrieval with deep feature
 * orthogonality and Hybrid-Swin-Transformers}
 */
export const augmentations: Readonly<Record<AugmentationName, Augmentation>> = {
  none: [],
  soft: [brightnessContrast({ brightness: 0.1, contrast: 0, brightnessBy }), cropZoom({ scale: 0.2 })],
  middle: [
    shear({ degrees: 4, probability: 0.5 }),
    brightnessContrast({ brightness: 0.1, contrast: 0.1, brightnessBy, probability: 0.5 }),
    cropZoom({ scale: 0.3 }),
  ],
  gld2019V7: [
    cropZoom({ scale: 0.1 }),
    brightnessContrast({ brightness: 0.1, contrast: 0, brightnessBy, probability: 0.5 }),
    horizontalFlip({ probability: 0.5 }),
  ],
  gld2020Third: flipCompressMoveCover,
  gld2021First: flipCompressMoveCover,
};

/**
 * The augmentation of the second solution of retrieval 2021, for images that are already `side` by `side`: mirrored, padded
 * and cropped back, and with a rectangle erased after normalization, which there is `gld2021SecondNormalization`.
 *
 * ```text
 * padding = round(10 side / 256)        256: 10, 384: 15, 448: 18, 512: 20, as in its configurations
 * ```
 *
 * @throws RangeError if the side is not an integer of at least 1.
 *
 * @example
 * ```ts
 * import { gld2021SecondAugmentation } from "@lmk/data";
 *
 * console.log(gld2021SecondAugmentation(448)[1]); // => { name: 'padRandomCrop', padding: 18 }
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al. 2021, 2nd Place Solution to Google Landmark Retrieval 2021}
 */
export function gld2021SecondAugmentation(side: number): Augmentation {
  requireInteger("gld2021SecondAugmentation", "side", side, 1);
  return [
    horizontalFlip({ probability: 0.5 }),
    padRandomCrop({ padding: Math.round((10 * side) / 256) }),
    randomErasing({ area: [0.02, 0.2], aspect: [0.3, 1 / 0.3], probability: 1 }),
  ];
}
