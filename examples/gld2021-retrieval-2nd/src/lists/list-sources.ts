import type { Gldv2, ImageLabels, ImageTable, LabelledImageTable, LandmarkData, TestLabels } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { countriesByCode, type ListCountries } from "./list-countries.ts";

/** The tables that lists are made of. */
export interface ListTables {
  readonly train: LabelledImageTable;
  /** The cleaned images, in the order in which their landmarks are numbered. */
  readonly clean: ImageLabels;
  readonly index: ImageTable;
  readonly test: ImageTable;
  /** How images of `index` and `test` get the classes of `train`. */
  readonly labels: TestLabels;
}

/** All that lists are made of. */
export interface ListSources extends ListTables {
  readonly countries: ListCountries;
}

/** A data set that may know what {@link ListSources} need: what `openGldv2` gives, for one. */
export type ListData = LandmarkData & Partial<Omit<Gldv2, keyof LandmarkData>>;

/**
 * Takes from an opened data set what lists are made of.
 *
 * The index has the order of the data set. The original's lists have that of `index_image_to_landmark.csv`: `readListTables`
 * reads it so.
 *
 * @param countries - The countries of the landmarks; those of the data set by default.
 * @throws UserError naming the tables that the data set lacks.
 */
export function listSourcesOf(data: ListData, countries?: ListCountries): ListSources {
  const { train, cleanLabels, index, test, retrieval, categories, indexCategories, indexLandmarkIds } = data;
  const known = countries ?? (data.countries && countriesByCode(data.countries));
  if (cleanLabels && categories && indexLandmarkIds && indexCategories && retrieval && known) {
    const labels = { indexLandmarkIds, indexCategories, trainCategories: categories, retrieval };
    return { train, clean: cleanLabels, index, test, labels, countries: known };
  }
  const missing = Object.entries({
    "train_clean.csv": cleanLabels,
    "train_label_to_category.csv": categories,
    "index_image_to_landmark.csv": indexLandmarkIds,
    "index_label_to_category.csv": indexCategories,
    "retrieval_solution_v2.1.csv": retrieval,
    "train_label_to_country.csv": known,
  }).flatMap(([table, value]) => (value === undefined ? [table] : []));
  throw new UserError(
    `lists: expected a data set with all tables of Google Landmarks v2 and countries, got none of ${missing.join(", ")}; put them into its folder`,
  );
}
