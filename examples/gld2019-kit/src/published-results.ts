import type { RevisitedScores } from "./published-cleaning-grid.ts";

export type { CleaningGridRow, RevisitedScores } from "./published-cleaning-grid.ts";
export { publishedCleaningGrid } from "./published-cleaning-grid.ts";

/** The authors' repository, whose files the tables below are from. */
export const publishedRepository: string =
  "https://github.com/lyakaap/Landmark2019-1st-and-3rd-Place-Solution";

/** Where a published number stands. */
export interface PublishedSource {
  /** Commit of the authors' repository; none for their slides. */
  readonly revision?: string;
  /** File of that commit, or title of the slides. */
  readonly place: string;
}

const benchmark: PublishedSource = { revision: "98a83b4", place: "benchmark.md" };
const readme: PublishedSource = { revision: "98a83b4", place: "README.md" };
const lastReadme: PublishedSource = { revision: "3fee857", place: "README.md" };
const stepTable: PublishedSource = { revision: "6100de2", place: "benchmark.md" };
const firstBenchmark: PublishedSource = { revision: "0f089fa", place: "benchmark.md" };
const ensembleList: PublishedSource = { revision: "215d4ad", place: "experiments/submit_retrieval.py" };
const retrievalSlides: PublishedSource = { place: "slides of the retrieval solution, CVPR 2019 workshop" };
const recognitionSlides: PublishedSource = {
  place: "slides “Recognition under a noisy and diverse dataset”, CVPR 2019 workshop",
};

/** Score of a submission: mAP@100 (retrieval) in percent, on the two parts of the queries. */
export interface LeaderboardScore {
  readonly private: number;
  readonly public?: number;
  readonly source: PublishedSource;
}

/** What the authors' numbers of the challenge are measured on; print it wherever they stand beside others. */
export const publishedMeasuredOn: string =
  "Published: 117,577 queries in 761,757 index images of Google Landmarks v2, as scored by the challenge.";

/** Training sets. */
export const publishedDatasets: Readonly<
  Record<"v1" | "v2" | "v2-clean", { readonly images: number; readonly landmarks: number }>
> = {
  v1: { images: 1_225_029, landmarks: 14_951 },
  v2: { images: 4_132_914, landmarks: 203_094 },
  "v2-clean": { images: 1_580_470, landmarks: 81_313 },
};

/** Final standing of the retrieval challenge: mAP@100 in percent. */
export const publishedStandings: readonly (LeaderboardScore & { readonly team: string })[] = [
  { team: "smlyaka", private: 37.23, public: 35.69, source: lastReadme },
  { team: "imagesearch", private: 34.75, public: 32.25, source: lastReadme },
  { team: "Layer 6 AI", private: 32.18, public: 29.85, source: lastReadme },
];

/** Before re-ranking: the best single network and the six together, mAP@100 in percent with one decimal. */
export const publishedBeforeReranking: readonly (LeaderboardScore & {
  readonly system: "best single network" | "ensemble of six";
})[] = [
  { system: "best single network", private: 31.8, source: retrievalSlides },
  { system: "ensemble of six", private: 33.0, source: retrievalSlides },
];

/**
 * Score of each network of the ensemble by itself: mAP@100 in percent.
 *
 * Comments beside the list of files; they do not say which part of the queries.
 */
export const publishedMembers: readonly {
  readonly job: "v19c" | "v20c" | "v21c" | "v22c" | "v23c" | "v24c";
  readonly score: number;
  readonly source: PublishedSource;
}[] = [
  { job: "v19c", score: 29.039, source: ensembleList },
  { job: "v20c", score: 29.601, source: ensembleList },
  { job: "v21c", score: 28.569, source: ensembleList },
  { job: "v22c", score: 28.66, source: ensembleList },
  { job: "v23c", score: 29.168, source: ensembleList },
  { job: "v24c", score: 29.422, source: ensembleList },
];

/** One trained network: mAP in percent; a field is absent where nothing was published. */
export interface PublishedNetwork {
  readonly private?: number;
  readonly public?: number;
  readonly oxford5k?: number;
  readonly paris6k?: number;
  readonly roxford5k: RevisitedScores;
  readonly rparis6k: RevisitedScores;
  readonly source: PublishedSource;
}

