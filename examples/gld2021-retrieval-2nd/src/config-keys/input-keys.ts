import type { InputKeys } from "../yml-config.ts";
import type { KeyRows } from "./key-row.ts";

/** A share of images that only an augmentation which is not here would need. */
const only0 = (reason: string) => ({ default: 0, values: [0], reason });

/** Keys of the images and how they are changed at random. */
export const inputKeys: KeyRows<InputKeys> = {
  SIZE_TRAIN: { default: [384, 128], does: "Height and width in training; images are squashed to it." },
  SIZE_TEST: { default: [384, 128], reason: "Images are embedded at `IMAGE_SIZE` of the inference." },
  PROB: { default: 0.5, does: "Share of images that are mirrored." },
  RE_PROB: { default: 0.5, does: "Share of images that a rectangle is erased from." },
  PIXEL_MEAN: {
    default: [0.485, 0.456, 0.406],
    does: "What is taken from red, green and blue, on a scale from 0 to 1.",
  },
  PIXEL_STD: {
    default: [0.2235294117647059, 0.2235294117647059, 0.2235294117647059],
    does: "What they are then divided by: 57 of 255.",
  },
  PADDING: {
    default: 10,
    does: "Pixels that are padded on every side before an image is cropped back at random.",
  },
  COLOR_PROB: {
    default: 0,
    does: "Share of images whose brightness, contrast and saturation are changed by up to 0.1.",
  },
  AUGMIX_PROB: only0("No published run mixes augmentations, and nothing here does."),
  RANDOM_PATCH_PROB: only0("The original's code for it lacks two imports and cannot run."),
  RANDOM_AFFINE_PROB: only0(
    "No published run scales images at random with a gray border, and nothing here does.",
  ),
  PERSPECTIVE_PROB: only0("The original never reads it."),
  DET_AUG_PROB: only0("No published run uses the colors of object detection, and nothing here does."),
};
