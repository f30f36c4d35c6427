import type { AugmentationName } from "@lmk/data";
import type { ImagePaths, Normalization } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { TrainingEnd, TrainingRunOptions } from "@lmk-example/kit";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize } from "./network-size.ts";
import type { StepData } from "./step-data.ts";

/** One step of a recipe: what is trained on what, and where its files go. */
export interface TrainingOptions extends TrainingRunOptions {
  readonly config: NetworkConfig;
  /**
   * Devices with `batch_size` images each; where there are fewer processes, each has several devices' images, one batch after
   * another.
   *
   * @defaultValue as many as there are processes
   */
  readonly devices?: number;
  /**
   * Parts that a device's images are cut into, one after another.
   *
   * @defaultValue 1
   */
  readonly parts?: number;
  /** @defaultValue the published one */
  readonly size?: NetworkSize;
  readonly data: StepData;
  /**
   * Digits of `stepDataHash`, by which another list is another run.
   *
   * @defaultValue none: the settings of a stage say what its data are
   */
  readonly dataHash?: string;
  /** The file of each row of the train table. */
  readonly paths: ImagePaths;
  /**
   * Rows of the train table that can be read; the others are left out, but count for the margins.
   *
   * @defaultValue all
   */
  readonly usable?: Int32Array;
  /**
   * Weights in place of random ones, by the names of this network.
   *
   * @defaultValue none
   */
  readonly pretrained?: NamedArrays;
  /**
   * The weights of the step that this one goes on from.
   *
   * @defaultValue none
   */
  readonly loaded?: NamedArrays;
  /** The file of the weights. */
  readonly weights: string;
  /** Where checkpoints are kept until the run is done, and the history of its steps. */
  readonly folder: string;
  /** @defaultValue "gld2021First" */
  readonly augmentation?: AugmentationName;
  /** @defaultValue that of ImageNet */
  readonly normalization?: Normalization;
}

/** How a run ended. */
export type TrainingOutcome = TrainingEnd;
