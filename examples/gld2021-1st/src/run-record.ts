import { existsSync } from "node:fs";
import { comparableSettings, finishedFile, readFinished, type TrainingSettings } from "@lmk-example/kit";
import { lastEpoch } from "./learning-rates.ts";
import type { TrainingOptions } from "./training-options.ts";

/** What makes a run another one, whose head has so many classes: all that changes its weights. */
export function runSettings(options: TrainingOptions, classes: number): TrainingSettings {
  const { config, size = {}, data, dataHash, seed, maxSteps, startedFrom, augmentation } = options;
  const { normalization, kernel, devices, parts = 1, communicator } = options;
  const { stop_at: _, ...trained } = config;
  const images = data.rows.length;
  const processes = communicator?.size ?? 1;
  const settings = {
    trained,
    last: lastEpoch(config),
    size,
    seed,
    classes,
    images,
    devices,
    parts,
    processes,
  };
  return comparableSettings({
    ...settings,
    dataHash,
    augmentation,
    normalization,
    kernel,
    maxSteps,
    startedFrom,
  });
}

/** The updates of a run that is done; `undefined` if it is not, or was with other settings. */
export function finishedSteps(weights: string, settings: TrainingSettings): number | undefined {
  const finished = readFinished(finishedFile(weights), settings);
  return existsSync(weights) ? finished?.step : undefined;
}
