import type { ImagePaths, Normalization } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { TrainingEnd, TrainingRunOptions } from "@lmk-example/kit";
import type { NetworkSize } from "./config.ts";
import type { Recipe } from "./recipe.ts";
import type { StepData } from "./system.ts";
import type { TrainRun } from "./train-run.ts";

/** A training run: what is trained on what, and where its files go. */
export interface TrainingOptions extends TrainingRunOptions {
  /** Its batch size times its devices are the images of a step, however many processes and parts share them. */
  readonly run: TrainRun & {
    /** Epochs whose weights are kept besides the last, from 1. */
    readonly keepEpochs?: readonly number[];
    /** The first epoch that is trained, from 1. */
    readonly startFromEpoch?: number;
  };
  /** @defaultValue the published one */
  readonly size?: NetworkSize;
  /** @defaultValue the published one */
  readonly recipe?: Recipe;
  readonly data: StepData;
  /** The file of each row of the train table. */
  readonly paths: ImagePaths;
  /**
   * Rows of the train table that can be read; the others are left out, but count for the margins.
   *
   * @defaultValue all
   */
  readonly usable?: Int32Array;
  /**
   * Weights in place of random ones, without a head, such as those of a backbone trained on ImageNet.
   *
   * @defaultValue none
   */
  readonly pretrained?: NamedArrays;
  /**
   * The weights of the run that this one goes on from.
   *
   * @defaultValue none
   */
  readonly loaded?: NamedArrays;
  /** Where weights and checkpoints are kept. */
  readonly modelDir: string;
  /** Where the log and the history of the steps are kept. */
  readonly logDir: string;
  /**
   * Parts of a step's images that each process takes one after another; batch norm sees each part alone.
   *
   * @defaultValue 1
   */
  readonly accumulate?: number;
  /**
   * Of the fold that is held out, one image in so many is validated on.
   *
   * @defaultValue 15
   */
  readonly validationEvery?: number;
  /** @defaultValue that of ImageNet */
  readonly normalization?: Normalization;
}

/** How a training run ended. */
export interface TrainingOutcome extends TrainingEnd {
  /** The file of the weights after the last epoch that was trained. */
  readonly weights: string;
}
