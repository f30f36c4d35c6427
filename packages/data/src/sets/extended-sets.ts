import { Int32List } from "../readers/int32-list.ts";
import type { RetrievalSolution } from "../readers/landmark-data.ts";
import type { LandmarkCategories } from "../readers/landmark-tables.ts";
import { type TrainingSet, trainingSetTables } from "./training-set.ts";

/** How index images get the classes of the train table: through the names of categories alone. */
export interface IndexLabels {
  /** The landmark of each row of the index table, by other numbers than those of train; -1 where unknown. */
  readonly indexLandmarkIds: Int32Array;
  /** The categories of these landmarks. */
  readonly indexCategories: LandmarkCategories;
  /** The categories of the landmarks of train. */
  readonly trainCategories: LandmarkCategories;
}

/**
 * Appends the index images that show a class of the set, as the `index_train` list of the second place of
 * the 2021 retrieval challenge does with `trainfull`.
 *
 * Landmark ids of index and train differ, so that an image's class is the one whose landmark has the same
 * category; of landmarks that share a category the last one of `trainCategories` counts. Images of other
 * categories are left out. The labels of index images count as clean.
 *
 * The rows come in the order of the index table. The published list has that of
 * `index_image_to_landmark.csv`: to have it too, read that file with {@link readTrainCsv} and take it as the
 * index table.
 *
 * @param set - The set, such as `trainfull`.
 * @param labels - The labels of the index images.
 * @throws RangeError if a landmark of the index has no category.
 *
 * @example
 * ```ts
 * import { addIndexImages, createImageIds, createTrainingSet } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a"]), landmarkIds: Int32Array.of(12) };
 * const full = createTrainingSet("trainfull", { train, clean: train });
 * const set = addIndexImages(full, {
 *   indexLandmarkIds: Int32Array.of(0, 1),
 *   indexCategories: {
 *     landmarkIds: Int32Array.of(0, 1),
 *     categories: { values: ["Torre_de_Belém", "Eiffel_Tower"], codes: Int32Array.of(0, 1) },
 *   },
 *   trainCategories: {
 *     landmarkIds: Int32Array.of(12),
 *     categories: { values: ["Eiffel_Tower"], codes: Int32Array.of(0) },
 *   },
 * });
 * console.log(set.tables, set.rows, set.classIds);
 * // => Uint8Array(2) [ 0, 1 ] Int32Array(2) [ 0, 1 ] Int32Array(2) [ 0, 0 ]
 * ```
 */
export function addIndexImages(set: TrainingSet, labels: IndexLabels): TrainingSet {
  const rows = new Int32List();
  const classIds = new Int32List();
  for (const [row, classId] of indexClasses("addIndexImages", set, labels).entries()) {
    if (classId < 0) continue;
    rows.push(row);
    classIds.push(classId);
  }
  return appended(set, "index", rows.toArray(), classIds.toArray());
}

/** What {@link addTestImages} needs. */
export interface TestLabels extends IndexLabels {
  /** The solution; its relevant images are rows of the index table, its queries rows of the test table. */
  readonly retrieval: Pick<RetrievalSolution, "queries" | "usages" | "relevant">;
}

/**
 * Appends the test images with the classes of their relevant index images, as the `all` list of the second
 * place of the 2021 retrieval challenge does with `index_train`.
 *
 * A test image comes once for each different class of its relevant images, here in ascending order, and not
 * at all where these show no class of the set. An ignored one, which shows no landmark, comes once with the
 * class -1. All of them count as clean.
 *
 * @param set - The set, such as `trainfull` with its index images.
 * @param labels - The index images and the solution, in the order of its rows.
 * @throws RangeError if a landmark of the index has no category.
 *
 * @example
 * ```ts
 * import { addTestImages, createImageIds, createTrainingSet } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a"]), landmarkIds: Int32Array.of(12) };
 * const full = createTrainingSet("trainfull", { train, clean: train });
 * const categories = { values: ["Eiffel_Tower"], codes: Int32Array.of(0) };
 * const set = addTestImages(full, {
 *   indexLandmarkIds: Int32Array.of(0),
 *   indexCategories: { landmarkIds: Int32Array.of(0), categories },
 *   trainCategories: { landmarkIds: Int32Array.of(12), categories },
 *   retrieval: {
 *     queries: Int32Array.of(0, 1),
 *     usages: ["Ignored", "Public"],
 *     relevant: [Int32Array.of(), Int32Array.of(0)],
 *   },
 * });
 * console.log(set.rows, set.classIds); // => Int32Array(3) [ 0, 0, 1 ] Int32Array(3) [ 0, -1, 0 ]
 * ```
 */
export function addTestImages(set: TrainingSet, labels: TestLabels): TrainingSet {
  const { queries, usages, relevant } = labels.retrieval;
  const classOfIndex = indexClasses("addTestImages", set, labels);
  const rows = new Int32List();
  const classIds = new Int32List();
  for (const [i, query] of queries.entries()) {
    for (const classId of usages[i] === "Ignored" ? [-1] : classesAmong(relevant[i], classOfIndex)) {
      rows.push(query);
      classIds.push(classId);
    }
  }
  return appended(set, "test", rows.toArray(), classIds.toArray());
}

function classesAmong(indexRows: Int32Array, classOfIndex: Int32Array): Int32Array {
  const classes = new Set<number>();
  for (const row of indexRows) {
    if (classOfIndex[row] >= 0) classes.add(classOfIndex[row]);
  }
  return Int32Array.from(classes).sort();
}

/** The class of each index image in the set, or -1. */
function indexClasses(caller: string, set: TrainingSet, labels: IndexLabels): Int32Array {
  const classOfLandmark = new Map(
    Array.from(set.landmarkIds, (landmarkId, classId) => [landmarkId, classId]),
  );
  const classOfCategory = new Map<string, number>();
  for (const [landmarkId, category] of categoriesByLandmark(labels.trainCategories)) {
    const classId = classOfLandmark.get(landmarkId);
    if (classId !== undefined) classOfCategory.set(category, classId);
  }
  const categoryOf = new Map(categoriesByLandmark(labels.indexCategories));
  return labels.indexLandmarkIds.map((landmarkId) => {
    if (landmarkId < 0) return -1;
    const category = categoryOf.get(landmarkId);
    if (category !== undefined) return classOfCategory.get(category) ?? -1;
    throw new RangeError(
      `${caller}: expected \`indexCategories\` to name every landmark of the index, got none for ${landmarkId}`,
    );
  });
}

function categoriesByLandmark({ landmarkIds, categories }: LandmarkCategories): [number, string][] {
  return Array.from(landmarkIds, (landmarkId, row) => [landmarkId, categories.values[categories.codes[row]]]);
}

function appended(
  set: TrainingSet,
  table: "index" | "test",
  rows: Int32Array,
  classIds: Int32Array,
): TrainingSet {
  const length = set.length + rows.length;
  const tables = new Uint8Array(length).fill(trainingSetTables.indexOf(table), set.length);
  tables.set(set.tables);
  const noisy = new Uint8Array(length);
  noisy.set(set.noisy);
  return {
    length,
    tables,
    rows: joined(set.rows, rows),
    classIds: joined(set.classIds, classIds),
    noisy,
    landmarkIds: set.landmarkIds,
  };
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
