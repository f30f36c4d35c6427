import { imagenetNormalization } from "@lmk/data/images";
import type { Config } from "./config.ts";
import { type MemberName, memberNames } from "./ensembles.ts";
import type { NetworkSize } from "./network-size.ts";
import { recipes } from "./recipes.ts";
import { narrow, smallRecipe, smallSide } from "./small-recipes.ts";

export type PresetName = "embedded" | "paper";

/** The same of every network. */
function ofEach<T>(value: T): Readonly<Record<MemberName, T>> {
  return Object.fromEntries(memberNames.map((name) => [name, value])) as Record<MemberName, T>;
}

/** Every number as published, and where nothing was published, that of the source that the authors cite. */
const paper: Config = {
  seed: 0,
  landmarks: {
    landmarks: 2000,
    trainImages: 30_000,
    indexImages: 3000,
    testImages: 2000,
    noiseRate: 0.1,
    distractorRate: 0.5,
    sceneDifficulty: 0.5,
    longSide: 640,
  },
  images: { check: "header", normalization: imagenetNormalization, kernel: "opencv-linear", cache: false },
  recipes,
  sizes: ofEach<NetworkSize>({}),
  standIn: undefined,
  training: {
    augmentation: "gld2021First",
    checkpointEverySteps: 1000,
    oneThreadEach: false,
  },
  embedding: { batchSize: 4, imagesPerPart: 1024 },
  gallery: "c2x", // section 2.4 of the paper, without its images of WIT; retrieval adds the labelled index
  retrieval: {
    mostListed: 2 ** 27, // ours: 1 GB; all of a contest (1,129 test by 78,959 index images), the nearest 1,141 of GLDv2 (117,577 by 761,757)
    kept: 750,
    neighborCount: 3,
    labelScore: "vote_mean",
    up: 1,
    down: 0.1,
  },
  recognition: {
    // notebooks/blend_ranking.ipynb of the first place of 2020
    galleryCount: 5,
    testCount: 10,
    neighborCount: 3,
    weight: 1,
    shortlist: 1000, // ours; there the whole gallery is looked at
  },
};

/** The whole system in minutes on two cores: the published recipes with narrow networks on small generated images. */
const embedded: Config = {
  ...paper,
  seed: 1,
  landmarks: {
    landmarks: 34,
    trainImages: 1500,
    indexImages: 300,
    testImages: 300,
    noiseRate: 0.2,
    distractorRate: 0.5,
    sceneDifficulty: 0.25,
    longSide: 128,
  },
  images: { ...paper.images, check: "decode", kernel: "linear", cache: true },
  recipes: recipes.map(smallRecipe),
  sizes: narrow,
  standIn: {
    imageSize: smallSide,
    epochs: 7,
    batchSize: 16,
    learningRate: 3e-3,
    transformerLearningRate: 1e-3,
  },
  training: { augmentation: "soft", checkpointEverySteps: 100, oneThreadEach: true },
  embedding: { batchSize: 32, imagesPerPart: 1024 },
};

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, Config>> = { embedded, paper };

/** A preset with some of its networks, in the order of the authors' table. */
export function withMembers(config: Config, members: readonly MemberName[]): Config {
  return { ...config, recipes: config.recipes.filter(({ member }) => members.includes(member)) };
}
