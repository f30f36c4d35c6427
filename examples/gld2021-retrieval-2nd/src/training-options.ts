import type { DecodedCache, ImagePaths, ResizeKernel } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { Communicator, Engine, TrainCallback } from "@lmk/train";
import type { NetworkSize } from "./network.ts";
import type { SampledImages } from "./sampler.ts";
import type { YmlConfig } from "./yml-config.ts";

/** A list of images to train on, such as `readImageListPickle` reads it. */
export interface TrainedImages extends SampledImages {
  /** The file of each row. */
  readonly paths: ImagePaths;
}

/** A training run: what is trained on what, and where its files go. */
export interface TrainingOptions {
  /** `SOLVER.IMS_PER_BATCH` times its devices are the images of a step, however many processes share them. */
  readonly config: YmlConfig;
  /** @defaultValue the published one */
  readonly size?: NetworkSize;
  /** Rows of a negative class are not trained on. */
  readonly images: TrainedImages;
  /** Classes of the list, also of those whose images are left out. */
  readonly classes: number;
  /** Least classes of the head. */
  readonly headClasses?: number;
  /**
   * The weights of the run before, or of a backbone; what `handOver` takes of them is in place of fresh ones.
   *
   * @defaultValue none
   */
  readonly start?: NamedArrays;
  /** A name of these weights, such as a hash: with others it is another run. */
  readonly startedFrom?: string;
  /** Where everything is kept: weights, checkpoints, `train_log.txt` and `history.jsonl`. */
  readonly folder: string;
  readonly seed: number;
  /**
   * Parts of a device's images, one after another, whose gradients are averaged; batch norm sees each part alone.
   *
   * @defaultValue 1
   */
  readonly partsOfDevice?: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** @defaultValue 1000 */
  readonly checkpointEverySteps?: number;
  /**
   * What the sampler `gld` does about a continent without cleaned or without other images.
   *
   * @defaultValue "throw", as the original
   */
  readonly emptyContinents?: "throw" | "other";
  readonly kernel?: ResizeKernel;
  readonly cache?: DecodedCache;
  readonly engine: Engine;
  /** The processes that train together; their number divides that of the devices. */
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
  /** The file of the last weights. */
  readonly weights: string;
}
