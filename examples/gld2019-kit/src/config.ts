import type { AugmentationName, SizeTemplateName } from "@lmk/data";
import type { FishNetName, ResNetName } from "@lmk/models";
import type { EstimationOptions, MatchDescriptorsOptions } from "@lmk/rerank/geometry";
import type { GeneratedSet, ImagesConfig, TrainingsConfig } from "@lmk-example/kit";

/** Every setting of the ensemble of 2019, up to the embeddings: what retrieval and recognition share. */
export interface EnsembleConfig {
  readonly seed: number;
  /** The generated data sets that stand in for Google Landmarks where no `--data` is given. */
  readonly landmarks: Readonly<Record<"v1" | "v2", GeneratedSet>>;
  readonly images: ImagesConfig;
  readonly training: TrainingConfig;
  /** Every training there is, in any order. What a program needs of them, it runs. */
  readonly jobs: readonly Job[];
  /** The networks of the ensemble; a weight acts squared on the similarity. */
  readonly members: readonly Member[];
  readonly cleaning: CleaningConfig;
  readonly localFeatures: LocalFeaturesConfig;
  readonly verification: VerificationConfig;
  readonly extraction: ExtractionConfig;
}

/** A named scale of the 2019 solution, or own templates with the bin edges of height / width between them. */
export type TemplatesConfig =
  | SizeTemplateName
  | {
      readonly edges: readonly number[];
      /** Width × height, widest first. */
      readonly sizes: readonly (readonly [width: number, height: number])[];
    };

export interface TrainingConfig extends TrainingsConfig {
  readonly momentum: number;
  readonly weightDecay: number;
}

export type LossConfig =
  | { readonly kind: "softmax" }
  | {
      readonly kind: "arcface" | "cosface";
      readonly scale: number;
      /** Of ArcFace in radians, of CosFace on the cosine. */
      readonly margin: number;
    }
  | { readonly kind: "adacos"; readonly margin: number; readonly clipAngle: number };

/** The images of a training: Google Landmarks v1, v2 with all its labels, its published clean list, or one made here. */
export type TrainingData =
  | { readonly set: "v1" | "v2" | "v2-given-list" }
  | { readonly set: "v2-clean"; readonly minInliers: number; readonly minVerified: number };

export interface NetworkConfig {
  readonly backbone: FishNetName | ResNetName | "tf_efficientnet_lite0";
  /** Channels of the stem, for a network that is narrower than published. */
  readonly width?: number;
  /** Blocks of each stage, for a network that is shallower than published. */
  readonly depths?: readonly number[];
  /**
   * Poolings of the maps, finest first, with a comma between two maps: S is SPoC, M is MAC, G is GeM. A single letter pools
   * the last map.
   */
  readonly pooling: string;
  readonly poolingPower: number;
  readonly poolingPowerLearnable: boolean;
  /** Length of an embedding; `"pooled"` ends the network at the pooled features. */
  readonly dimension: number | "pooled";
}

/** One training: a script of the authors with one choice of its settings. */
export interface Job {
  readonly name: string;
  readonly network: NetworkConfig;
  /** The weights it starts from: those of `--init`, those drawn from the seed, or another job's. */
  readonly from: "imagenet" | "random" | { readonly job: string };
  readonly data: TrainingData;
  /** Keep only the classes with the most images; 0 keeps all. */
  readonly classTopK: number;
  /** Part of the images that is held out, as the authors' first scripts did; nothing is done with it. */
  readonly holdOut: number;
  readonly loss: LossConfig;
  readonly augmentation: AugmentationName;
  readonly batchSize: number;
  /** Epochs of the schedule; 0 leaves the weights as they are. */
  readonly epochs: number;
  /** Epochs that are trained, where the last ones of the schedule are not. */
  readonly stopAfterEpoch?: number;
  readonly templates: TemplatesConfig;
  /** The last epoch of the schedule is trained on larger images, with frozen batch norm. */
  readonly scaleUp?: TemplatesConfig;
  readonly learningRate: number;
  readonly minimumLearningRate: number;
}

export interface Member {
  readonly job: string;
  readonly weight: number;
}

export interface CleaningConfig {
  /** The network whose neighbors are verified, and how it sees images. */
  readonly descriptor: string;
  readonly templates: TemplatesConfig;
  readonly batchSize: number;
  /** Nearest train images that are looked through, and how many of the same label are verified, the image itself among them. */
  readonly neighborCount: number;
  readonly maxSameLabel: number;
  /** Least images of a landmark that stays. */
  readonly minImages: number;
  /** The list whose images are averaged with their neighbors of the same label before they vote. */
  readonly augmented: { readonly minInliers: number; readonly minVerified: number };
  /** The thresholds whose counts are tabled, as the authors did. */
  readonly grid: { readonly minInliers: readonly number[]; readonly minVerified: readonly number[] };
}

/** What finds places in images. `--local-features` takes another one from a file. */
export interface LocalFeaturesConfig {
  readonly kind: "sift";
  /** Most features of an image. */
  readonly limit: number;
  /** Longest side, in pixels; larger images are shrunk. */
  readonly maxSide: number;
}

/** How two images are compared place by place. */
export interface VerificationConfig {
  /** Which descriptors match. */
  readonly matching: MatchDescriptorsOptions;
  /** Which matches agree with one affine transform; errors in pixels of the original images. */
  readonly estimation: EstimationOptions;
}

export interface ExtractionConfig {
  readonly templates: TemplatesConfig;
  readonly batchSize: number;
  /** Factors on the template's sides; each side is floored to a multiple of 32. */
  readonly scales: readonly number[];
  /** Smallest side after scaling, in pixels. */
  readonly minimumSide: number;
  /**
   * Images whose embeddings are saved together: what shards share, and the most that is lost when a process is killed. Parts
   * of few images waste time, as batches that they do not fill cost as much as full ones.
   *
   * @defaultValue 1024
   */
  readonly imagesPerPart?: number;
}
