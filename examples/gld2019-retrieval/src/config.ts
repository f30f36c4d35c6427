import type { Landmark2019Settings } from "@lmk/rerank";
import { landmark2019Revisions } from "@lmk/rerank";
import type { EnsembleConfig, EnsembleOptions, PresetName } from "@lmk-example/gld2019-kit";
import { ensemblePresets } from "@lmk-example/gld2019-kit";
import type { Context } from "@lmk-example/kit";
import { demoMethods, type Method, pretrainedMethods, publishedMethods } from "./methods.ts";

/**
 * Every setting of the 2019 retrieval system.
 *
 * Citations name the authors' code, github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution: [C] is that of the contest
 * (215d4ad, 6739bf8), [M] of the month after it (fd4ffbf), [P] the most complete tree (98a83b4), [H] the refactored one
 * (3fee857).
 */
export interface RetrievalConfig extends EnsembleConfig {
  readonly retrieval: RetrievalSettings;
}

export type RetrievalContext = Context<RetrievalConfig, EnsembleOptions>;

export interface RetrievalSettings {
  /** Images that are ranked for a query. */
  readonly depth: number;
  /** The rows of the results table, in its order. */
  readonly methods: readonly Method[];
  /** The method that is handed in; the report shows what it ranks. */
  readonly final: string;
  /** Networks that are only scored, for the tables of losses and of training data. */
  readonly tables: readonly string[];
  readonly queryExpansion: {
    /** Neighbors averaged, the query itself among them. */
    readonly neighborCount: number;
    readonly alpha: number;
  };
  /** The vote for labels and the two steps of re-ranking by them. */
  readonly labels: Landmark2019Settings;
  readonly diffusion: DiffusionSettings;
  readonly egt: { readonly threshold: number; readonly neighborCount: number };
  readonly contest: ContestSettings;
}

export interface DiffusionSettings {
  /** Nearest images of the pool that are an image's part of the graph. */
  readonly truncation: number;
  /** Neighbors of an image in the graph. */
  readonly neighborCount: number;
  readonly alpha: number;
  /** Exponent on the similarities. */
  readonly gamma: number;
}

/** What was done to the ensemble's embeddings in the contest before they were ranked by labels. */
export interface ContestSettings {
  /** Nearest images that are compared place by place. */
  readonly candidates: number;
  /** Fewest inliers of an image that is added to another, and most images that are. */
  readonly minInliers: number;
  readonly neighborCount: number;
  /** Of the clean train images: neighbors that are added if they have the same label, and the exponent of their weight. */
  readonly augmentation: { readonly neighborCount: number; readonly alpha: number };
  readonly labels: Landmark2019Settings;
}

const paper: RetrievalSettings = {
  depth: 100, // [H] exp/submit_retrieval.py:112
  methods: publishedMethods,
  final: "contest",
  tables: [
    "v1only-softmax",
    "v1only-arcface",
    "v1only-cosface",
    "v1only-r50-softmax",
    "v1only-r50-arcface",
    "v1only-r50-cosface",
    "v2noisy-only",
    "v2noisy",
    "v2noisy-softmax",
    "v2clean-only",
    "v2clean",
  ],
  queryExpansion: {
    neighborCount: 10, // [H] src/reranking.py:235, the query itself included
    alpha: 3, // [H] src/reranking.py:235
  },
  // [H] exp/submit_retrieval.py:50 and 81: three votes by the cosine, divided by three; inserted if the two sum to over 0.6
  labels: landmark2019Revisions.final,
  diffusion: {
    truncation: 1000, // [M] README: k = 1000, the default of fyang93/diffusion
    neighborCount: 50, // [M] src/reranking.py: kd
    alpha: 0.99, // [M] src/reranking.py
    gamma: 3, // [M] src/reranking.py
  },
  egt: {
    threshold: Number.POSITIVE_INFINITY, // [M] README: t = ∞
    neighborCount: 100, // [M] README: k = 100
  },
  contest: {
    candidates: 100, // [C] experiments/e45/main.py
    minInliers: 90, // the same file
    neighborCount: 5, // the same file
    // [C] experiments/retrieval_reranking.py: three neighbors by the inner product, the image itself among them
    augmentation: { neighborCount: 2, alpha: 3 },
    // [C] experiments/retrieval_reranking.py: votes of 1 − d², inserted where both scores are above 0
    labels: landmark2019Revisions.contest,
  },
};

/** As published, but for what depends on the size of images and landmarks. */
const embedded: RetrievalSettings = {
  ...paper,
  tables: paper.tables.filter((job) => !/r50|noisy-softmax/.test(job)),
  // About eight images show one landmark: as many neighbors, and less spreading beyond them.
  diffusion: { ...paper.diffusion, neighborCount: 10, alpha: 0.9 },
  // Of small images fewer places agree: as many fewer as of those that the cleaning asks for, 5 instead of 30.
  contest: { ...paper.contest, minInliers: 15 },
};

const settings: Readonly<Record<PresetName, RetrievalSettings>> = {
  embedded,
  paper,
  demo: { ...embedded, methods: demoMethods, final: "alpha-qe+labels", tables: [] },
  pretrained: { ...embedded, methods: pretrainedMethods, final: "alpha-qe+labels", tables: [] },
};

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, RetrievalConfig>> = {
  embedded: withSettings("embedded"),
  paper: withSettings("paper"),
  demo: withSettings("demo"),
  pretrained: withSettings("pretrained"),
};

function withSettings(preset: PresetName): RetrievalConfig {
  return { ...ensemblePresets[preset], retrieval: settings[preset] };
}

/** The settings of retrieval of a preset. */
export function retrievalSettings(preset: string): RetrievalSettings {
  return settings[preset as PresetName];
}
