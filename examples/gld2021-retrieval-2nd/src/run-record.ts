import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  comparableSettings,
  type FinishedTraining,
  readFinished,
  type TrainingSettings,
  writeFinished,
} from "@lmk-example/kit";
import { checksum } from "./checksum.ts";
import type { SampledImages } from "./sampler.ts";
import type { TrainingOptions } from "./training-options.ts";

/**
 * What makes a run another one, whose head has so many classes: all that changes its weights, but for what is in the images'
 * files. The path of the weights that it begins with does not count; `startedFrom` does.
 */
export function runSettings(options: TrainingOptions, classes: number): TrainingSettings {
  const { config, size = {}, images, seed, maxSteps, startedFrom } = options;
  const { partsOfDevice = 1, emptyContinents = "throw", kernel } = options;
  const { PRETRAIN_PATH: _, ...model } = config.MODEL;
  const settings = { config: { ...config, MODEL: model, OUTPUT_DIR: "" }, size, seed, classes };
  return comparableSettings({
    ...settings,
    list: checksumOf(images),
    partsOfDevice,
    emptyContinents,
    kernel,
    maxSteps,
    startedFrom,
  });
}

function checksumOf({ classIds, noisy, tags }: SampledImages): string {
  return checksum([classIds, noisy, tags.codes, new TextEncoder().encode(JSON.stringify(tags.values))]);
}

/** What a run leaves beside its weights when it is done. */
interface FinishedRun extends FinishedTraining {
  /** The file of the last weights, in the same folder. */
  readonly weights: string;
}

/** Where a run leaves that. */
export function finishedFile(folder: string): string {
  return join(folder, "finished.json");
}

/** Says that a run is done, for the next time that it is asked for. */
export function markFinished(folder: string, finished: FinishedRun): void {
  writeFinished(finishedFile(folder), finished);
}

/** The record of a run that is done, and whose last weights are there. */
export function finishedRun(folder: string, settings: TrainingSettings): FinishedRun | undefined {
  const record = readFinished<FinishedRun>(finishedFile(folder), settings);
  return record !== undefined && existsSync(join(folder, record.weights)) ? record : undefined;
}
