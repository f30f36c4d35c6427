import { imagenetNormalization, type Normalization } from "@lmk/data/images";
import type { GenerateOptions } from "@lmk/data/landmarks";

/** The generated data set that the losses are compared on. */
export const landmarks: GenerateOptions = {
  seed: "losses",
  landmarks: 80,
  trainImages: 2400,
  indexImages: 800,
  testImages: 400,
  longSide: 96,
};

/** Other landmarks, which stand in for ImageNet: all trainings start from weights that softmax has learned on them. */
export const otherLandmarks: GenerateOptions = {
  seed: "losses, before",
  landmarks: 160,
  trainImages: 4800,
  indexImages: 1,
  testImages: 1,
  longSide: 96,
  unseenRate: 0,
};

/** How the weights are learned that all trainings start from. */
export const pretraining: { readonly steps: number; readonly rate: number } = { steps: 900, rate: 0.1 };

/** What all trainings share. Only loss, highest rate and seed differ. */
export interface TrainingSettings {
  /** Height and width to which images are warped. */
  readonly size: number;
  readonly backbone: "resnet18";
  /** Channels of the stem, of 64 in the reference. */
  readonly width: number;
  /** Length of an embedding. */
  readonly dimension: number;
  /** Landmarks in a batch, and images of each. */
  readonly classesPerBatch: number;
  readonly imagesPerClass: number;
  readonly steps: number;
  /** Steps in which the rate rises to its highest; a cosine brings it to a hundredth behind them. */
  readonly warmupSteps: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly normalization: Normalization;
}

export const training: TrainingSettings = {
  size: 64,
  backbone: "resnet18",
  width: 16,
  dimension: 128,
  classesPerBatch: 16,
  imagesPerClass: 4,
  steps: 300,
  warmupSteps: 30,
  momentum: 0.9,
  weightDecay: 1e-4,
  normalization: imagenetNormalization,
};

/** Each decides initial weights, batches, augmentation and class rows. */
export const seeds: readonly number[] = [1, 2, 3];

/** The seed that rates are chosen by. It is not reported. */
export const tuningSeed = 0;

/** The rates to choose from. */
export const rates: readonly number[] = [0.003, 0.01, 0.03, 0.1, 0.3];
