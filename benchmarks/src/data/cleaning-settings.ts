import type { GenerateOptions } from "@lmk/data/landmarks";

/** What a run of the cleaning benchmark depends on. */
export interface CleaningSettings {
  readonly landmarks: GenerateOptions & { readonly noiseRate: number; readonly longSide: number };
  /** Steps and highest rate of the training of the global descriptor. */
  readonly training: { readonly steps: number; readonly rate: number };
  /** Neighbors that are looked at: of the images of one label, the far ones are not compared. */
  readonly k: number;
  readonly network: "alike-t";
  /** Images are enlarged to this long side before their local features are taken. */
  readonly featureSide: number;
  /** Most local features of an image. */
  readonly features: number;
  readonly maxDistance: number;
  /** Pixels of the enlarged image. */
  readonly residual: number;
  readonly trials: number;
  /** The grid. */
  readonly minInliers: readonly number[];
  readonly minVerified: readonly number[];
}

const featureSide = 512;

/** The published numbers, but for what the size of the set and of its images asks for. */
export const settings: CleaningSettings = {
  landmarks: {
    seed: "cleaning",
    landmarks: 100,
    trainImages: 1500,
    indexImages: 1,
    testImages: 1,
    longSide: 256,
    noiseRate: 0.2,
    unseenRate: 0,
  },
  training: { steps: 900, rate: 0.1 },
  k: 100,
  network: "alike-t",
  featureSide,
  features: 1000,
  maxDistance: 0.8,
  // 20 pixels of an image whose long side is 800.
  residual: (20 * featureSide) / 800,
  trials: 1000,
  minInliers: [10, 20, 25, 30, 35, 40, 45, 50],
  minVerified: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
};

/** A small set and a short training, to see that everything works. */
export const trySettings: CleaningSettings = {
  ...settings,
  landmarks: { ...settings.landmarks, seed: "cleaning, tried", landmarks: 18, trainImages: 160 },
  training: { ...settings.training, steps: 40 },
};
