import type { DecodedCache, ImagePaths, Normalization, ResizeKernel } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { Communicator, Engine, TrainCallback } from "@lmk/train";
import type { NetworkSize } from "./config.ts";
import type { Recipe } from "./recipe.ts";
import type { StepData } from "./system.ts";
import type { TrainRun } from "./train-run.ts";

/** A training run: what is trained on what, and where its files go. */
export interface TrainingOptions {
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
  /** A name of the weights that it begins with, such as a hash: with others it is another run. */
  readonly startedFrom?: string;
  /** Where weights and checkpoints are kept. */
  readonly modelDir: string;
  /** Where the log and the history of the steps are kept. */
  readonly logDir: string;
  readonly seed: number;
  /**
   * Parts of a step's images that each process takes one after another; batch norm sees each part alone.
   *
   * @defaultValue 1
   */
  readonly accumulate?: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of the head. */
  readonly headClasses?: number;
  /**
   * Of the fold that is held out, one image in so many is validated on.
   *
   * @defaultValue 15
   */
  readonly validationEvery?: number;
  /** @defaultValue 1000 */
  readonly checkpointEverySteps?: number;
  /** @defaultValue that of ImageNet */
  readonly normalization?: Normalization;
  /** How images that are validated on are warped; training has its own way. */
  readonly kernel?: ResizeKernel;
  readonly cache?: DecodedCache;
  readonly engine: Engine;
  /** The processes that train together; batch norm uses the statistics of all. */
  readonly communicator?: Communicator;
  readonly callbacks?: readonly TrainCallback[];
  readonly signal?: AbortSignal;
  /** Told once a line for what the reader should know. */
  readonly onNotice: (line: string) => void;
}

/** How a training run ended. */
export interface TrainingOutcome {
  /** An interrupted run goes on where it stopped when it is started again. */
  readonly reason: "finished" | "stopped" | "interrupted";
  /** Steps done. */
  readonly step: number;
  /** The file of the weights after the last epoch that was trained. */
  readonly weights: string;
}
