import type { SimilarityVote } from "@lmk/rerank/recognition";
import { type EnsembleConfig, ensemblePresets, type PresetName } from "@lmk-example/gld2019-kit";

/** Every setting of the 2019 recognition system: those of the ensemble, and what recognizes landmarks with it. */
export interface Config extends EnsembleConfig {
  readonly search: SearchConfig;
  /** The system as it was submitted. */
  readonly recognition: RecognitionConfig;
  readonly ablations: AblationsConfig;
}

export interface SearchConfig {
  /** Train images that are found for each test image, and whose places are compared with it. */
  readonly depth: number;
}

/** How landmarks are recognized. */
export interface RecognitionConfig {
  /** Which embeddings are compared: one network's, or the six networks' together. */
  readonly embeddings: Embeddings;
  /** Whether the clean train images are averaged with their neighbors before (supervised DBA), and by which weights. */
  readonly augmentation: Augmentation;
  /** Train images that vote. */
  readonly neighborCount: number;
  /** What a vote weighs: `1 − d²`, the cosine, `exp(−√rank)`, or how much nearer than the farthest it is. */
  readonly weight: SimilarityVote;
  /** Whether votes are divided by the number of the landmark's train images, counted up to `neighborCount`. */
  readonly divideByFrequency: boolean;
  /** Factor of the votes of train images that have the test image among their own nearest; 1 changes nothing. */
  readonly reciprocalFactor: number;
  /** Inliers that give a neighbor its whole bonus of 1; 0 leaves the bonus out. */
  readonly inlierCap: number;
  /** A landmark predicted for more test images than this comes last; 0 bans none. */
  readonly mostPredictions: number;
  /** Whether test images that look like those of a banned landmark get the score 0 (`ban_final`). */
  readonly banNeighbors: boolean;
}

export type Embeddings = "single" | "ensemble";
export type Augmentation = "none" | "power" | "saturated" | "log-spaced";

/** What is needed to leave parts of the system out, or to try what the authors tried and did not use. */
export interface AblationsConfig {
  /** The single network. */
  readonly network: string;
  /** `mostPredictions` before the authors lowered it. */
  readonly earlierMostPredictions: number;
  /** Neighbors that vote by their rank. */
  readonly rankNeighborCounts: readonly number[];
  /** Nearest images, itself not counted, in which a train image must have the test image. */
  readonly reciprocalCount: number;
  readonly reciprocalFactor: number;
  /** Of the clean train images, whose list the ensemble's cleaning names. */
  readonly augmentation: {
    /** Images that are averaged, the image itself among them. */
    readonly neighborCount: number;
    readonly alpha: number;
    /** Similarity from which on `"saturated"` weighs 1. */
    readonly saturation: number;
  };
  readonly banNeighbors: {
    /** Images with other landmarks that are looked at for each banned one. */
    readonly depth: number;
    /** They are banned if their cosine is above this: 0.75 is a squared distance of 0.5. */
    readonly above: number;
  };
}

/**
 * Every number of the published system. Of the authors' code, github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution,
 * [H] is the last tree (3fee857), [C] the contest's (215d4ad, 6739bf8).
 */
const paper: Config = {
  ...ensemblePresets.paper,
  search: { depth: 100 }, // [H] exp/submit_recognition.py reads test19_train19_search_top100_RANSAC.csv
  recognition: {
    embeddings: "ensemble", // the same file, test_dirs
    augmentation: "none", // [C] experiments/e44.py: n_iter=0
    neighborCount: 3, // [H] exp/submit_recognition.py: topk
    weight: "squared-l2", // the same file
    divideByFrequency: false,
    reciprocalFactor: 1,
    inlierCap: 70, // the same file
    mostPredictions: 30, // the same file: ban_thresh
    banNeighbors: false, // [C] experiments/submit_recognition.py has ban_final, which nothing calls
  },
  ablations: {
    network: "v20c", // the slides do not name theirs; this one has the best score in [C] ensemble_modelset_params.py
    earlierMostPredictions: 250, // [C] experiments/submit_recognition.py
    rankNeighborCounts: [20, 30, 40], // slides of the recognition solution
    reciprocalCount: 2, // [C] experiments/submit_recognition.py: 3 with the image itself
    reciprocalFactor: 1.5, // the same file
    augmentation: {
      neighborCount: 3, // [C] experiments/e44.py: qe_topk
      alpha: 3, // the same file
      saturation: 0.8, // the same file: t
    },
    banNeighbors: {
      depth: 100, // [C] experiments/submit_recognition.py
      above: 0.75, // the same file: squared distance below 0.5
    },
  },
};

/**
 * The system for a small set. A threshold of 30 among 117,577 test images says: more often than any landmark is really
 * shown. It does not scale with the number of images alone, as a small set has few landmarks, each shown by many of its
 * images: of 150 generated ones 5 or 6 show the most frequent landmark. So landmarks predicted for more than a sixteenth
 * of the test images are banned, which is about twice that; the earlier threshold keeps its ratio of 250 to 30.
 */
function small(ensemble: EnsembleConfig, changes: Partial<RecognitionConfig>): Config {
  const mostPredictions = Math.round(ensemble.landmarks.v2.testImages / 16);
  const earlierMostPredictions = Math.round((mostPredictions * 250) / 30);
  return {
    ...paper,
    ...ensemble,
    recognition: { ...paper.recognition, mostPredictions, ...changes },
    ablations: {
      ...paper.ablations,
      network: ensemble.members.length === 1 ? ensemble.members[0]!.job : paper.ablations.network,
      earlierMostPredictions,
    },
  };
}

/** One network, no local features: the votes alone. */
const alone: Partial<RecognitionConfig> = { embeddings: "single", inlierCap: 0 };

/** The presets, the default first. */
export const presets: Readonly<Record<PresetName, Config>> = {
  // Of small images fewer places agree: as many fewer as of those that the cleaning asks for, 5 instead of 30.
  embedded: small(ensemblePresets.embedded, { inlierCap: 12 }),
  paper,
  demo: small(ensemblePresets.demo, alone),
  pretrained: small(ensemblePresets.pretrained, alone),
};
