import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What makes a training another one: all that changes its weights. */
export type TrainingSettings = Readonly<Record<string, unknown>>;

/** Settings as JSON gives them back, so that they can be compared with those of a file. */
export function comparableSettings(settings: TrainingSettings): TrainingSettings {
  return JSON.parse(JSON.stringify(settings)) as TrainingSettings;
}

/**
 * Refuses checkpoints of another training in the same folder; the first time its settings are written there.
 *
 * @param settings - Of {@link comparableSettings}.
 */
export function requireSameTraining(folder: string, settings: TrainingSettings): void {
  const file = join(folder, "run.json");
  const before = hasCheckpoint(folder) ? readJson<TrainingSettings>(file) : undefined;
  if (before === undefined) writeJson(file, settings);
  else if (!isSameTraining(before, settings)) {
    throw new UserError(
      `${folder}: expected checkpoints of this run, got those of one with other settings; finish that one, or remove the folder`,
    );
  }
}

/** Whether two trainings are one; keys count in their order. */
export function isSameTraining(a: TrainingSettings, b: TrainingSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).length > 0;
}
