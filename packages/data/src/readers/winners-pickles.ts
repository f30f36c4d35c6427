import { posix } from "node:path";
import type { PickleValue } from "../pickle/pickle-values.ts";
import { pickledNumbers } from "../pickle/pickled-numbers.ts";
import { readPickle } from "../pickle/read-pickle.ts";
import { ValueFields } from "../pickle/value-fields.ts";
import { requireInteger } from "../require.ts";
import { writeFileWhole } from "../write-file.ts";

/**
 * Reads the `idx2landmark_id.pkl` of the 2020 recognition solution of the third place: a dictionary from
 * class to landmark id.
 *
 * @param file - The pickle.
 * @returns The landmark of each class, as `landmarkIds` of {@link assignClassIds} has them.
 * @throws DataFormatError as {@link readPickle}, and with the code `bad-value` for something else than a
 * dictionary whose keys are the numbers from 0 to its size - 1.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readClassLandmarksPickle } from "@lmk/data";
 *
 * // pickle.dumps({0: 5, 1: 70}, protocol=0)
 * writeFileSync("idx2landmark_id.pkl", "(dp0\nI0\nI5\nsI1\nI70\ns.");
 * console.log(await readClassLandmarksPickle("idx2landmark_id.pkl")); // => Int32Array(2) [ 5, 70 ]
 * ```
 */
export async function readClassLandmarksPickle(file: string): Promise<Int32Array> {
  return readNumbersByClass(file, "landmark ids");
}

/**
 * Writes what {@link readClassLandmarksPickle} reads, and Python's `pickle.load`: the `idx2landmark_id.pkl` of the 2020
 * recognition solution of the third place. The file appears under its name once it is complete.
 *
 * @param file - The pickle to write; its folder must exist.
 * @param landmarkIds - The landmark of each class, such as `landmarkIds` of {@link assignClassIds}.
 * @throws RangeError if a landmark id is negative. The errors of the file system pass as they are.
 *
 * @example
 * ```ts
 * import { readClassLandmarksPickle, writeClassLandmarksPickle } from "@lmk/data";
 *
 * await writeClassLandmarksPickle("classes.pkl", Int32Array.of(5, 70));
 * console.log(await readClassLandmarksPickle("classes.pkl")); // => Int32Array(2) [ 5, 70 ]
 * ```
 */
export async function writeClassLandmarksPickle(file: string, landmarkIds: Int32Array): Promise<void> {
  for (const id of landmarkIds) requireInteger("writeClassLandmarksPickle", "landmarkIds", id, 0);
  await writeFileWhole(file, [pickledNumbers(landmarkIds)]);
}

/**
 * Reads the `gbid2country.pkl` of the 2021 retrieval challenge's second place: a dictionary from class to
 * the number of its country, which is its place in the list of country codes the file was made with.
 *
 * @param file - The pickle.
 * @returns The number of the country of each class.
 * @throws DataFormatError as {@link readClassLandmarksPickle}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readClassCountriesPickle } from "@lmk/data";
 *
 * writeFileSync("gbid2country.pkl", "(dp0\nI0\nI177\nsI1\nI72\ns.");
 * console.log(await readClassCountriesPickle("gbid2country.pkl")); // => Int32Array(2) [ 177, 72 ]
 * ```
 */
export async function readClassCountriesPickle(file: string): Promise<Int32Array> {
  return readNumbersByClass(file, "numbers of countries");
}

/**
 * Writes what {@link readClassCountriesPickle} reads, and Python's `pickle.load`: the `gbid2country.pkl` of the 2021 retrieval
 * challenge's second place. The file appears under its name once it is complete.
 *
 * @param file - The pickle to write; its folder must exist.
 * @param countries - The number of the country of each class.
 * @throws RangeError if a number is negative. The errors of the file system pass as they are.
 *
 * @example
 * ```ts
 * import { readClassCountriesPickle, writeClassCountriesPickle } from "@lmk/data";
 *
 * await writeClassCountriesPickle("countries.pkl", Int32Array.of(177, 72));
 * console.log(await readClassCountriesPickle("countries.pkl")); // => Int32Array(2) [ 177, 72 ]
 * ```
 */
