import { readJson, writeJson } from "./run-folder.ts";
import { isSameTraining, type TrainingSettings } from "./training-record.ts";

/** What a training leaves beside its weights when it is done. */
export interface FinishedTraining {
  /** Of `comparableSettings`. */
  readonly settings: TrainingSettings;
  /** Updates done. */
  readonly step: number;
}

/** Where a training leaves that it is done, beside `….safetensors`. */
export function finishedFile(weights: string): string {
  return weights.replace(/\.safetensors$/, ".finished.json");
}

/** Says that a training is done, for the next time that it is asked for. */
export function writeFinished<Finished extends FinishedTraining>(file: string, finished: Finished): void {
  writeJson(file, finished);
}

/** What {@link writeFinished} wrote; `undefined` if it is not there, or is of a training with other settings. */
export function readFinished<Finished extends FinishedTraining>(
  file: string,
  settings: TrainingSettings,
): Finished | undefined {
  const finished = readJson<Finished>(file);
  return finished !== undefined && isSameTraining(finished.settings, settings) ? finished : undefined;
}
