import type { AugmentationName } from "@lmk/data";
import type { GeneratedSet, ImagesConfig, StandIn } from "@lmk-example/kit";
import type { MemberName } from "./ensembles.ts";
import type { LabelScore } from "./image-labels.ts";
import type { NetworkSize } from "./network-size.ts";
import type { Recipe } from "./recipes.ts";

/** Every setting of the system. */
export interface Config {
  readonly seed: number;
  /** The generated data set that stands in for Google Landmarks v2 where no `--data` is given. */
  readonly landmarks: GeneratedSet;
  readonly images: ImagesConfig;
  /** How each network is trained, in the order of the authors' table. */
  readonly recipes: readonly Recipe[];
  /** What makes a network smaller than the published one; empty where it is that one. */
  readonly sizes: Readonly<Record<MemberName, NetworkSize>>;
  /** A training that stands in for weights learned on ImageNet; none where `--init` brings them. */
  readonly standIn: StandIn | undefined;
  readonly training: TrainingConfig;
  readonly embedding: EmbeddingConfig;
  /** Labelled images: all of the landmarks on the cleaned list, or those on the list alone. */
  readonly gallery: "c2x" | "clean";
  readonly retrieval: RetrievalConfig;
  readonly recognition: RecognitionConfig;
}

export interface TrainingConfig {
  readonly augmentation: AugmentationName;
  /** Factor on the head's learning rate. */
  readonly headRate: number;
  readonly checkpointEverySteps: number;
  /** Whether as many networks are trained at once as there are threads, where the command line does not say how many. */
  readonly oneThreadEach: boolean;
}

export interface EmbeddingConfig {
  readonly batchSize: number;
  /** Images whose embeddings are saved together, the unit that processes share. */
  readonly imagesPerPart: number;
}

export interface RetrievalConfig {
  /** Index images whose scores each network changes, fewer for many test images; the authors change those of all. */
  readonly depth: number;
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
