import { imagenetNormalization, type Normalization } from "@lmk/data/images";

/**
 * Every setting of the 2019 retrieval system.
 *
 * Citations name the authors' code, github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution: [P] is its most complete
 * tree (98a83b4), [H] the later, refactored one (3fee857). Where they differ the comment says which is followed.
 */
export interface Config {
  readonly seed: number;
  /** The generated data set that stands in for a downloaded one when no `--data` is given. */
  readonly landmarks: LandmarksConfig;
  readonly images: ImagesConfig;
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly extraction: ExtractionConfig;
  readonly search: { readonly depth: number };
  readonly queryExpansion: QueryExpansionConfig;
  readonly labelReranking: LabelRerankingConfig;
}

export interface LandmarksConfig {
  readonly landmarks: number;
  readonly trainImages: number;
  readonly indexImages: number;
  readonly testImages: number;
  /** Longer side, in pixels. */
  readonly longSide: number;
}

export interface ImagesConfig {
  /** Whether `prepare` decodes every image, or only reads its header. */
  readonly check: "decode" | "header";
  /** Templates to which images are warped, by aspect: a name of the 2019 solution, or width × height, widest first. */
  readonly trainTemplates: TemplatesConfig;
  readonly extractTemplates: TemplatesConfig;
  readonly augmentation: "soft" | "middle";
  /** Of red, green and blue on a scale from 0 to 1. */
  readonly normalization: Normalization;
}

/** A named scale of the 2019 solution, or own templates with the bin edges of height / width between them. */
export type TemplatesConfig =
  | "S2"
  | "L2"
  | {
      readonly edges: readonly number[];
      readonly sizes: readonly (readonly [width: number, height: number])[];
    };

export interface ModelConfig {
  readonly backbone: "resnet18" | "resnet50" | "resnet101" | "tf_efficientnet_lite0";
  /** Channels of a ResNet's stem; 64 in the reference. */
  readonly width: number;
  readonly poolingPower: number;
  readonly poolingPowerLearnable: boolean;
  /** Length of an embedding; `"pooled"` ends the network at the pooled features. */
  readonly dimension: number | "pooled";
}

export type LossConfig =
  | { readonly kind: "softmax" }
  | {
      readonly kind: "arcface";
      readonly scale: number;
      /** Angular margin, in radians. */
      readonly margin: number;
    };

export interface TrainingConfig {
  readonly batchSize: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Keep only the classes with the most images; 0 keeps all. */
  readonly classTopK: number;
  readonly checkpointEverySteps: number;
  /**
   * One after the other; each starts from the network of the one before, with a new classifier and a new schedule. With
   * none, the weights of `--init` are used as they are.
   */
  readonly stages: readonly TrainingStage[];
}

export interface TrainingStage {
  readonly name: string;
  readonly loss: LossConfig;
  readonly epochs: number;
  readonly learningRate: number;
  readonly minimumLearningRate: number;
  readonly frozenBatchNorm: boolean;
}

export interface ExtractionConfig {
  readonly batchSize: number;
  /** Factors on the template's sides; each side is floored to a multiple of 32. */
  readonly scales: readonly number[];
  /** Smallest side after scaling, in pixels. */
  readonly minimumSide: number;
}

export interface QueryExpansionConfig {
  /** Neighbors averaged, the query itself among them. */
  readonly neighborCount: number;
  readonly alpha: number;
}

export interface LabelRerankingConfig {
  /** Train images that vote for a label. */
  readonly neighborCount: number;
  /** An index image is inserted if its vote and the query's add up to more than this. */
  readonly threshold: number;
}

