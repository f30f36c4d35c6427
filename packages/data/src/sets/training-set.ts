import type { ImageLabels } from "../readers/gldv2-tables.ts";
import { Int32List } from "../readers/int32-list.ts";
import type { Split } from "../readers/landmark-data.ts";
import { requireOneOf } from "../require.ts";

/** A choice of labelled images of a landmark data set, in order; an image may come in several rows. */
export interface TrainingSet {
  /** The number of rows. */
  readonly length: number;
  /** The table of each row: its place in {@link trainingSetTables}. */
  readonly tables: Uint8Array;
  /** The row in that table. */
  readonly rows: Int32Array;
  /** The class of each row from 0, or -1 for an image that shows no landmark. */
  readonly classIds: Int32Array;
  /** 1 where the label may be wrong, 0 where it is on a cleaned list. */
  readonly noisy: Uint8Array;
  /** The landmark id of each class, as the train table names it. */
  readonly landmarkIds: Int32Array;
}

/** The tables that {@link TrainingSet.tables} counts. */
export const trainingSetTables: readonly Split[] = ["train", "index", "test"];

/** The sets that are made of the train table alone. */
export type TrainingSetName = "clean" | "c2x" | "trainfull";

/** What {@link createTrainingSet} chooses from. */
export interface TrainingSetSources {
  /** The labels of `train.csv`. */
  readonly train: ImageLabels;
  /** The cleaned list in the order of `train_clean.csv`; its images must stand in `train`. */
  readonly clean: ImageLabels;
}

/**
 * Chooses and numbers training images as the second place of the 2021 retrieval challenge did:
 *
 * | set | images | classes | in the order of |
 * |---|---|---|---|
 * | `clean` | the cleaned list | its landmarks | the cleaned list |
 * | `c2x` | all of the train table that show a landmark of the cleaned list | the same | `train.csv` |
 * | `trainfull` | all of the train table | all landmarks | `train.csv` |
 *
 * Class numbers are the same in all sets: landmarks of the cleaned list in the order of its rows (0 to 81312
 * in Google Landmarks v2), then the others in the order of their first image in `train.csv`. An image that
 * the cleaned list does not name for its landmark is noisy.
 *
 * @param name - Which set.
 * @throws RangeError if `name` is none of the three, or an image of `clean` is missing in `train`.
 *
 * @example
 * ```ts
 * import { createImageIds, createTrainingSet } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a", "b", "c"]), landmarkIds: Int32Array.of(12, 5, 5) };
 * const clean = { ids: createImageIds(["c"]), landmarkIds: Int32Array.of(5) };
 * const set = createTrainingSet("trainfull", { train, clean });
 * console.log(set.classIds, set.noisy); // => Int32Array(3) [ 1, 0, 0 ] Uint8Array(3) [ 1, 1, 0 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al. 2021, 2nd Place Solution to Google Landmark Retrieval 2021}
 */
export function createTrainingSet(name: TrainingSetName, sources: TrainingSetSources): TrainingSet {
  requireOneOf("createTrainingSet", "name", name, ["clean", "c2x", "trainfull"]);
  const { train, clean } = sources;
  const classOf = numberInOrder(clean.landmarkIds, new Map());
  const cleanRows = rowsIn(train, clean);
  if (name === "clean") {
    const classIds = clean.landmarkIds.map((landmarkId) => classOf.get(landmarkId) as number);
    return ofTrain(cleanRows, classIds, new Uint8Array(cleanRows.length), classOf);
  }

  if (name === "trainfull") numberInOrder(train.landmarkIds, classOf);
  const isClean = new Uint8Array(train.landmarkIds.length);
  for (const [i, row] of cleanRows.entries()) {
    if (clean.landmarkIds[i] === train.landmarkIds[row]) isClean[row] = 1;
  }
  const rows = new Int32List();
  const classIds = new Int32List();
  for (const [row, landmarkId] of train.landmarkIds.entries()) {
    const classId = classOf.get(landmarkId);
    if (classId === undefined) continue;
    rows.push(row);
    classIds.push(classId);
  }
  const chosen = rows.toArray();
  return ofTrain(
    chosen,
    classIds.toArray(),
    Uint8Array.from(chosen, (row) => 1 - isClean[row]),
    classOf,
  );
}

/** Gives each new landmark the next number. */
function numberInOrder(landmarkIds: Int32Array, numbers: Map<number, number>): Map<number, number> {
  for (const landmarkId of landmarkIds) {
    if (!numbers.has(landmarkId)) numbers.set(landmarkId, numbers.size);
  }
  return numbers;
}

function rowsIn(train: ImageLabels, clean: ImageLabels): Int32Array {
  return Int32Array.from({ length: clean.ids.length }, (_, i) => {
    const id = clean.ids.at(i);
    const row = train.ids.rowOf(id);
    if (row >= 0) return row;
    throw new RangeError(
      `createTrainingSet: expected \`clean\` to hold images of \`train\`, got ${JSON.stringify(id)}`,
    );
  });
}

function ofTrain(
  rows: Int32Array,
  classIds: Int32Array,
  noisy: Uint8Array,
  classOf: ReadonlyMap<number, number>,
): TrainingSet {
  return {
    length: rows.length,
    tables: new Uint8Array(rows.length),
    rows,
    classIds,
    noisy,
    landmarkIds: Int32Array.from(classOf.keys()),
  };
}
