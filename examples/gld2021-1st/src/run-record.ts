import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson, UserError, writeJson } from "@lmk-example/kit";
import { lastEpoch } from "./learning-rates.ts";
import type { TrainingOptions } from "./training-options.ts";

/** What makes a run another one: all that changes its weights. */
export type RunSettings = Readonly<Record<string, unknown>>;

/** The settings of a run whose head has so many classes, as JSON gives them back. */
export function runSettings(options: TrainingOptions, classes: number): RunSettings {
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
  return JSON.parse(
    JSON.stringify({ ...settings, augmentation, headRate, normalization, kernel, maxSteps, startedFrom }),
  ) as RunSettings;
}

/** Refuses checkpoints of another run in the same place. */
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

interface FinishedRun {
  readonly settings: RunSettings;
  readonly step: number;
}

/** Says that a run is done, for the next time that it is asked for. */
export function markFinished(weights: string, run: FinishedRun): void {
  writeJson(finishedFile(weights), run);
}

/** The updates of a run that is done; `undefined` if it is not, or was with other settings. */
export function finishedSteps(weights: string, settings: RunSettings): number | undefined {
  const record = readJson<FinishedRun>(finishedFile(weights));
  return record !== undefined && isSame(record.settings, settings) && existsSync(weights)
    ? record.step
    : undefined;
}

/** Where a run leaves that it is done. */
export function finishedFile(weights: string): string {
  return weights.replace(/\.safetensors$/, ".finished.json");
}

function isSame(a: RunSettings, b: RunSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).length > 0;
}
