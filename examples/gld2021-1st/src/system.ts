import type {
  CompletedStage,
  Context,
  EnsembleRunOptions,
  Gallery,
  EmbeddedSystem as KitSystem,
  TrainedNetworks as KitTrained,
  PreparedData,
} from "@lmk-example/kit";
import type { Config } from "./config.ts";
import type { MemberName } from "./ensembles.ts";
import type { LabelledIndex } from "./labelled-index.ts";

/** What the system's commands take. */
export interface SystemOptions extends EnsembleRunOptions<MemberName> {
  /** Backbones that stand-ins are trained of, instead of all; for processes that share them. */
  readonly backbones?: readonly string[];
}

/** What every stage works with. */
export type SystemContext = Context<Config, SystemOptions>;

/** The data set, and what is compared in it. */
export interface SystemData {
  readonly prepared: PreparedData;
  /** Wrote the classes and how many images each list of images has. */
  readonly lists: CompletedStage;
  /** Labelled images, which say what others show. */
  readonly gallery: Gallery;
  /** Index images that say it too; `undefined` where there are none or their landmarks are not known. */
  readonly labelledIndex: LabelledIndex | undefined;
  /**
   * Images without a landmark, by their place among the usable test images, ascending; `undefined` where there are none or
   * they are not known.
   */
  readonly nonLandmarks: Int32Array | undefined;
}

/** What is embedded with every network: every usable test and index image, and the gallery. */
export const parts = ["test", "index", "gallery"] as const;

export type Part = (typeof parts)[number];

/** The last step of each network's recipe: its stage holds `model.safetensors`. */
export type TrainedNetworks = KitTrained<MemberName>;

/** The trained networks and their embeddings of 512 numbers. */
export type EmbeddedSystem = KitSystem<SystemData, MemberName, Part>;
