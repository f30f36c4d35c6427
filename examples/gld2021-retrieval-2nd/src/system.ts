import type {
  CompletedStage,
  Context,
  EmbeddedSystem as KitSystem,
  TrainedNetworks as KitTrained,
  PreparedData,
} from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import type { Config } from "./config.ts";
import type { IndexExpand } from "./lists/index-expand.ts";
import type { ClassCountries } from "./lists/list-countries.ts";
import type { ListSources } from "./lists/list-sources.ts";
import type { RunName } from "./published-runs.ts";
import type { SystemOptions } from "./system-options.ts";

export type { SystemOptions } from "./system-options.ts";

/** What every stage works with. */
export type SystemContext = Context<Config, SystemOptions>;

/** The data set, the lists of images to train on, and what is searched in what. */
export interface SystemData {
  readonly prepared: PreparedData;
  /** What `trainingList` makes the lists of. */
  readonly sources: ListSources;
  /** The country of each class. */
  readonly countries: ClassCountries;
  /** Queries, and the index that holds all that is right for them. */
  readonly expand: IndexExpand;
}

/** What is embedded with every network. */
export type Part = "queries" | "index" | "references";

/** The last run of each network's chain: its stage holds `model.safetensors`. */
export type TrainedNetworks = KitTrained<NetworkName>;

/** The runs that are done, by their names. */
export type TrainedRuns = ReadonlyMap<RunName, CompletedStage>;

/** The trained networks and their embeddings, of which `readEmbeddings` makes rows of length 1. */
export type EmbeddedSystem = KitSystem<SystemData, NetworkName, Part>;
