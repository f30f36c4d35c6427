import { DataFormatError } from "../data-format-error.ts";
import { readCsv } from "./csv.ts";
import {
  addId,
  type Place,
  parseLandmarkId,
  parseNewLandmarkId,
  requireKnownImage,
  splitWords,
} from "./fields.ts";
import { HexImageIds, type ImageIds, isHexId } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";

/** Image ids with the landmark of each. */
export interface ImageLabels {
  readonly ids: ImageIds;
  /** The landmark of each row, an integer of at least 0. */
  readonly landmarkIds: Int32Array;
}

/**
 * Reads the `train.csv` of Google Landmarks v2 (`id,url,landmark_id`), of v1 (the same), or of the later
 * Kaggle contests (`id,landmark_id`): the columns `id` and `landmark_id` are wanted, others ignored.
 *
 * The file is streamed; the result takes about 30 bytes an image.
 *
 * @param file - The CSV file.
 * @returns The labels in the order of the file.
 * @throws DataFormatError for a file that is missing, empty or without these columns, and for a row with
 * a missing column, an id that is not 16 hexadecimal digits or comes twice, or a landmark id that is not
 * an integer from 0 to 2147483647.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readTrainCsv } from "@lmk/data";
 *
 * writeFileSync("train.csv", "id,url,landmark_id\n6e158a47eb2ca3f6,https://example.org/a.jpg,142820\n");
 * const labels = await readTrainCsv("train.csv");
 * console.log(labels.ids.at(0), labels.landmarkIds[0]); // => 6e158a47eb2ca3f6 142820
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.01804 | Weyand et al. 2020, Google Landmarks Dataset v2}
 */
export async function readTrainCsv(file: string): Promise<ImageLabels> {
  const ids = new HexImageIds();
  const landmarkIds = new Int32List();
  await readCsv(file, ["id", "landmark_id"], ([id, landmarkId], line) => {
    addId(ids, id, { file, line });
    landmarkIds.push(parseLandmarkId(landmarkId, { file, line }));
  });
  return { ids, landmarkIds: landmarkIds.toArray() };
}

/** Options of {@link readTrainCleanCsv}. */
export interface ReadTrainCleanCsvOptions {
  /**
   * The labels of `train.csv`, of which the cleaned list must be a part: each of its images must stand
   * there, with the same landmark.
   *
   * @defaultValue not given: the list is read as it is
   */
  readonly train?: ImageLabels;
}

/**
 * Reads the `train_clean.csv` of Google Landmarks v2 (`landmark_id,images`, one row per landmark, its
 * images separated by spaces) into one row per image, in the order of the file.
 *
 * @param file - The CSV file.
 * @returns The labels; the first appearances of the landmark ids are in the order of the file's rows.
 * @throws DataFormatError as {@link readTrainCsv}, for a landmark that comes twice or has no image, and for
 * an image that `train` does not hold or holds with another landmark.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readTrainCleanCsv } from "@lmk/data";
 *
 * writeFileSync("train_clean.csv", "landmark_id,images\n1,17660ef415d37059 92b6290d571448f6\n");
 * const labels = await readTrainCleanCsv("train_clean.csv");
 * console.log(labels.ids.at(1), labels.landmarkIds[1]); // => 92b6290d571448f6 1
 * ```
 */
export async function readTrainCleanCsv(
  file: string,
  options: ReadTrainCleanCsvOptions = {},
): Promise<ImageLabels> {
  const { train } = options;
  const ids = new HexImageIds();
  const landmarkIds = new Int32List();
  const seen = new Set<number>();
  await readCsv(file, ["landmark_id", "images"], ([landmarkField, images], line) => {
    const landmarkId = parseNewLandmarkId(landmarkField, seen, { file, line });
    const words = splitWords(images);
    if (words.length === 0) {
      throw new DataFormatError("bad-id", file, line, "expected image ids separated by spaces, got none");
    }
    for (const id of words) {
      addId(ids, id, { file, line });
      if (train !== undefined) requireLabel(train, id, landmarkId, { file, line });
      landmarkIds.push(landmarkId);
    }
  });
  return { ids, landmarkIds: landmarkIds.toArray() };
}

/**
 * Reads the ids of an `index.csv` or `test.csv` of Google Landmarks: the column `id`, others ignored.
 *
 * @param file - The CSV file.
 * @returns The ids in the order of the file.
 * @throws DataFormatError as {@link readTrainCsv}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readImageIdsCsv } from "@lmk/data";
 *
 * writeFileSync("index.csv", "id\n00000c3d2bf0d8c4\n00002ec9af1b4b6f\n");
 * const ids = await readImageIdsCsv("index.csv");
 * console.log(ids.length, ids.rowOf("00002ec9af1b4b6f")); // => 2 1
 * ```
 */
export async function readImageIdsCsv(file: string): Promise<ImageIds> {
  const ids = new HexImageIds();
  await readCsv(file, ["id"], ([id], line) => addId(ids, id, { file, line }));
  return ids;
}

function requireLabel(train: ImageLabels, id: string, landmarkId: number, place: Place): void {
  const row = requireKnownImage(train.ids, id, "train.csv", isHexId, place);
  if (train.landmarkIds[row] === landmarkId) return;
  const detail = `expected image ${id} to show landmark ${train.landmarkIds[row]} as in train.csv, got ${landmarkId}`;
  throw new DataFormatError("conflicting-label", place.file, place.line, detail);
}
