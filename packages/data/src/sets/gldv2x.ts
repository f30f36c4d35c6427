import type { ClassIds } from "../class-ids.ts";
import type { ImageLabels } from "../readers/gldv2-tables.ts";
import { Int32List } from "../readers/int32-list.ts";
import { requireLength } from "../require.ts";

/**
 * Chooses GLDv2x as the third place of 2020: all images of the train table that show a landmark of the
 * cleaned list. Rows are grouped by landmark, in the order of the landmarks' first rows in the cleaned list
 * and within a landmark in the order of the train table. Classes are numbered by ascending landmark id, as
 * in `idx2landmark_id.pkl`.
 *
 * The images are those of the set `c2x` of {@link createTrainingSet}, which the second place of 2021 orders
 * and numbers in another way.
 *
 * @param train - The labels of the whole train table.
 * @param clean - The cleaned list, in the order of the `train.csv` of the 2020 contest.
 * @returns Rows of `train` and their classes.
 * @throws RangeError if `clean` has a landmark without images in `train`.
 *
 * @example
 * ```ts
 * import { chooseGldv2x, createImageIds } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a", "b", "c", "d"]), landmarkIds: Int32Array.of(5, 8, 70, 5) };
 * const clean = { ids: createImageIds(["c", "a"]), landmarkIds: Int32Array.of(70, 5) };
 * const { rows, classIds } = chooseGldv2x(train, clean);
 * console.log(rows, classIds); // => Int32Array(3) [ 2, 0, 3 ] Int32Array(3) [ 1, 0, 0 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al. 2020, Google Landmark Recognition 2020 Competition Third Place Solution}
 */
export function chooseGldv2x(train: ImageLabels, clean: ImageLabels): ClassIds {
  const rowsOf = new Map<number, Int32List>();
  for (const landmarkId of clean.landmarkIds) {
    if (!rowsOf.has(landmarkId)) rowsOf.set(landmarkId, new Int32List(8));
  }
  for (const [row, landmarkId] of train.landmarkIds.entries()) rowsOf.get(landmarkId)?.push(row);

  const landmarkIds = Int32Array.from(rowsOf.keys()).sort();
  const classOf = new Map(Array.from(landmarkIds, (landmarkId, classId) => [landmarkId, classId]));
  const rows = new Int32List();
  const classIds = new Int32List();
  for (const [landmarkId, ofLandmark] of rowsOf) {
    if (ofLandmark.length === 0) {
      throw new RangeError(
        `chooseGldv2x: expected \`clean\` to hold landmarks of \`train\`, got landmark ${landmarkId}`,
      );
    }
    for (let i = 0; i < ofLandmark.length; i++) {
      rows.push(ofLandmark.at(i));
      classIds.push(classOf.get(landmarkId) as number);
    }
  }
  return { rows: rows.toArray(), classIds: classIds.toArray(), landmarkIds };
}

/** What {@link foldsOfRows} looks folds up in. */
export interface FoldSources {
  /** The labels of the whole train table. */
  readonly train: ImageLabels;
  /** The cleaned list. */
  readonly clean: ImageLabels;
  /** The fold of each row of `clean`, such as those of {@link stratifiedFolds}. */
  readonly folds: Int32Array;
}

/**
 * The fold of images of the train table: that of the cleaned list where it has the image with the same
 * landmark, else -1.
 *
 * @param rows - Rows of the train table, such as those of {@link chooseGldv2x}.
 * @returns The fold of each of `rows`, as {@link holdOutFold} takes them.
 * @throws RangeError if `folds` has another length than `clean`.
 *
 * @example
 * ```ts
 * import { createImageIds, foldsOfRows } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a", "b", "c"]), landmarkIds: Int32Array.of(5, 5, 70) };
 * const clean = { ids: createImageIds(["c", "a"]), landmarkIds: Int32Array.of(70, 5) };
 * const rows = Int32Array.of(2, 1, 0);
 * console.log(foldsOfRows(rows, { train, clean, folds: Int32Array.of(3, 1) }));
 * // => Int32Array(3) [ 3, -1, 1 ]
 * ```
 */
export function foldsOfRows(rows: Int32Array, sources: FoldSources): Int32Array {
  const { train, clean, folds } = sources;
  requireLength("foldsOfRows", "folds", folds.length, clean.landmarkIds.length);
  return rows.map((row) => {
    const cleanRow = clean.ids.rowOf(train.ids.at(row));
    const isSame = cleanRow >= 0 && clean.landmarkIds[cleanRow] === train.landmarkIds[row];
    return isSame ? folds[cleanRow] : -1;
  });
}
