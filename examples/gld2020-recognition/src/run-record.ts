import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  comparableSettings,
  type FinishedTraining,
  finishedFile,
  readFinished,
  type TrainingSettings,
  writeFinished,
} from "@lmk-example/kit";
import { publishedRecipe } from "./recipe.ts";
import { lastEpoch } from "./runs.ts";
import type { TrainingOptions } from "./training-options.ts";
import { weightsName } from "./weights-name.ts";

/**
 * What makes a run another one, whose head has so many classes: all that changes its weights, but for the epochs after which
 * it stops.
 */
export function runSettings(options: TrainingOptions, classes: number): TrainingSettings {
  const { run, size = {}, recipe = publishedRecipe, data, seed, maxSteps, startedFrom } = options;
  const { accumulate = 1, validationEvery = 15 } = options;
  const { stopAtEpoch: _, keepEpochs: __, ...trained } = run;
  const { normalization, kernel } = options;
  const images = data.rows.length;
  const settings = { run: trained, size, recipe, seed, accumulate, classes, images, validationEvery };
  return comparableSettings({ ...settings, normalization, kernel, maxSteps, startedFrom });
}

/** What a run leaves beside its weights when it is done. */
interface FinishedRun extends FinishedTraining {
  /** The last epoch that was trained. */
  readonly lastEpoch: number;
  readonly keepEpochs: readonly number[];
}

/** Says that a run is done, for the next time that it is asked for. */
export function markFinished(
  weights: string,
  run: TrainingOptions["run"],
  { settings, step }: FinishedTraining,
): void {
  const { keepEpochs = [] } = run;
  const finished: FinishedRun = { settings, lastEpoch: lastEpoch(run), keepEpochs, step };
  writeFinished(finishedFile(weights), finished);
}

/** The steps of a run that is done: all its weights are there, and those of no other run. */
export function finishedSteps(
  weights: string,
  run: TrainingOptions["run"],
  settings: TrainingSettings,
): number | undefined {
  const record = readFinished<FinishedRun>(finishedFile(weights), settings);
  const { keepEpochs = [] } = run;
  if (record?.lastEpoch !== lastEpoch(run)) return undefined;
  if (!keepEpochs.every((epoch) => record.keepEpochs.includes(epoch))) return undefined;
  const kept = keepEpochs.map((epoch) => join(dirname(weights), weightsName(run, epoch)));
  return [weights, ...kept].every((file) => existsSync(file)) ? record.step : undefined;
}
