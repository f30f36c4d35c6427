import {
  addIndexImages,
  createTrainingSet,
  type Gldv2,
  type IndexLabels,
  type TrainingSet,
  trainingSetTables,
} from "@lmk/data";
import { hashOf, type PreparedData, UserError, usableRows } from "@lmk-example/kit";
import { cleanLabelsOf } from "./step-data.ts";

/** Index images whose landmark is known. */
export interface LabelledIndex {
  /** Their places among the usable index images, ascending. */
  readonly places: Int32Array;
  /** The landmark of each, by the numbers of the train table. */
  readonly labels: Int32Array;
  /** Changes with both. */
  readonly key: string;
}

/** A data set that may know the landmarks of index images: what `openGldv2` gives, for one. */
type LabelledData = PreparedData["data"] & Partial<Omit<Gldv2, keyof PreparedData["data"]>>;

/**
 * The index images that can be read and show a landmark on the cleaned list: labels of train and index meet by the names of
 * their categories.
 *
 * @returns `undefined` where the data set has none, or not the tables that say so.
 * @throws UserError if a landmark of the index has no category.
 */
export function labelledIndexOf(prepared: PreparedData): LabelledIndex | undefined {
  const data: LabelledData = prepared.data;
  const { train, categories, indexCategories, indexLandmarkIds } = data;
  if (!categories || !indexCategories || !indexLandmarkIds) return undefined;
  const clean = createTrainingSet("clean", { train, clean: cleanLabelsOf(data) });
  const set = withIndex(clean, { indexLandmarkIds, indexCategories, trainCategories: categories });
  const landmarkOf = new Map<number, number>();
  set.rows.forEach((row, i) => {
    if (trainingSetTables[set.tables[i]!] === "index") {
      landmarkOf.set(row, set.landmarkIds[set.classIds[i]!]!);
    }
  });
  const usable = usableRows(prepared, "index");
  const places = Int32Array.from(usable.keys()).filter((place) => landmarkOf.has(usable[place]!));
  if (places.length === 0) return undefined;
  const labels = places.map((place) => landmarkOf.get(usable[place]!)!);
  return { places, labels, key: hashOf([[...places], [...labels]]) };
}

function withIndex(set: TrainingSet, labels: IndexLabels): TrainingSet {
  try {
    return addIndexImages(set, labels);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(
      `lists: expected index_label_to_category.csv to name the category of every landmark of the index, got less (${error.message}); bring the whole file`,
    );
  }
}
