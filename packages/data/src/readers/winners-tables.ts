import { stringify } from "csv-stringify";
import { DataFormatError } from "../data-format-error.ts";
import { requireInteger, requireLength } from "../require.ts";
import { writeFileWhole } from "../write-file.ts";
import { readCsv, shown } from "./csv.ts";
import { addId, parseLandmarkId, parseNewLandmarkId, parseWholeNumber } from "./fields.ts";
import type { ImageLabels } from "./gldv2-tables.ts";
import { HexImageIds } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";

/** Labelled images divided into folds. */
export interface FoldedLabels extends ImageLabels {
  /** The fold of each row, from 0. */
  readonly folds: Int32Array;
}

/**
 * Reads the `train_0.csv` of the 2020 recognition solution of the third place (`id,landmark_id,fold`): the
 * cleaned images in five folds, of which one is held out.
 *
 * @param file - The CSV file.
 * @returns The rows in the order of the file.
 * @throws DataFormatError as {@link readTrainCsv}, and for a fold that is not an integer from 0 to 255.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readFoldsCsv } from "@lmk/data";
 *
 * writeFileSync("train_0.csv", "id,landmark_id,fold\n17660ef415d37059,1,0\n92b6290d571448f6,1,3\n");
 * const { folds } = await readFoldsCsv("train_0.csv");
 * console.log(folds); // => Int32Array(2) [ 0, 3 ]
 * ```
 */
export async function readFoldsCsv(file: string): Promise<FoldedLabels> {
  const ids = new HexImageIds();
  const landmarkIds = new Int32List();
  const folds = new Int32List();
  await readCsv(file, ["id", "landmark_id", "fold"], ([id, landmarkId, field], line) => {
    const place = { file, line };
    addId(ids, id, place);
    landmarkIds.push(parseLandmarkId(landmarkId, place));
    const fold = parseWholeNumber(field, 255);
    if (fold < 0) {
      const detail = `expected a fold from 0 to 255, got ${shown(field)}`;
      throw new DataFormatError("bad-fold", file, line, detail);
    }
    folds.push(fold);
  });
  return { ids, landmarkIds: landmarkIds.toArray(), folds: folds.toArray() };
}

/**
 * Writes what {@link readFoldsCsv} reads: the `train_0.csv` of the 2020 recognition solution of the third place. The file
 * appears under its name once it is complete. Ids of any form are written, of which that reader takes those of 16
 * hexadecimal digits.
 *
 * @param file - The CSV file to write; its folder must exist.
 * @param labels - The rows, in the order to write.
 * @throws RangeError if the columns differ in length, a landmark id is negative or a fold is not from 0 to 255. The errors
 * of the file system pass as they are.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { createImageIds, writeFoldsCsv } from "@lmk/data";
 *
 * const ids = createImageIds(["17660ef415d37059", "92b6290d571448f6"]);
 * await writeFoldsCsv("folds.csv", { ids, landmarkIds: Int32Array.of(1, 1), folds: Int32Array.of(0, 3) });
 * console.log(readFileSync("folds.csv", "utf8")); // => id,landmark_id,fold
 * // 17660ef415d37059,1,0
 * // 92b6290d571448f6,1,3
 * ```
 */
export async function writeFoldsCsv(file: string, labels: FoldedLabels): Promise<void> {
  const { ids, landmarkIds, folds } = labels;
  requireLength("writeFoldsCsv", "landmarkIds", landmarkIds.length, ids.length);
  requireLength("writeFoldsCsv", "folds", folds.length, ids.length);
  for (const id of landmarkIds) requireInteger("writeFoldsCsv", "landmarkIds", id, 0);
  for (const fold of folds) requireInteger("writeFoldsCsv", "folds", fold, 0, 255);
  const columns = ["id", "landmark_id", "fold"];
  await writeFileWhole(file, recordsOf(labels), stringify({ header: true, columns }));
}

function* recordsOf({ ids, landmarkIds, folds }: FoldedLabels): Generator<readonly (string | number)[]> {
  for (let row = 0; row < ids.length; row++) yield [ids.at(row), landmarkIds[row], folds[row]];
}

/**
 * Reads the `landmark_id2class.csv` of the 2021 solution of the first place (`landmark_id,class_id`): how
 * the outputs of a classifier are numbered.
 *
 * @param file - The CSV file.
 * @returns The landmark of each class, as `landmarkIds` of {@link assignClassIds} has them.
 * @throws DataFormatError for a file that is missing, empty or without these columns, for a landmark id
 * that is none or comes twice, and if the classes are not the numbers from 0 to the number of rows - 1,
 * each once.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readClassLandmarksCsv } from "@lmk/data";
 *
 * writeFileSync("landmark_id2class.csv", "landmark_id,class_id\n70,1\n5,0\n");
 * console.log(await readClassLandmarksCsv("landmark_id2class.csv")); // => Int32Array(2) [ 5, 70 ]
 * ```
 */
export async function readClassLandmarksCsv(file: string): Promise<Int32Array> {
  const landmarkOfClass = new Map<number, number>();
  const lines: { classId: number; line: number }[] = [];
  const seen = new Set<number>();
  await readCsv(file, ["landmark_id", "class_id"], ([landmarkField, classField], line) => {
    const landmarkId = parseNewLandmarkId(landmarkField, seen, { file, line });
    const classId = parseWholeNumber(classField, 0x7fffffff);
    if (classId < 0 || landmarkOfClass.has(classId)) {
      const detail = `expected each class from 0 once, got ${shown(classField)}`;
      throw new DataFormatError("bad-class-id", file, line, detail);
    }
    landmarkOfClass.set(classId, landmarkId);
    lines.push({ classId, line });
  });
  const beyond = lines.find(({ classId }) => classId >= lines.length);
  if (beyond !== undefined) {
    const detail = `expected classes from 0 to ${lines.length - 1} in ${lines.length} rows, got ${beyond.classId}`;
    throw new DataFormatError("bad-class-id", file, beyond.line, detail);
  }
  return Int32Array.from({ length: lines.length }, (_, classId) => landmarkOfClass.get(classId) as number);
}
