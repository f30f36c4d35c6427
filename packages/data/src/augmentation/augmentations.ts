/** How far images are changed at random; what it does in which order, see `drawAugmentation`. */
export interface Augmentation {
  /**
   * Crops of `1 - cropScale` to `1 + cropScale` of each side, each side by itself, are scaled back to the
   * image's size; what a crop takes beyond the image is black. From 0 to below 1.
   */
  readonly cropScale: number;
  /** Largest shear to either side, in degrees, from 0 to 45. */
  readonly shearDegrees: number;
  /** The share of images that are sheared, from 0 to 1. */
  readonly shearProbability: number;
  /** Largest amount that is added to or taken from each pixel, as a share of 255, from 0 to 1. */
  readonly brightness: number;
  /** Largest share by which pixels grow or shrink, from 0 to 1. */
  readonly contrast: number;
  /** The share of images whose brightness and contrast change, from 0 to 1. */
  readonly brightnessContrastProbability: number;
  /** The share of images that are mirrored, from 0 to 1. */
  readonly horizontalFlip: number;
}

/** The augmentations of the 2019 solution. */
export type AugmentationName = "soft" | "middle";

/**
 * The augmentations of the 2019 solution, by the names its code gives them. None of them mirrors.
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export const augmentations: Readonly<Record<AugmentationName, Augmentation>> = {
  soft: {
    cropScale: 0.2,
    shearDegrees: 0,
    shearProbability: 0.5,
    brightness: 0.1,
    contrast: 0,
    brightnessContrastProbability: 0.5,
    horizontalFlip: 0,
  },
  middle: {
    cropScale: 0.3,
    shearDegrees: 4,
    shearProbability: 0.5,
    brightness: 0.1,
    contrast: 0.1,
    brightnessContrastProbability: 0.5,
    horizontalFlip: 0,
  },
};
