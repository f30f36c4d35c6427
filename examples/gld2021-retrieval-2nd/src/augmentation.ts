import { type Augmentation, colorJitter, horizontalFlip, padRandomCrop, randomErasing } from "@lmk/data";
import type { Normalization } from "@lmk/data/images";
import type { YmlConfig } from "./yml-config.ts";

/** How a run changes its images at random; they are squashed to `SIZE_TRAIN` before. */
export function augmentationOf({ INPUT }: Pick<YmlConfig, "INPUT">): Augmentation {
  const { PROB, PADDING, COLOR_PROB, RE_PROB } = INPUT;
  const change = { brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0 };
  return [
    horizontalFlip({ probability: PROB }),
    padRandomCrop({ padding: PADDING }),
    ...(COLOR_PROB > 0 ? [colorJitter({ ...change, probability: COLOR_PROB })] : []),
    randomErasing({ area: [0.02, 0.2], aspect: [0.3, 1 / 0.3], probability: RE_PROB }),
  ];
}

/** What a run takes from the colors of its images and divides them by. */
export function normalizationOf({ INPUT }: Pick<YmlConfig, "INPUT">): Normalization {
  const { PIXEL_MEAN, PIXEL_STD } = INPUT;
  return { mean: PIXEL_MEAN as Normalization["mean"], std: PIXEL_STD as Normalization["std"] };
}
