import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { openGldv2, stratifiedFolds } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { compiledEngine } from "@lmk/train";
import { stepData } from "../src/step-data.ts";
import type { TrainRun } from "../src/train-run.ts";
import type { TrainingOptions } from "../src/training-options.ts";

/** Generates 40 small train images of 6 landmarks in `folder`. */
export async function generateTiny(folder: string): Promise<void> {
  await generateLandmarks(folder, {
    landmarks: 6,
    trainImages: 40,
    indexImages: 1,
    testImages: 1,
    noiseRate: 0.1,
    unseenRate: 0,
    longSide: 48,
    seed: 3,
    workers: 0,
  });
}

/** A run of three epochs of four. */
export const tinyRun: TrainRun = {
  kernelType: "b3_tiny",
  trainStep: 0,
  enetType: "tf_efficientnet_b3_ns",
  fold: 1,
  imageSize: 32,
  batchSize: 8,
  devices: 1,
  initLr: 1e-4,
  epochs: 4,
  stopAtEpoch: 3,
};

/** The first run of a chain on the images of {@link generateTiny}, with a narrow network: its files go to `out`. */
export async function tinyTraining(folder: string, out: string): Promise<TrainingOptions> {
  const gldv2 = await openGldv2(folder);
  const clean = gldv2.cleanLabels!;
  const data = stepData(gldv2, { ...clean, folds: stratifiedFolds(clean.landmarkIds) }, 0);
  return {
    run: tinyRun,
    size: { width: 0.1, depth: 0.1 },
    data,
    paths: gldv2.train.paths,
    modelDir: join(out, "weights"),
    logDir: join(out, "logs"),
    seed: 0,
    validationEvery: 1,
    checkpointEverySteps: 1000,
    engine: compiledEngine(compiler, { threads: 1, cache: join(folder, "compiled") }),
    onNotice: () => {},
  };
}