const paper: Config = {
  seed: 123456789, // [H] exp/v2clean.py:30
  // Without the real data even the paper's settings run on generated images, at the size of its training templates.
  landmarks: { landmarks: 2000, trainImages: 30_000, indexImages: 10_000, testImages: 1_000, longSide: 640 },
  images: {
    check: "header", // [H] src/prepare_dataset.py keeps sizes only; to decode 4.1 million files twice would cost a day
    trainTemplates: "S2", // [H] exp/v2clean.py:120, templates src/data_utils.py:54
    extractTemplates: "L2", // [P] scripts/reproduce.sh:24, templates [H] src/data_utils.py:59
    augmentation: "soft", // [H] exp/v2clean.py:50 and 96-98: crop-scale 0.2, brightness 0.1, no flip
    normalization: imagenetNormalization, // [H] src/data_utils.py, albumentations' default
  },
  model: {
    backbone: "resnet101", // [H] exp/v2clean.py:38
    width: 64, // torchvision
    poolingPower: 3, // [P] cirtorch/layers/pooling.py:52, frozen; [H] makes it learnable, the published results do not
    poolingPowerLearnable: false,
    dimension: 512, // [H] exp/v2clean.py:45
  },
  training: {
    batchSize: 32, // [H] exp/v2clean.py:32
    momentum: 0.9, // [H] src/utils.py:225
    weightDecay: 1e-5, // [H] exp/v2clean.py:37, on all parameters (src/utils.py:225)
    classTopK: 0, // [H] src/data_utils.py:231: class_topk becomes the number of rows of the clean list, so all of it
    checkpointEverySteps: 1000,
    stages: [
      {
        name: "arcface",
        loss: {
          kind: "arcface", // [H] exp/v2clean.py:41
          scale: 30, // [H] exp/v2clean.py:43
          margin: 0.3, // [H] exp/v2clean.py:42
        },
        epochs: 5, // [H] exp/v2clean.py:35
        learningRate: 1e-3, // [H] exp/v2clean.py:31
        minimumLearningRate: 3e-6, // [H] exp/v2clean.py:143, stepped every iteration (170)
        frozenBatchNorm: false, // [H] exp/v2clean.py:52 says True, but nothing reads it; [P] freezes in the scale-up epoch
      },
    ],
  },
  extraction: {
    batchSize: 24, // [P] scripts/reproduce.sh:24
    scales: [0.75, 1, 1.25], // [H] exp/v2clean.py:295
    minimumSide: 128, // [H] exp/v2clean.py:294
  },
  search: { depth: 100 }, // [H] exp/submit_retrieval.py:112
  queryExpansion: {
    neighborCount: 10, // [H] src/reranking.py:235, the query itself included
    alpha: 3, // [H] src/reranking.py:235
  },
  labelReranking: {
    neighborCount: 3, // [H] exp/submit_retrieval.py:50
    threshold: 0.6, // [H] exp/submit_retrieval.py:50 and 81
  },
};

/** A whole run in minutes on two cores: the paper's method, small images, a narrow ResNet-18 trained from nothing. */
const embedded: Config = {
  ...paper,
  seed: 1,
  landmarks: { landmarks: 60, trainImages: 2400, indexImages: 600, testImages: 160, longSide: 160 },
  images: {
    ...paper.images,
    check: "decode",
    trainTemplates: {
      edges: [0.77, 1.33],
      sizes: [
        [128, 96],
        [112, 112],
        [96, 128],
      ],
    },
    extractTemplates: {
      edges: [0.77, 1.33],
      sizes: [
        [160, 128],
        [128, 128],
        [128, 160],
      ],
    },
  },
  extraction: { ...paper.extraction, minimumSide: 64 },
  model: { ...paper.model, backbone: "resnet18", width: 32 },
  training: {
    ...paper.training,
    weightDecay: 1e-4,
    checkpointEverySteps: 50,
    stages: [
      // Stands in for weights learned on ImageNet. From random weights ArcFace ends where all embeddings point one way.
      {
        name: "softmax",
        loss: { kind: "softmax" },
        epochs: 5,
        learningRate: 0.02,
        minimumLearningRate: 5e-3,
        frozenBatchNorm: false,
      },
      { ...paper.training.stages[0]!, epochs: 4, learningRate: 0.01, minimumLearningRate: 3e-5 },
    ],
  },
};

/** Features learned on ImageNet as they are, without any training: give the weights of EfficientNet-Lite0 by `--init`. */
const pretrained: Config = {
  ...paper,
  seed: 1,
  landmarks: { ...embedded.landmarks, longSide: 320 },
  images: {
    ...paper.images,
    check: "decode",
    extractTemplates: {
      edges: [0.77, 1.33],
      sizes: [
        [320, 224],
        [256, 256],
        [224, 320],
      ],
    },
    // (byte − 127) / 128, with which its authors trained the network
    normalization: {
      mean: [127 / 255, 127 / 255, 127 / 255],
      std: [128 / 255, 128 / 255, 128 / 255],
    },
  },
  model: { ...paper.model, backbone: "tf_efficientnet_lite0", dimension: "pooled" },
  training: { ...paper.training, stages: [] },
  extraction: { ...paper.extraction, batchSize: 8 },
};

/** The presets, the default first. */
export const presets: Readonly<Record<"embedded" | "paper" | "pretrained", Config>> = {
  embedded,
  paper,
  pretrained,
};
