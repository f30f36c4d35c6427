import { headMargins } from "./head.ts";
import type { TrainingOptions } from "./training-options.ts";

/** By row of the train table: 0 for those that are trained on, else −1, and their classes. */
export interface TrainingRows {
  readonly sizeGroups: Int32Array;
  readonly classes: Int32Array;
}

/** The images of a step that can be read. */
export function trainingRows({
  data,
  paths,
  usable,
}: Pick<TrainingOptions, "data" | "paths" | "usable">): TrainingRows {
  const readable = new Uint8Array(paths.length).fill(usable === undefined ? 1 : 0);
  for (const row of usable ?? []) readable[row] = 1;
  const sizeGroups = new Int32Array(paths.length).fill(-1);
  const classes = new Int32Array(paths.length).fill(-1);
  data.rows.forEach((row, place) => {
    if (readable[row] !== 1) return;
    sizeGroups[row] = 0;
    classes[row] = data.classIds[place]!;
  });
  return { sizeGroups, classes };
}

/** The margins of a step's classes, and how many classes its head has, of which the last ones may have no images. */
export function stepMargins({
  config,
  data,
  headClasses = 0,
}: Pick<TrainingOptions, "config" | "data" | "headClasses">): {
  readonly classes: number;
  readonly margin: Float32Array | number;
} {
  const counts = new Int32Array(data.landmarkIds.length);
  for (const classId of data.classIds) counts[classId]! += 1;
  const classes = Math.max(counts.length, headClasses);
  const margin = headMargins(config, counts);
  if (typeof margin === "number") return { classes, margin };
  const all = new Float32Array(classes);
  all.set(margin);
  return { classes, margin: all };
}
