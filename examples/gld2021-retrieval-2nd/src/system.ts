import type { CompletedStage, Context, PreparedData, RunOptions } from "@lmk-example/kit";
import type { NetworkName } from "./chains.ts";
import type { Config } from "./config.ts";
import type { IndexExpand } from "./lists/index-expand.ts";
import type { ClassCountries } from "./lists/list-countries.ts";
import type { ListSources } from "./lists/list-sources.ts";
import type { RunName } from "./published-runs.ts";

/** What the system's commands take besides what every example takes. */
export interface SystemOptions extends RunOptions {
  /** Networks of the ensemble, instead of all four. */
  readonly members?: readonly NetworkName[];
  /** Steps of each training, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of every head, for a look at full-size ones on little data. */
  readonly headClasses?: number;
}

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
export type TrainedNetworks = ReadonlyMap<NetworkName, CompletedStage>;

/** The runs that are done, by their names. */
export type TrainedRuns = ReadonlyMap<RunName, CompletedStage>;

/** The trained networks and their embeddings: stages of `embedSplit`, rows of length 1 come from `readEmbeddings`. */
export interface EmbeddedSystem {
  readonly data: SystemData;
  readonly trained: TrainedNetworks;
  readonly embeddings: ReadonlyMap<NetworkName, Readonly<Record<Part, CompletedStage>>>;
}
