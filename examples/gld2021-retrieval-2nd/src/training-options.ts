import type { ImagePaths } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import type { TrainingEnd, TrainingRunOptions } from "@lmk-example/kit";
import type { NetworkSize } from "./network.ts";
import type { SampledImages } from "./sampler.ts";
import type { YmlConfig } from "./yml-config.ts";

/** A list of images to train on, such as `readImageListPickle` reads it. */
export interface TrainedImages extends SampledImages {
  /** The file of each row. */
  readonly paths: ImagePaths;
}

/** A training run: what is trained on what, and where its files go. */
export interface TrainingOptions extends TrainingRunOptions {
  /** `SOLVER.IMS_PER_BATCH` times its devices are the images of a step, however many processes share them. */
  readonly config: YmlConfig;
  /** @defaultValue the published one */
  readonly size?: NetworkSize;
  /** Rows of a negative class are not trained on. */
  readonly images: TrainedImages;
  /** Classes of the list, also of those whose images are left out. */
  readonly classes: number;
  /**
   * The weights of the run before, or of a backbone; what `handOver` takes of them is in place of fresh ones.
   *
   * @defaultValue none
   */
  readonly start?: NamedArrays;
  /** Where everything is kept: weights, checkpoints, `train_log.txt` and `history.jsonl`. */
  readonly folder: string;
  /**
   * Parts of a device's images, one after another, whose gradients are averaged; batch norm sees each part alone.
   *
   * @defaultValue 1
   */
  readonly partsOfDevice?: number;
  /**
   * What the sampler `gld` does about a continent without cleaned or without other images.
   *
   * @defaultValue "throw", as the original
   */
  readonly emptyContinents?: "throw" | "other";
}

/** How a training run ended. */
export interface TrainingOutcome extends TrainingEnd {
  /** The file of the last weights. */
  readonly weights: string;
}
