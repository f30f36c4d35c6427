import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { requireOneOf } from "../require.ts";
import { shown } from "./csv.ts";
import { type ImageLabels, readImageIdsCsv, readTrainCleanCsv, readTrainCsv } from "./gldv2-tables.ts";
import { createNames, type ImageIds, isHexId, type Names } from "./image-ids.ts";
import type { LandmarkData, Split } from "./landmark-data.ts";
import { readRecognitionSolutionCsv, readRetrievalSolutionCsv } from "./solutions.ts";

/**
 * The file of an image in the layout of Google Landmarks v2: three folders named by the first three
 * digits of the id.
 *
 * @param root - The folder of the data set.
 * @param split - The part the image belongs to.
 * @param id - 16 hexadecimal digits, lower case.
 * @throws RangeError if `split` is none of the three or `id` is not such an id.
 *
 * @example
 * ```ts
 * import { gldv2ImagePath } from "@lmk/data";
 *
 * console.log(gldv2ImagePath("gldv2", "train", "6e158a47eb2ca3f6"));
 * // => gldv2/train/6/e/1/6e158a47eb2ca3f6.jpg
 * ```
 */
export function gldv2ImagePath(root: string, split: Split, id: string): string {
  requireOneOf("gldv2ImagePath", "split", split, ["train", "index", "test"]);
  if (!isHexId(id)) {
    throw new RangeError(`gldv2ImagePath: expected \`id\` to be 16 hexadecimal digits, got ${shown(id)}`);
  }
  return join(root, split, id[0], id[1], id[2], `${id}.jpg`);
}

/**
 * Reads a data set in the layout of Google Landmarks v2.
 *
 * Images stand where {@link gldv2ImagePath} says; whether they are there is not looked at, because on
 * five million files that takes longer than everything else: `readImageSizes` of `@lmk/data/images` names
 * those that are missing or broken. Each table may stand in the root, in the folder of its split
 * (`train/train.csv`), as published, or in `metadata/`:
 *
 * | file | needed | gives |
 * |---|---|---|
 * | `train.csv` | yes | `train` |
 * | `index.csv`, `test.csv` | yes | `index`, `test` |
 * | `train_clean.csv` | no | `clean` |
 * | `retrieval_solution_v2.1.csv`, `recognition_solution_v2.1.csv` | no | `retrieval`, `recognition` |
 *
 * @param root - The folder of the data set.
 * @returns Tables in the order of their files. All of Google Landmarks v2 takes about 250 MB.
 * @throws DataFormatError if a needed table is missing, and whatever the readers of the tables refuse; an
 * image of `train_clean.csv` must stand in `train.csv` with the same landmark.
 *
 * @example
 * ```ts
 * import { openGldv2 } from "@lmk/data";
 * import { generateLandmarks } from "@lmk/data/landmarks";
 *
 * await generateLandmarks("landmarks", { landmarks: 4, trainImages: 12, indexImages: 6, testImages: 3 });
 * const data = await openGldv2("landmarks");
 * console.log(data.train.ids.length > 0, data.retrieval !== undefined); // => true true
 * ```
 */
export async function openGldv2(root: string): Promise<LandmarkData> {
  const trainFile = requireTable(root, "train", "train.csv");
  const indexFile = requireTable(root, "index", "index.csv");
  const testFile = requireTable(root, "test", "test.csv");
  const cleanFile = findTable(root, "train", "train_clean.csv");
  const retrievalFile = findTable(root, "test", "retrieval_solution_v2.1.csv");
  const recognitionFile = findTable(root, "test", "recognition_solution_v2.1.csv");

  const train = await readTrainCsv(trainFile);
  const index = await readImageIdsCsv(indexFile);
  const test = await readImageIdsCsv(testFile);
  return {
    train: { ...train, paths: pathsOf(root, "train", train.ids) },
    index: { ids: index, paths: pathsOf(root, "index", index) },
    test: { ids: test, paths: pathsOf(root, "test", test) },
    clean: cleanFile === undefined ? undefined : await cleanRows(cleanFile, train),
    retrieval:
      retrievalFile === undefined
        ? undefined
        : await readRetrievalSolutionCsv(retrievalFile, { test, index }),
    recognition:
      recognitionFile === undefined ? undefined : await readRecognitionSolutionCsv(recognitionFile, { test }),
    landmarkNames: new Map(),
  };
}

function findTable(root: string, split: Split, name: string): string | undefined {
  return [join(root, name), join(root, split, name), join(root, "metadata", name)].find((file) =>
    existsSync(file),
  );
}

function requireTable(root: string, split: Split, name: string): string {
  const file = findTable(root, split, name);
  if (file !== undefined) return file;
  const detail = `expected ${name} in this folder, its ${split}/ or its metadata/, got none`;
  throw new DataFormatError("missing-file", root, 0, detail);
}

function pathsOf(root: string, split: Split, ids: ImageIds): Names {
  return createNames(ids.length, (row) => gldv2ImagePath(root, split, ids.at(row)));
}

/** The rows of the cleaned list in `train`, ascending. */
async function cleanRows(file: string, train: ImageLabels): Promise<Int32Array> {
  const { ids } = await readTrainCleanCsv(file, { train });
  return Int32Array.from({ length: ids.length }, (_, i) => train.ids.rowOf(ids.at(i))).sort();
}
