import { imagenetNormalization } from "@lmk/data/images";
import type { GeneratedSet } from "@lmk-example/kit";
import type { EnsembleConfig, Job, NetworkConfig, TemplatesConfig } from "./config.ts";
import { publishedJobs } from "./published-jobs.ts";

/** The settings of each way to run; the first is the default. */
export type PresetName = "embedded" | "paper" | "demo" | "pretrained";

const paperSet: GeneratedSet = {
  landmarks: 2000,
  trainImages: 30_000,
  indexImages: 10_000,
  testImages: 1_000,
  noiseRate: 0.1,
  sceneDifficulty: 0.5,
  longSide: 640,
};

/** Every number of the published system. Revisions [C], [P], [H] as in published-jobs.ts. */
const paper: EnsembleConfig = {
  seed: 123456789, // [H] exp/v2clean.py:30
  // Without the real data even the published settings run on generated images, at the size of the training templates.
  landmarks: { v1: { ...paperSet, indexImages: 1, testImages: 1 }, v2: paperSet },
  images: {
    check: "header", // [H] src/prepare_dataset.py keeps sizes only; to decode 4.1 million files twice would cost a day
    normalization: imagenetNormalization, // [H] src/data_utils.py, albumentations' default
    kernel: "opencv-linear", // [H] src/data_utils.py reads and warps with OpenCV
    cache: false,
  },
  training: {
    momentum: 0.9, // [H] src/utils.py:225
    weightDecay: 1e-5, // [H] exp/v2clean.py:37, on all parameters
    checkpointEverySteps: 1000,
    oneThreadEach: false,
  },
  jobs: publishedJobs,
  // [C] experiments/e45/ensemble_modelset_params.py: MODELSET_V0602, WEIGHT_V1
  members: [
    { job: "v19c", weight: 0.5 },
    { job: "v20c", weight: 1 },
    { job: "v21c", weight: 1 },
    { job: "v22c", weight: 0.5 },
    { job: "v23c", weight: 1 },
    { job: "v24c", weight: 1 },
  ],
  cleaning: {
    descriptor: "v7",
    templates: "M", // [P] scripts/reproduce.sh: v7 predicts at M, multi-scale
    batchSize: 32, // the same line
    neighborCount: 1000, // [H] exp/delf/matching_localfeatures.py
    maxSameLabel: 100, // the same file
    minImages: 2, // [H] exp/delf/cleaning_train2019.py
    augmented: { minInliers: 40, minVerified: 5 }, // [C] experiments/retrieval_reranking.py
    grid: { minInliers: [20, 25, 30, 35, 40, 45, 50], minVerified: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, // the same file
  },
  localFeatures: {
    kind: "sift", // the authors' DELF is not published as ONNX: give such a file by --local-features
    limit: 1000, // [H] exp/delf/delf_config_example.pbtxt
    maxSide: 800, // v1 is stored at 800 pixels, v2 mostly so
  },
  verification: {
    // [H] exp/delf/matching_localfeatures.py, for descriptors of length 1
    matching: { mode: "nearest", maxDistance: 0.8 },
    // The same file calls scikit-image's ransac, which counts the inliers of the best of all samples.
    estimation: {
      maxError: 20,
      maxIterations: 1000,
      confidence: 1,
      sampling: "uniform",
      localOptimization: false,
      minimumInliers: 0,
      oneToOne: false,
      allowReflection: true,
    },
  },
  extraction: {
    templates: "L2", // [P] scripts/reproduce.sh:24
    batchSize: 24, // the same line
    scales: [0.75, 1, 1.25], // [H] exp/v2clean.py:295
    minimumSide: 128, // [H] exp/v2clean.py:294
  },
};

/** Small templates for the published scales: those that networks begin on, and those that they end and see images on. */
function smallTemplates(published: TemplatesConfig): TemplatesConfig {
  const isSmall = published === "SS2" || published === "S" || published === "S2";
  return isSmall ? templates([96, 64], [64, 64]) : templates([128, 96], [96, 96]);
}

/** Three templates: wide, square, and the first turned on its side. */
function templates([width, height]: [number, number], square: [number, number]): TemplatesConfig {
  return { edges: [0.77, 1.33], sizes: [[width, height], square, [height, width]] };
}

/** Names of the trainings that stand in for weights learned on ImageNet. */
const standIns = {
  resnet101: "imagenet-resnet",
  se_resnext101_32x4d: "imagenet-se-resnext",
  fishnet150: "imagenet-fishnet",
} as const;

/** A network for small images, and how it learns from nothing. */
interface NarrowNetwork {
  readonly network: Partial<NetworkConfig>;
  readonly rate: number;
  /** Which pooling it learns with first: some learn little by powers of maps that are far from normalized. */
  readonly firstPooling: "S" | "G";
}

/** Narrower and shallower networks; rates and poolings were found by trial. */
const narrow: Readonly<Record<keyof typeof standIns, NarrowNetwork>> = {
  resnet101: { network: { backbone: "resnet18", width: 24 }, rate: 0.03, firstPooling: "G" },
  se_resnext101_32x4d: { network: { width: 32, depths: [1, 1, 1, 1] }, rate: 0.05, firstPooling: "S" },
  fishnet150: {
    network: { backbone: "fishnet99", width: 16, depths: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
    rate: 0.02,
    firstPooling: "S",
  },
};

/** A published training with a narrow network, small images and faster steps. */
function small(job: Job): Job {
  const backbone = job.network.backbone as keyof typeof standIns;
  const { network, rate } = narrow[backbone];
  const isTableOfData = job.name === "v2clean" || job.name === "v2clean-only";
  return {
    ...job,
    network: { ...job.network, ...network },
    from: job.from === "imagenet" ? { job: standIns[backbone] } : job.from,
    data: job.data.set === "v2-clean" ? { ...job.data, minInliers: smallInliers } : job.data,
    classTopK: 0,
    batchSize: 32,
    // Few images are far from teaching all they can: the table of training data is of as many steps on clean ones as on all.
    epochs: isTableOfData ? 8 : job.epochs,
    templates: smallTemplates(job.templates),
    ...(job.scaleUp === undefined ? {} : { scaleUp: smallTemplates(job.scaleUp) }),
    learningRate: rate / 3,
    minimumLearningRate: rate / 300,
  };
}

/** Images of 160 pixels have fewer places to agree than those of 800. */
const smallInliers = 5;

/** Stands in for weights learned on ImageNet. From random weights ArcFace ends where all embeddings point one way. */
function standIn(backbone: keyof typeof standIns): Job {
  const published = publishedJobs.find(({ network }) => network.backbone === backbone)!;
  const { rate, firstPooling } = narrow[backbone];
  const job = small({ ...published, augmentation: "soft", holdOut: 0, templates: "S2" });
  return {
    ...job,
    name: standIns[backbone],
    network: { ...job.network, pooling: job.network.pooling.replaceAll("G", firstPooling) },
    from: "random",
    data: { set: "v1" },
    loss: { kind: "softmax" },
    epochs: 12,
    learningRate: rate,
    minimumLearningRate: rate / 4,
  };
}

const smallSet = { sceneDifficulty: 0.25, longSide: 160 } satisfies Partial<GeneratedSet>;

/** The whole system in minutes on two cores: the published trainings with narrow networks on small generated images. */
const embedded: EnsembleConfig = {
  ...paper,
  seed: 1,
  landmarks: {
    v1: { ...smallSet, landmarks: 45, trainImages: 800, indexImages: 1, testImages: 1, noiseRate: 0.1 },
    v2: { ...smallSet, landmarks: 60, trainImages: 1300, indexImages: 400, testImages: 150, noiseRate: 0.3 },
  },
  images: { ...paper.images, check: "decode", kernel: "linear", cache: true },
  training: { momentum: 0.9, weightDecay: 1e-4, checkpointEverySteps: 50, oneThreadEach: true },
  jobs: [
    ...(["resnet101", "se_resnext101_32x4d", "fishnet150"] as const).map(standIn),
    ...publishedJobs.filter(({ network }) => network.backbone !== "resnet50").map(small),
  ],
  cleaning: {
    ...paper.cleaning,
    templates: smallTemplates("M"),
    batchSize: 32,
    neighborCount: 1000,
    maxSameLabel: 30,
    augmented: { minInliers: 6, minVerified: 4 },
    grid: { minInliers: [4, 5, 6, 7, 8, 10], minVerified: [1, 2, 3, 4, 5] },
  },
  localFeatures: { ...paper.localFeatures, limit: 300, maxSide: 160 },
  // Descriptors of SIFT need more than a distance to tell places apart that look alike.
  verification: {
    matching: { mode: "mutual", maxDistance: 0.8, maxRatio: 0.95 },
    estimation: { maxError: 4, maxIterations: 300 },
  },
  extraction: { ...paper.extraction, templates: smallTemplates("L2"), batchSize: 32, minimumSide: 64 },
};

const published = embedded.jobs.find(({ name }) => name === "v2clean")!;

/** One network instead of six, on the data set's own clean list: the last, refactored form of the authors' code, smaller. */
const demo: EnsembleConfig = {
  ...embedded,
  landmarks: {
    ...embedded.landmarks,
    v2: {
      landmarks: 60,
      trainImages: 2400,
      indexImages: 600,
      testImages: 160,
      noiseRate: 0.1,
      sceneDifficulty: 0.5,
      longSide: 160,
    },
  },
  jobs: [
    { ...standIn("resnet101"), name: "softmax", data: { set: "v2-given-list" } },
    { ...published, from: { job: "softmax" }, data: { set: "v2-given-list" } },
    { ...published, name: "untrained", from: "random", data: { set: "v2-given-list" }, epochs: 0 },
  ],
  members: [{ job: "v2clean", weight: 1 }],
};

/** Nothing is trained, so no list is made. */
const asItIs: Job = {
  ...published,
  network: { ...published.network, backbone: "tf_efficientnet_lite0", dimension: "pooled" },
  data: { set: "v2-given-list" },
  epochs: 0,
};

/** Features learned on ImageNet as they are, without any training: give the weights of EfficientNet-Lite0 by `--init`. */
const pretrained: EnsembleConfig = {
  ...embedded,
  landmarks: { ...demo.landmarks, v2: { ...demo.landmarks.v2, longSide: 320 } },
  images: {
    ...embedded.images,
    // (byte − 127) / 128, with which its authors trained the network
    normalization: {
      mean: [127 / 255, 127 / 255, 127 / 255],
      std: [128 / 255, 128 / 255, 128 / 255],
    },
  },
  jobs: [
    { ...asItIs, name: "pretrained", from: "imagenet" },
    { ...asItIs, name: "untrained", from: "random" },
  ],
  members: [{ job: "pretrained", weight: 1 }],
  extraction: {
    ...paper.extraction,
    templates: templates([320, 224], [256, 256]),
    batchSize: 8,
  },
};

/** The presets, the default first. */
export const ensemblePresets: Readonly<Record<PresetName, EnsembleConfig>> = {
  embedded,
  paper,
  demo,
  pretrained,
};
