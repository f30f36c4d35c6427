import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, UserError, writeJson } from "@lmk-example/kit";
import { publishedRecipe } from "./recipe.ts";
import { lastEpoch } from "./runs.ts";
import type { TrainingOptions } from "./training-options.ts";
import { weightsName } from "./weights-name.ts";

/** What makes a training run another one: all that changes its weights, but for the epochs after which it stops. */
export type RunSettings = Readonly<Record<string, unknown>>;

/** The settings of a run whose head has so many classes, as JSON gives them back. */
export function runSettings(options: TrainingOptions, classes: number): RunSettings {
  const { run, size = {}, recipe = publishedRecipe, data, seed, maxSteps, startedFrom } = options;
  const { accumulate = 1, validationEvery = 15 } = options;
  const { stopAtEpoch: _, keepEpochs: __, ...trained } = run;
  const { normalization, kernel } = options;
  const images = data.rows.length;
  const settings = { run: trained, size, recipe, seed, accumulate, classes, images, validationEvery };
  return JSON.parse(
    JSON.stringify({ ...settings, normalization, kernel, maxSteps, startedFrom }),
  ) as RunSettings;
}

/** Refuses checkpoints of another run in the same place; a run may go on for more or fewer epochs of its schedule. */
export function requireSameRun(folder: string, settings: RunSettings): void {
  const file = join(folder, "run.json");
  const before = hasCheckpoint(folder) ? readJson<RunSettings>(file) : undefined;
  if (before === undefined) writeJson(file, settings);
  else if (!isSame(before, settings)) {
    throw new UserError(
      `${folder}: expected checkpoints of this run, got those of one with other settings; finish that one, or remove the folder`,
    );
  }
}

/** What a run leaves beside its weights when it is done. */
interface FinishedRun {
  readonly settings: RunSettings;
  /** The last epoch that was trained. */
  readonly lastEpoch: number;
  readonly keepEpochs: readonly number[];
  readonly step: number;
}

/** Where a run leaves that. */
export function finishedFile(weights: string): string {
  return weights.replace(/\.safetensors$/, ".finished.json");
}

/** Says that a run is done, for the next time that it is asked for. */
export function markFinished(
  weights: string,
  run: TrainingOptions["run"],
  { settings, step }: Pick<FinishedRun, "settings" | "step">,
): void {
  const { keepEpochs = [] } = run;
  const record: FinishedRun = { settings, lastEpoch: lastEpoch(run), keepEpochs, step };
  writeJson(finishedFile(weights), record);
}

/** The steps of a run that is done: all its weights are there, and those of no other run. */
export function finishedSteps(
  weights: string,
  run: TrainingOptions["run"],
  settings: RunSettings,
): number | undefined {
  const record = readJson<FinishedRun>(finishedFile(weights));
  if (record === undefined || !isSame(record.settings, settings)) return undefined;
  const { keepEpochs = [] } = run;
  if (record.lastEpoch !== lastEpoch(run)) return undefined;
  if (!keepEpochs.every((epoch) => record.keepEpochs.includes(epoch))) return undefined;
  const kept = keepEpochs.map((epoch) => join(dirname(weights), weightsName(run, epoch)));
  return [weights, ...kept].every((file) => existsSync(file)) ? record.step : undefined;
}

function isSame(a: RunSettings, b: RunSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).length > 0;
}
