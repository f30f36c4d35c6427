import type { AugmentationName } from "@lmk/data";
import { type DynamicMarginsOptions, marginPresets } from "@lmk/losses";

/** What is the same in all runs of all networks. */
export interface Recipe {
  readonly augmentation: AugmentationName;
  /** Scale of the cosines, and the margins of the classes. */
  readonly loss: { readonly scale: number; readonly margins: DynamicMarginsOptions };
  /** Factor on the head's learning rate. */
  readonly headRate: number;
}

const { loss, margins } = marginPresets.recognition2020Third;

/** That of the original's `train.py`. */
export const publishedRecipe: Recipe = {
  augmentation: "gld2020Third",
  loss: { scale: loss.scale, margins },
  headRate: 1,
};