/** A network of the comparison of losses. */
export interface PublishedLoss extends PublishedNetwork {
  readonly backbone: "resnet50" | "resnet101";
  readonly loss: "softmax" | "arcface" | "cosface" | "triplet";
}

/**
 * Losses, trained on GLDv1 and embedded at several scales.
 *
 * The triplet row has fewer digits and no Public score; the read-me of revision fd4ffbf calls it contrastive.
 */
export const publishedLosses: readonly PublishedLoss[] = [
  {
    backbone: "resnet50",
    loss: "softmax",
    ...scores(17.56, 14.23, 83.44, 89.61, [77.71, 62.44, 39.66], [89.42, 78.34, 57.6]),
  },
  {
    backbone: "resnet50",
    loss: "arcface",
    ...scores(20.78, 18.04, 87.78, 92.16, [82.46, 66.46, 41.78], [90.54, 80.76, 64.22]),
  },
  {
    backbone: "resnet50",
    loss: "cosface",
    ...scores(20.42, 17.21, 90.5, 92.84, [83.99, 68.25, 43.95], [91.17, 80.97, 63.66]),
  },
  {
    backbone: "resnet101",
    loss: "softmax",
    ...scores(17.95, 15, 86.11, 91.12, [81.47, 66.73, 43.5], [90.21, 79.25, 58.58]),
  },
  {
    backbone: "resnet101",
    loss: "arcface",
    ...scores(20.74, 18.13, 89.61, 92.68, [83.62, 69.04, 46.25], [91.66, 82.35, 66.62]),
  },
  {
    backbone: "resnet101",
    loss: "cosface",
    ...scores(21.35, 18.41, 90.47, 91.93, [85.46, 69.49, 44.78], [89.93, 80.06, 62.95]),
  },
  {
    backbone: "resnet101",
    loss: "triplet",
    private: 20,
    roxford5k: { medium: 67.3, hard: 44.3 },
    rparis6k: { medium: 80.6, hard: 61.5 },
    source: readme,
  },
];

/** The two losses in the first, unfinished version of the table. It does not name the backbone. */
export const publishedEarlierLosses: readonly (PublishedNetwork & {
  readonly loss: "arcface" | "cosface";
})[] = [
  {
    loss: "arcface",
    oxford5k: 91.32,
    paris6k: 91.78,
    roxford5k: { easy: 85.9, medium: 71.94, hard: 49.7 },
    rparis6k: { easy: 91.63, medium: 81.62, hard: 63.55 },
    source: firstBenchmark,
  },
  {
    loss: "cosface",
    oxford5k: 92.12,
    paris6k: 90.98,
    roxford5k: { easy: 86.47, medium: 71.57, hard: 48.19 },
    rparis6k: { easy: 90.3, medium: 80.28, hard: 61.97 },
    source: firstBenchmark,
  },
];

/** A network of the comparison of training sets. */
export interface PublishedTrainingData extends PublishedNetwork {
  /** In order of training: "v1+v2" is trained on GLDv1 and then on GLDv2. */
  readonly data: "v1" | "v2" | "v1+v2" | "v2-clean" | "v1+v2-clean";
  readonly loss: "softmax" | "arcface";
}

/**
 * Training sets, ResNet-101.
 *
 * Not only the data differ: networks on all of GLDv2 were trained at size SS2 (about 384 pixels), those on its cleaned
 * part at S2 (about 448). The Private score of "v2" equals the Public score of "v1+v2-clean" in the authors' tables.
 */
