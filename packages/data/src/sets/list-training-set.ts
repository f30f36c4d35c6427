import { createNames, type Names } from "../readers/image-ids.ts";
import type { ImageList } from "../readers/image-list.ts";
import type { InternedStrings } from "../readers/interned-strings.ts";
import type { ImageTable } from "../readers/landmark-data.ts";
import { type TrainingSet, trainingSetTables } from "./training-set.ts";

/** The tables that a {@link TrainingSet} refers to; only those it has rows of are needed. */
export interface TrainingSetImages {
  readonly train: ImageTable;
  readonly index?: ImageTable;
  readonly test?: ImageTable;
}

/** Options of {@link listTrainingSet}. */
export interface ListTrainingSetOptions {
  /**
   * The tag of each class, such as its continent as {@link tagClasses} gives it. Rows without a landmark
   * get the tag `null`.
   *
   * @defaultValue not given: rows have no tags
   */
  readonly tags?: InternedStrings;
}

/**
 * Looks up the ids and files of a training set. With continents as tags the result is what
 * {@link readImageListPickle} reads from the `all` list of the 2021 retrieval challenge's second place.
 *
 * @param set - The set.
 * @param images - The tables it was made of.
 * @returns A list of the same length; its ids and paths are looked up when they are asked for.
 * @throws RangeError if a table is missing, or `tags` has another length than the classes of the set.
 *
 * @example
 * ```ts
 * import { createImageIds, createNames, createTrainingSet, listTrainingSet } from "@lmk/data";
 *
 * const train = { ids: createImageIds(["a", "b"]), landmarkIds: Int32Array.of(12, 5) };
 * const set = createTrainingSet("trainfull", { train, clean: train });
 * const paths = createNames(2, (row) => `${train.ids.at(row)}.jpg`);
 * const list = listTrainingSet(set, { train: { ids: train.ids, paths } });
 * console.log(list.paths.at(1), list.classIds[1]); // => b.jpg 1
 * ```
 */
export function listTrainingSet(
  set: TrainingSet,
  images: TrainingSetImages,
  options: ListTrainingSetOptions = {},
): ImageList {
  const { tags } = options;
  const tables = tablesOf(set, images);
  const column = (name: "ids" | "paths"): Names =>
    createNames(set.length, (row) => (tables[set.tables[row]] as ImageTable)[name].at(set.rows[row]));
  const columns = { length: set.length, ids: column("ids"), paths: column("paths") };
  const { classIds, noisy } = set;
  if (tags === undefined) {
    return { ...columns, classIds, noisy, tags: { values: [], codes: new Int32Array(set.length).fill(-1) } };
  }
  if (tags.codes.length !== set.landmarkIds.length) {
    throw new RangeError(
      `listTrainingSet: expected \`tags\` to have ${set.landmarkIds.length} classes, got ${tags.codes.length}`,
    );
  }
  return { ...columns, classIds, noisy, tags: tagRows(classIds, tags) };
}

function tablesOf(set: TrainingSet, images: TrainingSetImages): readonly (ImageTable | undefined)[] {
  return trainingSetTables.map((name, place) => {
    const table = images[name];
    if (table !== undefined || !set.tables.includes(place)) return table;
    throw new RangeError(`listTrainingSet: expected \`images.${name}\` to be given, got none`);
  });
}

/** Numbers tags in the order of their first row. */
function tagRows(classIds: Int32Array, tags: InternedStrings): InternedStrings {
  const places = new Map<string, number>();
  const codes = Int32Array.from(classIds, (classId) => {
    const name = classId < 0 ? "null" : tags.values[tags.codes[classId]];
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  });
  return { values: [...places.keys()], codes };
}
