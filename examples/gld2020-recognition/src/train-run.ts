/** Networks by the names that the original's `--enet-type` gives them. */
export const enetTypes = [
  "tf_efficientnet_b3_ns",
  "tf_efficientnet_b4_ns",
  "tf_efficientnet_b5_ns",
  "tf_efficientnet_b6_ns",
  "tf_efficientnet_b7_ns",
  "nest101",
  "rex20",
] as const;

export type EnetType = (typeof enetTypes)[number];

/**
 * Step 0 trains on the whole train table with all its landmarks; steps 1 to 3 on the images, clean or not, of the landmarks
 * on the cleaned list. Step 1 begins with new class rows.
 */
export type TrainStep = 0 | 1 | 2 | 3;

/** One run of the original's `train.py`: what its flags say, but for folders. */
export interface TrainRun {
  /** Names the files of the run. */
  readonly kernelType: string;
  readonly trainStep: TrainStep;
  readonly enetType: EnetType;
  /** The fold of the cleaned images that is held out. */
  readonly fold: number;
  /** Side of the square that images are warped to, in pixels. */
  readonly imageSize: number;
  /** Images of a batch on each device. */
  readonly batchSize: number;
  readonly devices: number;
  /** Learning rate of the first epoch; the peak is ten times as high. */
  readonly initLr: number;
  /** Epochs of the schedule. */
  readonly epochs: number;
  /**
   * Epochs that are trained.
   *
   * @defaultValue all of the schedule
   */
  readonly stopAtEpoch?: number;
  /** The run whose weights this one begins with, and after which of its epochs, if not its last. */
  readonly loadFrom?: { readonly kernelType: string; readonly epoch?: number };
}

/** The networks of the ensemble, in the order in which their embeddings stand side by side. */
export const memberNames = ["b7", "b6", "b5", "b4", "b3", "nest101", "rex20", "b6b", "b5b"] as const;

export type MemberName = (typeof memberNames)[number];

/** A network of the ensemble: the runs that make it, and how it is used. */
export interface Chain {
  readonly name: MemberName;
  /** In order; two chains may begin with the same runs, of which one may stop earlier. */
  readonly runs: readonly TrainRun[];
  /** Side of the images that it embeds, in pixels. */
  readonly inferenceSize: number;
  /** The file of its weights that the authors published, without `.pth`. */
  readonly publishedCheckpoint: string;
}

/** The run that a network of the ensemble comes from. */
export function lastRun({ runs }: Chain): TrainRun {
  return runs.at(-1)!;
}
