import { createHash } from "node:crypto";
import { createTrainingSet, type ImageLabels, type LandmarkData, type TrainingSetName } from "@lmk/data";
import type { TrainTable } from "./network-config.ts";

/** The images of a training step, by row of the train table, with their classes. */
export interface StepData {
  /** Rows of the train table. */
  readonly rows: Int32Array;
  /** The class of each, from 0: the `class_id` of the authors' `landmark_id2class.csv`. */
  readonly classIds: Int32Array;
  /** The landmark of each class. */
  readonly landmarkIds: Int32Array;
}

/** The list of images that each of the authors' tables holds. */
export const listOfTable: Readonly<Record<TrainTable, TrainingSetName>> = {
  "train.csv": "clean",
  "train_gldv2x.csv": "c2x",
  "train_full.csv": "trainfull",
};

/** A data set whose cleaned list may be known with its labels. */
export type LabelledData = Pick<LandmarkData, "train" | "clean"> & {
  readonly cleanLabels?: ImageLabels | undefined;
};

/**
 * The images of a train table with their classes: the ranks of the landmarks on the cleaned list by their ids, in every table,
 * and behind them those of the others.
 */
export function stepData(data: LabelledData, table: TrainTable): StepData {
  const clean = cleanLabelsOf(data);
  const { rows, classIds, landmarkIds } = createTrainingSet(listOfTable[table], { train: data.train, clean });
  const listed = new Set(clean.landmarkIds);
  const isOther = (landmark: number): number => (listed.has(landmark) ? 0 : 1);
  const ranked = landmarkIds.slice().sort((a, b) => isOther(a) - isOther(b) || a - b);
  const rankOf = new Map([...ranked].map((landmark, rank) => [landmark, rank]));
  return { rows, classIds: classIds.map((id) => rankOf.get(landmarkIds[id]!)!), landmarkIds: ranked };
}

/** Twelve hexadecimal digits that change with the images of a step and with their classes. */
export function stepDataHash({ rows, classIds }: Pick<StepData, "rows" | "classIds">): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of [rows, classIds]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 12);
}

/** The cleaned list in the order of its file; all train images where the data set has none. */
export function cleanLabelsOf({ train, clean, cleanLabels: labels }: LabelledData): ImageLabels {
  if (labels !== undefined) return labels;
  if (clean === undefined) return train;
  throw new RangeError("expected the cleaned list with its labels, got its rows alone");
}
