import type { AugmentationName } from "@lmk/data";
import type { DecodedCache, ImagePaths, Normalization, ResizeKernel } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { Communicator, Engine, TrainCallback } from "@lmk/train";
import type { NetworkConfig } from "./network-config.ts";
import type { NetworkSize } from "./network-size.ts";
import type { StepData } from "./step-data.ts";

/** One step of a recipe: what is trained on what, and where its files go. */
export interface TrainingOptions {
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
  /** A name of the weights that it begins with, such as a hash: with others it is another run. */
  readonly startedFrom?: string;
  /** The file of the weights. */
  readonly weights: string;
  /** Where checkpoints are kept until the run is done, and the history of its steps. */
  readonly folder: string;
  readonly seed: number;
  /** @defaultValue "gld2021First" */
  readonly augmentation?: AugmentationName;
  /**
   * Factor on the head's learning rate.
   *
   * @defaultValue 1
   */
  readonly headRate?: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of the head. */
  readonly headClasses?: number;
  /** @defaultValue 1000 */
  readonly checkpointEverySteps?: number;
  /** @defaultValue that of ImageNet */
  readonly normalization?: Normalization;
  /** How images are warped where the augmentation has no way of its own. */
  readonly kernel?: ResizeKernel;
  readonly cache?: DecodedCache;
  readonly engine: Engine;
  /** The processes that train together. */
  readonly communicator?: Communicator;
  readonly callbacks?: readonly TrainCallback[];
  readonly signal?: AbortSignal;
  /** Told once a line for what the reader should know. */
  readonly onNotice: (line: string) => void;
}

/** How a run ended. */
export interface TrainingOutcome {
  /** An interrupted run goes on where it stopped when it is started again. */
  readonly reason: "finished" | "stopped" | "interrupted";
  /** Updates done. */
  readonly step: number;
}
