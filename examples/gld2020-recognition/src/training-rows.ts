import { holdOutFold } from "@lmk/data";
import type { TrainingOptions } from "./training-options.ts";

/** What a run trains on and what it validates on. */
export interface TrainingRows {
  /** By row of the train table: 0 for those that are trained on, else −1, and their classes. */
  readonly training: { readonly sizeGroups: Int32Array; readonly classes: Int32Array };
  /** Rows of the train table, and their classes. */
  readonly validation: { readonly rows: Int32Array; readonly classIds: Int32Array };
}

/** The images of a run that can be read: one fold of the cleaned ones is held out, all others are trained on. */
export function trainingRows({
  data,
  run,
  paths,
  usable,
  validationEvery = 15,
}: Pick<TrainingOptions, "data" | "run" | "paths" | "usable" | "validationEvery">): TrainingRows {
  const readable = new Uint8Array(paths.length).fill(usable === undefined ? 1 : 0);
  for (const row of usable ?? []) readable[row] = 1;
  const isReadable = (place: number): boolean => readable[data.rows[place]!] === 1;
  const held = holdOutFold(data.folds, { fold: run.fold, every: validationEvery });
  const sizeGroups = new Int32Array(paths.length).fill(-1);
  const classes = new Int32Array(paths.length).fill(-1);
  for (const place of held.train.filter(isReadable)) {
    sizeGroups[data.rows[place]!] = 0;
    classes[data.rows[place]!] = data.classIds[place]!;
  }
  const validation = held.validation.filter(isReadable);
  return {
    training: { sizeGroups, classes },
    validation: {
      rows: validation.map((place) => data.rows[place]!),
      classIds: validation.map((place) => data.classIds[place]!),
    },
  };
}