export async function writeClassCountriesPickle(file: string, countries: Int32Array): Promise<void> {
  for (const number of countries) requireInteger("writeClassCountriesPickle", "countries", number, 0);
  await writeFileWhole(file, [pickledNumbers(countries)]);
}

async function readNumbersByClass(file: string, what: string): Promise<Int32Array> {
  const fields = new ValueFields(file);
  const table = fields.dictionary(await readPickle(file), `of ${what}`);
  const numbers = new Int32Array(table.size);
  for (const [key, value] of table) {
    // Keys differ, so that as many keys below the size are all of them.
    const classId = fields.integer(key, table.size - 1, "as a class");
    numbers[classId] = fields.integer(value, 0x7fffffff, `for class ${classId}`);
  }
  return numbers;
}

/** Queries and what is right for them, by image id. */
export interface SearchGroundTruth {
  /** The id of each query. */
  readonly queries: readonly string[];
  /** For each query the ids of the images that show its landmark, each once. */
  readonly relevant: readonly (readonly string[])[];
  /** For each query the ids of the images that do not count, each once; the query's own image is the first. */
  readonly ignored: readonly (readonly string[])[];
}

/**
 * Reads the `GLDv2_search_label_competition_2021.pkl` of the 2021 retrieval challenge's second place: the
 * ground truth of its 1129 validation queries, a dictionary from query to its own image and a
 * `pos_gallery_list` of images with the mark `ignore`.
 *
 * An image that stands twice in a list is given once, and one that is both right and ignored is ignored
 * only. The evaluation published with the file ranks in the same way, but counts among the images to find
 * every entry that is not marked: there such a query cannot reach an average precision of 1.
 *
 * @param file - The pickle.
 * @returns The queries in the order of the file; an image's id is the name of its file without the ending.
 * @throws DataFormatError as {@link readPickle}, and with the code `bad-value` for another structure.
 *
 * @example
 * ```ts
 * import { readSearchGroundTruthPickle } from "@lmk/data";
 *
 * try {
 *   await readSearchGroundTruthPickle("GLDv2_search_label_competition_2021.pkl");
 * } catch (error) {
 *   console.log((error as Error).message);
 *   // => GLDv2_search_label_competition_2021.pkl: expected a file, got none
 * }
 * ```
 */
export async function readSearchGroundTruthPickle(file: string): Promise<SearchGroundTruth> {
  const fields = new ValueFields(file);
  const root = fields.dictionary(await readPickle(file), "of queries");
  const queries: string[] = [];
  const relevant: string[][] = [];
  const ignored: string[][] = [];
  for (const value of root.values()) {
    const query = fields.dictionary(value, `of query ${queries.length}`);
    const id = imageId(fields, query, `of query ${queries.length}`);
    const right = new Set<string>();
    const uncounted = new Set([id]);
    for (const item of fields.list(query.get("pos_gallery_list"), `of images of query ${id}`)) {
      const image = fields.dictionary(item, `of an image of query ${id}`);
      const imageOfQuery = imageId(fields, image, `of an image of query ${id}`);
      const isIgnored = fields.mark(image.get("ignore"), `as ignore of image ${imageOfQuery}`);
      (isIgnored ? uncounted : right).add(imageOfQuery);
    }
    queries.push(id);
    relevant.push([...right].filter((imageOfQuery) => !uncounted.has(imageOfQuery)));
    ignored.push([...uncounted]);
  }
  return { queries, relevant, ignored };
}

function imageId(fields: ValueFields, entry: ReadonlyMap<PickleValue, PickleValue>, place: string): string {
  return posix.parse(fields.string(entry.get("image_name"), `as image_name ${place}`)).name;
}
