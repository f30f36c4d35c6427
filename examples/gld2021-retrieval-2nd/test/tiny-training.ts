import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { openGldv2 } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { compiledEngine } from "@lmk/train";
import { configs } from "../src/configs.ts";
import type { ListName } from "../src/lists/list-names.ts";
import { listSourcesOf } from "../src/lists/list-sources.ts";
import { trainingList } from "../src/lists/training-lists.ts";
import type { TrainingOptions } from "../src/training-options.ts";
import type { YmlConfig } from "../src/yml-config.ts";

/** Generates 48 small train images of 6 landmarks, and index and test images, in `folder`. */
export async function generateTiny(folder: string): Promise<void> {
  await generateLandmarks(folder, {
    landmarks: 6,
    trainImages: 48,
    indexImages: 8,
    testImages: 4,
    noiseRate: 0.2,
    unseenRate: 0,
    longSide: 48,
    seed: 3,
    workers: 0,
  });
}

/** The first run of ResNet-50, of three epochs with small batches on two devices. */
export function tinyConfig({ MODEL, INPUT, SOLVER, ...config }: YmlConfig = configs.R50_256): YmlConfig {
  return {
    ...config,
    MODEL: { ...MODEL, DEVICE_ID: "0,1", PRETRAIN_PATH: "" },
    INPUT: { ...INPUT, SIZE_TRAIN: [32, 32], SIZE_TEST: [32, 32], PADDING: 2 },
    SOLVER: { ...SOLVER, IMS_PER_BATCH: 4, MAX_EPOCHS: 3, BASE_LR: 1e-3 },
  };
}

/** A run on a list of the images of {@link generateTiny}, with a narrow network: its files go to `out`. */
export async function tinyTraining(
  folder: string,
  out: string,
  name: ListName = "clean",
): Promise<TrainingOptions> {
  const { set, list } = trainingList(name, listSourcesOf(await openGldv2(folder)));
  return {
    config: tinyConfig(),
    size: { width: 8, depths: [1, 1, 1, 1] },
    images: list,
    classes: set.landmarkIds.length,
    folder: out,
    seed: 0,
    engine: compiledEngine(compiler, { threads: 1, cache: join(folder, "compiled") }),
    onNotice: () => {},
  };
}
