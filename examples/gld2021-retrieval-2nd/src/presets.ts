import { normalizationOf } from "./augmentation.ts";
import { baseConfig } from "./base-config.ts";
import { type Chain, chains, type NetworkName } from "./chains.ts";
import type { Config } from "./config.ts";
import { configs } from "./configs.ts";
import { defaultSettings, submittedSettings } from "./inference-settings.ts";
import type { RunName } from "./published-runs.ts";
import { referenceDepth } from "./reference-depth.ts";
import { referenceSetOf } from "./reference-set.ts";
import { type SmallRecipe, smallChain, smallRun } from "./small-runs.ts";
import type { YmlConfig } from "./yml-config.ts";

export type PresetName = "embedded" | "paper";

/** The networks that were handed in, in the order of the original's `MODEL_LIST`. */
const submitted: readonly NetworkName[] = ["SER101ibn", "RXt101ibn", "ResNeSt101", "ResNeSt269"];

/** The runs of a network up to the one that was published. */
function publishedChain(network: NetworkName): Chain {
  const chain = chains[network];
  const last = chain.runs.findIndex(({ name }) => name === chain.published);
  return { ...chain, runs: chain.runs.slice(0, last + 1) };
}

/** Every number as published; [W] is the original's code, [P] the paper. */
const paper: Config = {
  seed: 0, // the original seeds nothing
  landmarks: {
    landmarks: 2000,
    trainImages: 30_000,
    indexImages: 4000,
    testImages: 1000,
    noiseRate: 0.1,
    distractorRate: 0.5,
    sceneDifficulty: 0.5,
    longSide: 640,
  },
  images: {
    check: "header",
    normalization: normalizationOf(baseConfig), // [W] configs/GLDv2/GLDv2_base.yml
    kernel: "opencv-linear", // [W] datasets/bases.py
    cache: false,
  },
  chains: submitted.map(publishedChain),
  runs: configs,
  sizes: { R50: {}, SER101ibn: {}, RXt101ibn: {}, ResNeSt101: {}, ResNeSt269: {} },
  standIn: undefined,
  training: { checkpointEverySteps: 1000, oneThreadEach: false, emptyContinents: "throw" },
  validation: { contestShare: 1 },
  inference: submittedSettings, // [W] the notebook that was handed in
  search: {
    depth: 1000, // ours, for sets where lists of the whole index do not fit
    referenceDepth, // [W] kr_rerank_fast
    references: referenceSetOf(submittedSettings), // [W] REF_SET_LIST
    imagesPerPart: 1024,
  },
};

/** A small training from whose weights networks learn; of the published one they learn nothing in so few steps. */
const recipe: SmallRecipe = {
  imageSize: 64,
  padding: 3,
  batchSize: 32,
  epochs: { clean: 6, c2x: 4, full: 3, all: 3 },
  learningRates: { clean: 0.03, c2x: 0.02, full: 0.01, all: 0.01 },
  largeHeadRate: true,
  erasing: 0,
  scale: 20,
  margin: 0.1,
};

/** The whole system in minutes on two cores: the published chains with narrow networks on small generated images. */
const embedded: Config = {
  ...paper,
  seed: 1,
  landmarks: {
    landmarks: 34,
    trainImages: 1500,
    indexImages: 300,
    testImages: 150,
    noiseRate: 0.2,
    sceneDifficulty: 0.25,
    longSide: 128,
  },
  images: { ...paper.images, check: "decode", kernel: "linear", cache: true },
  chains: submitted.map((network) => smallChain(publishedChain(network), recipe)),
  runs: smallRuns(),
  sizes: {
    R50: { width: 16, depths: [1, 1, 1, 1] },
    SER101ibn: { width: 16, depths: [1, 1, 1, 1] },
    RXt101ibn: { width: 16, depths: [1, 1, 1, 1] },
    ResNeSt101: { width: 16, depths: [1, 1, 1, 1] },
    ResNeSt269: { width: 16, depths: [1, 1, 2, 1] },
  },
  standIn: { imageSize: recipe.imageSize, epochs: 7, batchSize: 16, learningRate: 3e-3 },
  training: { checkpointEverySteps: 100, oneThreadEach: true, emptyContinents: "other" },
  validation: { contestShare: 0.5 },
  inference: { ...submittedSettings, IMAGE_SIZE: recipe.imageSize },
};

function smallRuns(): Readonly<Record<RunName, YmlConfig>> {
  const runs = Object.entries(configs) as [RunName, YmlConfig][];
  return Object.fromEntries(runs.map(([name, config]) => [name, smallRun(name, config, recipe)])) as Record<
    RunName,
    YmlConfig
  >;
}

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, Config>> = { embedded, paper };

/**
 * A preset with some networks instead of its own, in the order of the original's settings. ResNet-50 alone has images of its
 * own size, as the original's repository has it; beside others all have that of the submission.
 */
export function withMembers(name: PresetName, members: readonly NetworkName[]): Config {
  const config = presets[name];
  const order: readonly NetworkName[] = ["R50", ...submitted];
  const chosen = order.filter((network) => members.includes(network)).map(publishedChain);
  const isFastScript = name === "paper" && members.join() === "R50";
  const { IMAGE_SIZE } = isFastScript ? defaultSettings : config.inference;
  return {
    ...config,
    chains: name === "embedded" ? chosen.map((chain) => smallChain(chain, recipe)) : chosen,
    inference: { ...config.inference, IMAGE_SIZE },
  };
}