export const publishedTrainingData: readonly PublishedTrainingData[] = [
  {
    data: "v1",
    loss: "arcface",
    ...scores(20.74, 18.13, 89.61, 92.68, [83.62, 69.04, 46.25], [91.66, 82.35, 66.62]),
  },
  {
    data: "v2",
    loss: "arcface",
    private: 27.81,
    roxford5k: { medium: 75.11, hard: 54.81 },
    rparis6k: { medium: 87.09, hard: 74.4 },
    source: readme,
  },
  {
    data: "v1+v2",
    loss: "arcface",
    ...scores(29.2, 26.84, 92.15, 95.74, [89.71, 77, 56.59], [93.66, 89.25, 77.35]),
  },
  {
    data: "v2-clean",
    loss: "arcface",
    private: 28.83,
    roxford5k: { medium: 77.97, hard: 58.94 },
    rparis6k: { medium: 89.1, hard: 78.13 },
    source: readme,
  },
  {
    data: "v1+v2-clean",
    loss: "arcface",
    ...scores(30.22, 27.81, 94.39, 96.39, [91.65, 78.86, 59.93], [93.97, 88.84, 77.82]),
  },
  {
    data: "v1+v2",
    loss: "softmax",
    ...scores(22.2, 19.7, 86.61, 93.37, [83.3, 69.31, 45.65], [90.46, 84.74, 70.78]),
  },
];

/** Ways to re-rank. */
export type PublishedReranker = "none" | "diffusion" | "egt" | "alpha-qe" | "ours" | "alpha-qe+ours";

/**
 * Re-ranking of one network, the ResNet-101 trained on v1+v2-clean: mAP@100 in percent.
 *
 * Its last row has the Private score of the final standing, whose Public score is higher by 0.19.
 */
export const publishedReranking: readonly (LeaderboardScore & {
  readonly method: PublishedReranker;
  /** As the authors give it. */
  readonly parameters?: string;
})[] = [
  { method: "none", private: 30.22, public: 27.81, source: readme },
  { method: "diffusion", parameters: "k = 1000", private: 31.2, public: 29.36, source: readme },
  { method: "egt", parameters: "t = ∞, k = 100", private: 30.33, public: 28.44, source: readme },
  { method: "alpha-qe", parameters: "α = 3", private: 32.21, public: 30.34, source: readme },
  { method: "ours", private: 36.77, public: 34.88, source: readme },
  { method: "alpha-qe+ours", private: 37.23, public: 35.5, source: readme },
];

/** The two steps of the authors' re-ranking, one after the other, in an older form that inserts without an order. */
export const publishedRerankingSteps: readonly (LeaderboardScore & {
  readonly steps: "none" | "sort" | "sort and insert";
})[] = [
  { steps: "none", private: 30.22, public: 27.81, source: stepTable },
  { steps: "sort", private: 33.79, public: 30.91, source: stepTable },
  { steps: "sort and insert", private: 36.23, public: 34.09, source: stepTable },
];

/** Recognition: Private GAP in percent. Whether the second row already weighs by inliers is not said. */
export const publishedRecognition: readonly {
  readonly system: string;
  /** Numbers in one embedding. */
  readonly dimension: number;
  readonly private: number;
  readonly source: PublishedSource;
}[] = [
  { system: "one network, soft voting", dimension: 512, private: 20.79, source: recognitionSlides },
  { system: "ensemble of six", dimension: 3072, private: 35.13, source: recognitionSlides },
  {
    system: "ensemble of six, without frequent landmarks",
    dimension: 3072,
    private: 36.3,
    source: recognitionSlides,
  },
];

/** Private GAP of the team that won the recognition challenge, in percent. */
export const publishedRecognitionWinner: { readonly private: number; readonly source: PublishedSource } = {
  private: 37.606,
  source: { place: "abstract of arXiv 1906.11874" },
};

type Difficulties = readonly [easy: number, medium: number, hard: number];

/** A full row of `benchmark.md`. */
function scores(
  privateScore: number,
  publicScore: number,
  oxford5k: number,
  paris6k: number,
  [oxfordEasy, oxfordMedium, oxfordHard]: Difficulties,
  [parisEasy, parisMedium, parisHard]: Difficulties,
): Required<PublishedNetwork> {
  return {
    private: privateScore,
    public: publicScore,
    oxford5k,
    paris6k,
    roxford5k: { easy: oxfordEasy, medium: oxfordMedium, hard: oxfordHard },
    rparis6k: { easy: parisEasy, medium: parisMedium, hard: parisHard },
    source: benchmark,
  };
}
