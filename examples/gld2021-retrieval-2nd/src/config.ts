import type { EmbeddingConfig, SystemConfig, TrainingsConfig } from "@lmk-example/kit";
import type { Chain, NetworkName } from "./chains.ts";
import type { InferenceSettings } from "./inference-keys/settings.ts";
import type { ListName } from "./lists/list-names.ts";
import type { NetworkSize } from "./network.ts";
import type { RunName } from "./published-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

/** Every setting of the system. */
export interface Config extends SystemConfig {
  /** The networks whose similarities are added up, in the original's order. */
  readonly chains: readonly Chain[];
  /** The config of every run of the chains. */
  readonly runs: Readonly<Partial<Record<RunName, YmlConfig>>>;
  /** What makes a network smaller than the published one; empty where it is that one. */
  readonly sizes: Readonly<Record<NetworkName, NetworkSize>>;
  readonly training: TrainingConfig;
  readonly validation: ValidationConfig;
  readonly inference: InferenceSettings;
  readonly search: SearchConfig;
}

export interface TrainingConfig extends TrainingsConfig {
  /** What the continent-aware sampler does about a continent without clean or without noisy images. */
  readonly emptyContinents: "throw" | "other";
}

export interface ValidationConfig {
  /** Share of the index images that are the contest's where `--contest-index` names none; 1 is all, to which none are added. */
  readonly contestShare: number;
}

export interface SearchConfig extends Pick<EmbeddingConfig, "imagesPerPart"> {
  /**
   * Least index images of each query whose scores are changed, where `searchDepth` does not change those of all; ways by
   * `voted-references` rank so many alone.
   */
  readonly depth: number;
  /** References of each query that its votes look at; those of the original, and more where lists are long. */
  readonly referenceDepth: number;
  /** Labelled images that queries and index images are compared with. */
  readonly references: Extract<ListName, "full" | "index_train">;
}
