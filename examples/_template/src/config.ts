import { imagenetNormalization } from "@lmk/data/images";
import type { GeneratedSet, ImagesConfig, StandIn } from "@lmk-example/kit";

/** Every setting of the system: a number that is not here is nowhere. */
export interface Config {
  readonly seed: number;
  /** The generated data set that is used where no `--data` is given. */
  readonly landmarks: GeneratedSet;
  readonly images: ImagesConfig;
  /** Factors of the network's channels and blocks; 1 is the published one. */
  readonly network: { readonly width: number; readonly depth: number };
  readonly training: StandIn;
  readonly embedding: {
    /** Side of the images, in pixels. */
    readonly imageSize: number;
    readonly batchSize: number;
  };
  readonly search: {
    /** Index images that are ranked for each query. */
    readonly depth: number;
    /** Query expansion: the neighbors that are added to a query, and the power of their similarities. */
    readonly queryExpansion: { readonly neighborCount: number; readonly alpha: number };
  };
}

export type PresetName = "embedded" | "full";

/** As somebody would run it on the real data set; give the source of each number here. */
const full: Config = {
  seed: 0,
  landmarks: {
    landmarks: 2000,
    trainImages: 30_000,
    indexImages: 10_000,
    testImages: 1000,
    noiseRate: 0.1,
    sceneDifficulty: 0.5,
    longSide: 640,
  },
  images: { check: "header", normalization: imagenetNormalization, kernel: "linear", cache: false },
  network: { width: 1, depth: 1 },
  training: { imageSize: 224, epochs: 10, batchSize: 64, learningRate: 1e-3, augmentation: "soft" },
  embedding: { imageSize: 288, batchSize: 16 },
  search: { depth: 100, queryExpansion: { neighborCount: 10, alpha: 3 } }, // αQE as the 2019 winners searched
};

/** The same system in a minute on two cores. */
const embedded: Config = {
  ...full,
  seed: 1,
  landmarks: {
    landmarks: 20,
    trainImages: 500,
    indexImages: 200,
    testImages: 60,
    noiseRate: 0.1,
    sceneDifficulty: 0.25,
    longSide: 96,
  },
  images: { ...full.images, check: "decode", cache: true },
  network: { width: 0.25, depth: 0.25 },
  training: { imageSize: 64, epochs: 12, batchSize: 16, learningRate: 3e-3 },
  embedding: { imageSize: 64, batchSize: 16 },
  search: { depth: 100, queryExpansion: { neighborCount: 3, alpha: 3 } },
};

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, Config>> = { embedded, full };
