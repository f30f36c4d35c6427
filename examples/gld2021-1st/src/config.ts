import type { AugmentationName } from "@lmk/data";
import type { EmbeddingConfig, StandIn, SystemConfig, TrainingsConfig } from "@lmk-example/kit";
import type { MemberName } from "./ensembles.ts";
import type { LabelScore } from "./image-labels.ts";
import type { NetworkSize } from "./network-size.ts";
import type { Recipe } from "./recipes.ts";

/** Every setting of the system. */
export interface Config extends SystemConfig {
  readonly standIn: StandInConfig | undefined;
  /** How each network is trained, in the order of the authors' table. */
  readonly recipes: readonly Recipe[];
  /** What makes a network smaller than the published one; empty where it is that one. */
  readonly sizes: Readonly<Record<MemberName, NetworkSize>>;
  readonly training: TrainingConfig;
  readonly embedding: EmbeddingConfig;
  /** Labelled train images: all of the landmarks on the cleaned list, or those on the list alone. */
  readonly gallery: "c2x" | "clean";
  readonly retrieval: RetrievalConfig;
  readonly recognition: RecognitionConfig;
}

export interface StandInConfig extends StandIn {
  /** Constant, of the transformers, which learn less at the rate of the others. */
  readonly transformerLearningRate: number;
}

export interface TrainingConfig extends TrainingsConfig {
  readonly augmentation: AugmentationName;
}

export interface RetrievalConfig {
  /** Entries that a network's lists of nearest index images hold at most, of all test images together: 8 bytes each. */
  readonly mostListed: number;
  /** Index images that each network gives to the ensemble. */
  readonly kept: number;
  /** Labelled images that say what an image shows. */
  readonly neighborCount: number;
  readonly labelScore: LabelScore;
  /** Shares of the confidence that are added and taken off. */
  readonly up: number;
  readonly down: number;
}

export interface RecognitionConfig {
  /** Images without a landmark nearest to a gallery image, whose mean is B. */
  readonly galleryCount: number;
  /** Those nearest to a test image, whose mean is C. */
  readonly testCount: number;
  /** Gallery images by A − B that vote. */
  readonly neighborCount: number;
  /** Gallery images by A that are looked at. */
  readonly shortlist: number;
  /** Factor of C. */
  readonly weight: number;
}
