/** What a published score is of: ResNet-50 at 256 pixels but for the last. */
export type PublishedSystem =
  | "baseline"
  | "random erasing"
  | "label smoothing"
  | "sampler id_uniform"
  | "sampler softmax"
  | "sampler gld"
  | "fast script"
  | "ensemble, re-ranked";

/** A published score: mAP@100 in percent. */
export interface PublishedResult {
  readonly system: PublishedSystem;
  /** On the authors' validation set, the expanded index. */
  readonly validation?: number;
  /** On the two parts of the challenge's test images. */
  readonly public?: number;
  readonly private?: number;
}

/** What the authors say of their system: the parts that they tried, their fast script without re-ranking, and what was handed in. */
export const publishedResults: readonly PublishedResult[] = [
  { system: "baseline", validation: 32.6, public: 28.44, private: 30.59 },
  { system: "random erasing", validation: 32.78, public: 29.29, private: 30.6 },
  { system: "label smoothing", validation: 32.55, public: 28.21, private: 29.79 },
  { system: "sampler id_uniform", validation: 31.05, public: 24.78, private: 27.28 },
  { system: "sampler softmax", validation: 32.6, public: 28.44, private: 30.59 },
  { system: "sampler gld", validation: 33.07, public: 31.37, private: 32.44 },
  // From the original's README, the others from the paper.
  { system: "fast script", validation: 32.84 },
  { system: "ensemble, re-ranked", private: 52.995 },
];

/** A team on the private leaderboard of retrieval 2021. */
export interface LeaderboardTeam {
  readonly name: string;
  /** mAP@100 in percent. */
  readonly private: number;
  /** What it handed in, where the slides of the challenge say. */
  readonly entries?: number;
  /** Its place on the public leaderboard, from 1, where they say. */
  readonly publicPlace?: number;
}

/** The first ten teams. */
export const leaderboard: readonly LeaderboardTeam[] = [
  { name: "Dieter", private: 53.751, entries: 81 },
  { name: "ZhangWesley", private: 52.995, entries: 105, publicPlace: 4 },
  { name: "All Data Are Ext", private: 52.903 },
  { name: "bestfitting", private: 52.61 },
  { name: "underfitting", private: 50.825 },
  { name: "Rist", private: 50.751 },
  { name: "NotEnoughFitting", private: 50.025 },
  { name: "gpushare.com", private: 49.572 },
  { name: "Eduardo e Matheus", private: 49.429 },
  { name: "goodenoughfitting", private: 48.781 },
];
