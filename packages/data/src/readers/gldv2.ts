import { join } from "node:path";
import { requireOneOf } from "../require.ts";
import { shown } from "./csv.ts";
import { type ImageLabels, readImageIdsCsv, readTrainCleanCsv, readTrainCsv } from "./gldv2-tables.ts";
import { createNames, type ImageIds, isHexId, type Names } from "./image-ids.ts";
import type { LandmarkData, Split } from "./landmark-data.ts";
import {
  categoryTitle,
  type LandmarkCategories,
  type LandmarkCountries,
  type LandmarkHierarchy,
  readIndexLandmarksCsv,
  readLandmarkCategoriesCsv,
  readLandmarkCountriesCsv,
  readLandmarkHierarchyCsv,
} from "./landmark-tables.ts";
import { readRecognitionSolutionCsv, readRetrievalSolutionCsv } from "./solutions.ts";
import { findTable, requireTable } from "./tables-in-folder.ts";

/** Google Landmarks v2 with what is known of its landmarks. */
export interface Gldv2 extends LandmarkData {
  /**
   * The cleaned list in the order of its file, as {@link createTrainingSet} takes it; `undefined` where the data has no such
   * list.
   */
  readonly cleanLabels: ImageLabels | undefined;
  /** The categories of the train landmarks; `undefined` where the data has no such table. */
  readonly categories: LandmarkCategories | undefined;
  /** The kinds of the train landmarks; `undefined` where the data has no such table. */
  readonly hierarchy: LandmarkHierarchy | undefined;
  /** The countries of the train landmarks; `undefined` where the data has no such table. */
  readonly countries: LandmarkCountries | undefined;
  /**
   * The landmark of each row of `index`, by other numbers than those of train, -1 where it shows none;
   * `undefined` where the data has no such table.
   */
  readonly indexLandmarkIds: Int32Array | undefined;
  /** The categories of `indexLandmarkIds`, which join them to train; `undefined` where the data has no such table. */
  readonly indexCategories: LandmarkCategories | undefined;
}

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
 * | `train_clean.csv` | no | `clean`, `cleanLabels` |
 * | `retrieval_solution_v2.1.csv`, `recognition_solution_v2.1.csv` | no | `retrieval`, `recognition` |
 * | `train_label_to_category.csv` | no | `categories`, `landmarkNames` |
 * | `train_label_to_hierarchical.csv` | no | `hierarchy`, and `landmarkNames` without the one above |
 * | `train_label_to_country.csv` | no | `countries` |
 * | `index_image_to_landmark.csv` | no | `indexLandmarkIds` |
 * | `index_label_to_category.csv` | no | `indexCategories` |
 *
 * The name of a landmark is the {@link categoryTitle} of its category.
 *
 * @param root - The folder of the data set.
 * @returns Tables in the order of their files. All of Google Landmarks v2 takes about 250 MB (estimated from
 * made tables of its size).
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
export async function openGldv2(root: string): Promise<Gldv2> {
  const trainFile = requireTable(root, "train", "train.csv");
  const indexFile = requireTable(root, "index", "index.csv");
  const testFile = requireTable(root, "test", "test.csv");

  const train = await readTrainCsv(trainFile);
  const index = await readImageIdsCsv(indexFile);
  const test = await readImageIdsCsv(testFile);
  const readOptional = async <T>(
    split: Split,
    name: string,
    read: (file: string) => Promise<T>,
  ): Promise<T | undefined> => {
    const file = findTable(root, split, name);
    return file === undefined ? undefined : read(file);
  };
  const cleanLabels = await readOptional("train", "train_clean.csv", (file) =>
    readTrainCleanCsv(file, { train }),
  );
  const categories = await readOptional("train", "train_label_to_category.csv", readLandmarkCategoriesCsv);
  const hierarchy = await readOptional("train", "train_label_to_hierarchical.csv", readLandmarkHierarchyCsv);
  return {
    train: { ...train, paths: pathsOf(root, "train", train.ids) },
    index: { ids: index, paths: pathsOf(root, "index", index) },
    test: { ids: test, paths: pathsOf(root, "test", test) },
    clean: cleanLabels && cleanRows(cleanLabels, train),
    cleanLabels,
    retrieval: await readOptional("test", "retrieval_solution_v2.1.csv", (file) =>
      readRetrievalSolutionCsv(file, { test, index }),
    ),
    recognition: await readOptional("test", "recognition_solution_v2.1.csv", (file) =>
      readRecognitionSolutionCsv(file, { test }),
    ),
    landmarkNames: namesOf(categories ?? hierarchy),
    categories,
    hierarchy,
    countries: await readOptional("train", "train_label_to_country.csv", readLandmarkCountriesCsv),
    indexLandmarkIds: await readOptional("index", "index_image_to_landmark.csv", (file) =>
      readIndexLandmarksCsv(file, index),
    ),
    indexCategories: await readOptional("index", "index_label_to_category.csv", readLandmarkCategoriesCsv),
  };
}

function namesOf(table: LandmarkCategories | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  if (table === undefined) return names;
  const titles = table.categories.values.map(categoryTitle);
  for (const [row, landmarkId] of table.landmarkIds.entries()) {
    names.set(landmarkId, titles[table.categories.codes[row]]);
  }
  return names;
}

function pathsOf(root: string, split: Split, ids: ImageIds): Names {
  return createNames(ids.length, (row) => gldv2ImagePath(root, split, ids.at(row)));
}

/** The rows of the cleaned list in `train`, ascending. */
function cleanRows({ ids }: ImageLabels, train: ImageLabels): Int32Array {
  return Int32Array.from({ length: ids.length }, (_, i) => train.ids.rowOf(ids.at(i))).sort();
}
