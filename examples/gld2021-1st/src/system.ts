import type { CompletedStage, Context, PreparedData, RunOptions } from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { MemberName } from "./ensembles.ts";

/** What the system's commands take besides what every example takes. */
export interface SystemOptions extends RunOptions {
  /** Networks, instead of all nine. */
  readonly members?: readonly MemberName[];
  /** Backbones that stand-ins are trained of, instead of all; for processes that share them. */
  readonly backbones?: readonly string[];
  /** Steps of each training, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of every head, for a look at full-size ones on little data. */
  readonly headClasses?: number;
}

/** What every stage works with. */
export type SystemContext = Context<Config, SystemOptions>;

/** The data set, and what is compared in it. */
export interface SystemData {
  readonly prepared: PreparedData;
  /** Wrote the classes and how many images each list of images has. */
  readonly lists: CompletedStage;
  readonly gallery: Gallery;
  /**
   * Images without a landmark, by their place among the usable test images, ascending; `undefined` where there are none or
   * they are not known.
   */
  readonly nonLandmarks: Int32Array | undefined;
}

/** Labelled images, which say what others show. */
export interface Gallery {
  /** Rows of `prepared.data.train`, ascending. */
  readonly rows: Int32Array;
  /** The landmark of each. */
  readonly labels: Int32Array;
}

/** What is embedded with every network: every usable test and index image, and the gallery. */
export const parts = ["test", "index", "gallery"] as const;

export type Part = (typeof parts)[number];

/** The last step of each network's recipe: its stage holds `model.safetensors`. */
export type TrainedNetworks = ReadonlyMap<MemberName, CompletedStage>;

/** The trained networks and their embeddings. */
export interface EmbeddedSystem {
  readonly data: SystemData;
  readonly trained: TrainedNetworks;
  /** Stages of `embedSplit`: `embeddings.npy`, a row of 512 numbers for each image, as the network gives them. */
  readonly embeddings: ReadonlyMap<MemberName, Readonly<Record<Part, CompletedStage>>>;
}
