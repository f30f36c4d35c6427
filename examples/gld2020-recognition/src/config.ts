import type { EmbeddingConfig, SystemConfig, TrainingsConfig } from "@lmk-example/kit";
import type { Recipe } from "./recipe.ts";
import type { Chain, EnetType } from "./train-run.ts";

/** Every setting of the system. */
export interface Config extends SystemConfig {
  /** The networks of the ensemble, in the order in which their embeddings stand side by side. */
  readonly chains: readonly Chain[];
  /** What makes a network narrower than the published one; empty where it is that one. */
  readonly sizes: Readonly<Record<EnetType, NetworkSize>>;
  readonly recipe: Recipe;
  readonly training: TrainingConfig;
  readonly embedding: EmbeddingConfig;
  readonly recognition: RecognitionConfig;
}

/** Factors of channels and blocks; `undefined` for the published ones. */
export interface NetworkSize {
  /** Of EfficientNet and ReXNet the factor of channels, of ResNeSt the channels of the first stage. */
  readonly width?: number;
  /** Of EfficientNet the factor of blocks. */
  readonly depth?: number;
  /** Of ResNeSt the blocks of its four stages. */
  readonly depths?: readonly number[];
}

export interface TrainingConfig extends TrainingsConfig {
  /** Of the fold that is held out, one image in so many is validated on. */
  readonly validationEvery: number;
}

export interface RecognitionConfig {
  /** Train images that are searched: those that `clean` lists, of the landmarks that any test image shows. */
  readonly gallery: "matched" | "clean";
  /** Neighbors and classes of the head that count, and the powers of their scores. */
  readonly fusion: {
    readonly neighborCount: number;
    readonly neighborPower: number;
    readonly classCount: number;
    readonly headPower: number;
  };
  /** Power of the neighbors' scores where they vote without the head. */
  readonly neighborsAlonePower: number;
  /** The first place's A − B − C. */
  readonly nonLandmarkRanking: {
    /** Images without a landmark nearest to a gallery image, whose mean is B. */
    readonly galleryCount: number;
    /** Those nearest to a test image, whose mean is C. */
    readonly queryCount: number;
    /** Gallery images by A − B that vote, of each network. */
    readonly neighborCount: number;
    /** Gallery images by A that are looked at; `listLength` chooses between the two numbers. */
    readonly shortlist: { readonly least: number; readonly most: number };
    /** Factor of C. */
    readonly weight: number;
  };
  /** The second place's rules. */
  readonly nonLandmarkRules: {
    /** Rank of the image without a landmark that is looked at, from 1. */
    readonly rank: number;
    /** Similarity to it from which on a prediction is lowered. */
    readonly above: number;
    /** How much of that similarity is taken from the prediction. */
    readonly factor: number;
    /** Landmarks predicted more often are none. */
    readonly mostPredictions: number;
    /** What is taken from them. */
    readonly frequentPenalty: number;
  };
}
