import type { ClassIds } from "@lmk/data";
import type {
  CompletedStage,
  Context,
  EnsembleRunOptions,
  Gallery,
  EmbeddedSystem as KitSystem,
  PreparedData,
} from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { MemberName } from "./train-run.ts";

/** What the system's commands take. */
export type SystemOptions = EnsembleRunOptions<MemberName>;

/** What every stage works with. */
export type SystemContext = Context<Config, SystemOptions>;

/** The data set, its folds and classes, and what is searched in it. */
export interface SystemData {
  readonly prepared: PreparedData;
  /** Wrote `train_0.csv` and `idx2landmark_id.pkl`. */
  readonly folds: CompletedStage;
  readonly gallery: Gallery;
}

/** The images of a training step, by row of the train table, with their classes and folds. */
export interface StepData extends ClassIds {
  /** The fold of each of `rows`; −1 for images that are not on the cleaned list. */
  readonly folds: Int32Array;
}

/** What is embedded with every network: every usable test image, and the gallery. */
export type Part = "test" | "gallery";

/**
 * The trained networks and their embeddings of 512 numbers. The stage of a training holds `model.safetensors`: backbone, neck
 * and head; `createNetwork` and `readWeights` know its names.
 */
export type EmbeddedSystem = KitSystem<SystemData, MemberName, Part>;
