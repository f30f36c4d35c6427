import type { ClassIds } from "@lmk/data";
import type { CompletedStage, Context, PreparedData, RunOptions } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { MemberName } from "./train-run.ts";

/** What the system's commands take besides what every example takes. */
export interface SystemOptions extends RunOptions {
  /** Networks of the ensemble, instead of all nine. */
  readonly members?: readonly MemberName[];
  /** Steps of each training, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of every head, for a look at full-size ones on little data. */
  readonly headClasses?: number;
}

/** What every stage works with. */
export type SystemContext = Context<Config, SystemOptions>;

/** The data set, its folds and classes, and what is searched in it. */
export interface SystemData {
  readonly prepared: PreparedData;
  /** Wrote `train_0.csv` and `idx2landmark_id.pkl`. */
  readonly folds: CompletedStage;
  readonly gallery: Gallery;
}

/** Labelled images that are searched. */
export interface Gallery {
  /** Rows of `prepared.data.train`, ascending. */
  readonly rows: Int32Array;
  /** The landmark of each. */
  readonly labels: Int32Array;
}

/** The images of a training step, by row of the train table, with their classes and folds. */
export interface StepData extends ClassIds {
  /** The fold of each of `rows`; −1 for images that are not on the cleaned list. */
  readonly folds: Int32Array;
}

/** What is embedded with every network: every usable test image, and the gallery. */
export type Part = "test" | "gallery";

/** The trained networks and their embeddings. */
export interface EmbeddedSystem {
  readonly data: SystemData;
  /** `model.safetensors` of each network: backbone, neck and head; `networkOf` and `readWeights` know its names. */
  readonly trained: ReadonlyMap<MemberName, CompletedStage>;
  /** Stages of `extractEmbeddings`: `embeddings.npy`, a row of 512 numbers for each image, as the network gives them. */
  readonly embeddings: ReadonlyMap<MemberName, Readonly<Record<Part, CompletedStage>>>;
}
