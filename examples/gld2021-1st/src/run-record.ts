import { existsSync } from "node:fs";
import {
  comparableSettings,
  isSameTraining,
  readJson,
  type TrainingSettings,
  writeJson,
} from "@lmk-example/kit";
import { lastEpoch } from "./learning-rates.ts";
import type { TrainingOptions } from "./training-options.ts";

/** What makes a run another one, whose head has so many classes: all that changes its weights. */
export function runSettings(options: TrainingOptions, classes: number): TrainingSettings {
  const { config, size = {}, data, seed, maxSteps, startedFrom, augmentation, headRate } = options;
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
    augmentation,
    headRate,
    normalization,
    kernel,
    maxSteps,
    startedFrom,
  });
}

interface FinishedRun {
  readonly settings: TrainingSettings;
  readonly step: number;
}

/** Says that a run is done, for the next time that it is asked for. */
export function markFinished(weights: string, run: FinishedRun): void {
  writeJson(finishedFile(weights), run);
}

/** The updates of a run that is done; `undefined` if it is not, or was with other settings. */
export function finishedSteps(weights: string, settings: TrainingSettings): number | undefined {
  const record = readJson<FinishedRun>(finishedFile(weights));
  return record !== undefined && isSameTraining(record.settings, settings) && existsSync(weights)
    ? record.step
    : undefined;
}

/** Where a run leaves that it is done. */
export function finishedFile(weights: string): string {
  return weights.replace(/\.safetensors$/, ".finished.json");
}
