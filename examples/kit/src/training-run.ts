import type { DecodedCache, ResizeKernel } from "@lmk/data/images";
import type { Communicator } from "@lmk/train";
import type { TrainingSurroundings } from "./train-in-stage.ts";

/** What every training run of a solution takes, whatever is trained. */
export interface TrainingRunOptions
  extends Pick<TrainingSurroundings, "engine" | "onNotice">,
    Partial<Pick<TrainingSurroundings, "callbacks" | "signal">> {
  readonly seed: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of the head, for a look at a full-size one on little data. */
  readonly headClasses?: number;
  /** A name of the weights that it begins with, such as a hash: with others it is another run. */
  readonly startedFrom?: string;
  /** @defaultValue those of an epoch, at most 1000 */
  readonly checkpointEverySteps?: number;
  /** How images are warped where the augmentation has no way of its own, and where images are validated on. */
  readonly kernel?: ResizeKernel;
  /** Where decoded images are kept for later epochs. */
  readonly cache?: DecodedCache;
  /** The processes that train together. */
  readonly communicator?: Communicator;
}

/** How a training run ended. */
export interface TrainingEnd {
  /** An interrupted run goes on where it stopped when it is started again. */
  readonly reason: "finished" | "stopped" | "interrupted";
  /** Steps done. */
  readonly step: number;
}
