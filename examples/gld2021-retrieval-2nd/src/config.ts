import type { GeneratedSet, ImagesConfig, StandIn } from "@lmk-example/kit";
import type { Chain, NetworkName } from "./chains.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { ListName } from "./lists/list-names.ts";
import type { NetworkSize } from "./network.ts";
import type { RunName } from "./published-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

/** Every setting of the system. */
export interface Config {
  readonly seed: number;
  /** The generated data set that stands in for Google Landmarks v2 where no `--data` is given. */
  readonly landmarks: GeneratedSet;
  readonly images: ImagesConfig;
  /** The networks whose similarities are added up, in the original's order. */
  readonly chains: readonly Chain[];
  /** The config of every run of the chains. */
  readonly runs: Readonly<Partial<Record<RunName, YmlConfig>>>;
  /** What makes a network smaller than the published one; empty where it is that one. */
  readonly sizes: Readonly<Record<NetworkName, NetworkSize>>;
  /** A training that stands in for weights learned on ImageNet; none where `--init` brings them. */
  readonly standIn: StandIn | undefined;
  readonly training: TrainingConfig;
  readonly inference: InferenceSettings;
  readonly search: SearchConfig;
}

export interface TrainingConfig {
  readonly checkpointEverySteps: number;
  /** Whether as many networks are trained at once as there are threads, where the command line does not say how many. */
  readonly oneThreadEach: boolean;
  /** What the continent-aware sampler does about a continent without clean or without noisy images. */
  readonly emptyContinents: "throw" | "other";
}

export interface SearchConfig {
  /** Index images of each query whose scores are changed; the original changes those of all. */
  readonly depth: number;
  /** References of each query that its votes look at; those of the original, and more where lists are long. */
  readonly referenceDepth: number;
  /** Labelled images that queries and index images are compared with. */
  readonly references: Extract<ListName, "full" | "index_train">;
  /** Images whose embeddings are saved together, the unit that processes share. */
  readonly imagesPerPart: number;
}
