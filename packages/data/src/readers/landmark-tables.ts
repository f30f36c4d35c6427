import { DataFormatError } from "../data-format-error.ts";
import { readCsv, shown } from "./csv.ts";
import { type Place, parseLandmarkId, parseNewLandmarkId, requireKnownImage, requireText } from "./fields.ts";
import { type ImageIds, isHexId } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";
import { type InternedStrings, Interner } from "./interned-strings.ts";

/** The Wikimedia Commons category of each landmark. */
export interface LandmarkCategories {
  /** The landmark of each row; each once. */
  readonly landmarkIds: Int32Array;
  /**
   * The name of the category of each row as it stands in the URL after `Category:`, with underscores and
   * percent signs, such as `Ch%C3%A2teau_de_Blois`. {@link categoryTitle} makes it readable.
   */
  readonly categories: InternedStrings;
}

/** Categories and kinds of landmarks. */
export interface LandmarkHierarchy extends LandmarkCategories {
  /** What the landmark is, such as `castle` or `lake`; empty where unknown. */
  readonly supercategories: InternedStrings;
  /** The supercategory within coarser kinds, such as `Structure/Fortification/castle`; empty where unknown. */
  readonly hierarchicalLabels: InternedStrings;
  /** `natural`, `human-made`, or empty where unknown. */
  readonly origins: InternedStrings;
}

/** The country of each landmark. */
export interface LandmarkCountries {
  /** The landmark of each row; each once. */
  readonly landmarkIds: Int32Array;
  /** The two-letter code of each row (ISO 3166-1), or another word such as `OTHER`. */
  readonly countries: InternedStrings;
  /** The name of the continent of each row. */
  readonly continents: InternedStrings;
}

/**
 * Reads a `train_label_to_category.csv` or `index_label_to_category.csv` of Google Landmarks v2
 * (`landmark_id,category`), where a category is a URL ending in `/wiki/Category:` and its name, such as
 * `http://commons.wikimedia.org/wiki/Category:Porta_Nigra`.
 *
 * Landmark ids of train and index are different numbers for the same places; only the category joins
 * them.
 *
 * @param file - The CSV file.
 * @returns The categories in the order of the file.
 * @throws DataFormatError for a file that is missing, empty or without these columns, and for a row with
 * a landmark id that is none or comes twice, or a category that is not such a URL.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readLandmarkCategoriesCsv } from "@lmk/data";
 *
 * writeFileSync(
 *   "train_label_to_category.csv",
 *   'landmark_id,category\n7,"http://commons.wikimedia.org/wiki/Category:St_Peter,_Claydon"\n',
 * );
 * const { landmarkIds, categories } = await readLandmarkCategoriesCsv("train_label_to_category.csv");
 * console.log(landmarkIds[0], categories.values[categories.codes[0]]); // => 7 St_Peter,_Claydon
 * ```
 */
export async function readLandmarkCategoriesCsv(file: string): Promise<LandmarkCategories> {
  const landmarkIds = new LandmarkColumn();
  const categories = new Interner();
  await readCsv(file, ["landmark_id", "category"], ([landmarkId, category], line) => {
    landmarkIds.push(landmarkId, { file, line });
    categories.push(parseCategory(category, { file, line }));
  });
  return { landmarkIds: landmarkIds.toArray(), categories: categories.toColumn() };
}

/**
 * Reads a `train_label_to_hierarchical.csv` or `index_label_to_hierarchical.csv` of Google Landmarks v2.1
 * (`landmark_id,category,supercategory,hierarchical_label,natural_or_human_made`).
 *
 * @param file - The CSV file.
 * @returns The kinds of the landmarks in the order of the file.
 * @throws DataFormatError as {@link readLandmarkCategoriesCsv}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readLandmarkHierarchyCsv } from "@lmk/data";
 *
 * writeFileSync(
 *   "train_label_to_hierarchical.csv",
 *   "landmark_id,category,supercategory,hierarchical_label,natural_or_human_made\n" +
 *     "7,http://commons.wikimedia.org/wiki/Category:Corbridge,city,Region/Municipality/City,human-made\n",
 * );
 * const { supercategories } = await readLandmarkHierarchyCsv("train_label_to_hierarchical.csv");
 * console.log(supercategories.values); // => [ 'city' ]
 * ```
 */
export async function readLandmarkHierarchyCsv(file: string): Promise<LandmarkHierarchy> {
  const columns = ["landmark_id", "category", "supercategory", "hierarchical_label", "natural_or_human_made"];
  const landmarkIds = new LandmarkColumn();
  const categories = new Interner();
  const kinds = [new Interner(), new Interner(), new Interner()];
  await readCsv(file, columns, ([landmarkId, category, ...fields], line) => {
    landmarkIds.push(landmarkId, { file, line });
    categories.push(parseCategory(category, { file, line }));
    for (const [i, kind] of kinds.entries()) kind.push(fields[i].trim());
  });
  const [supercategories, hierarchicalLabels, origins] = kinds.map((kind) => kind.toColumn());
  return {
    landmarkIds: landmarkIds.toArray(),
    categories: categories.toColumn(),
    supercategories,
    hierarchicalLabels,
    origins,
  };
}

/**
 * Reads a `train_label_to_country.csv` (`landmark_id,country,continent`), as `generateLandmarks` of
 * `@lmk/data/landmarks` writes it. Google Landmarks v2 has no such file; it can be made of the
 * lists of landmarks by country that are published with it.
 *
 * @param file - The CSV file.
 * @returns The countries in the order of the file.
 * @throws DataFormatError as {@link readLandmarkCategoriesCsv}, and for an empty country or continent.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readLandmarkCountriesCsv } from "@lmk/data";
 *
 * writeFileSync("train_label_to_country.csv", "landmark_id,country,continent\n7,PT,Europe\n9,FR,Europe\n");
 * const { countries, continents } = await readLandmarkCountriesCsv("train_label_to_country.csv");
 * console.log(countries.values, continents.values); // => [ 'PT', 'FR' ] [ 'Europe' ]
 * ```
 */
export async function readLandmarkCountriesCsv(file: string): Promise<LandmarkCountries> {
  const landmarkIds = new LandmarkColumn();
  const countries = new Interner();
  const continents = new Interner();
  await readCsv(file, ["landmark_id", "country", "continent"], ([landmarkId, country, continent], line) => {
    landmarkIds.push(landmarkId, { file, line });
    countries.push(requireText(country, "a country", { file, line }));
    continents.push(requireText(continent, "a continent", { file, line }));
  });
  return {
    landmarkIds: landmarkIds.toArray(),
    countries: countries.toColumn(),
    continents: continents.toColumn(),
  };
}

/**
 * Reads the `index_image_to_landmark.csv` of Google Landmarks v2 (`id,landmark_id`). Its landmark ids are
 * those of `index_label_to_category.csv`, not those of train.
 *
 * @param file - The CSV file.
 * @param index - The ids of the index images.
 * @returns For each row of `index` its landmark, or -1 where the file does not list the image.
 * @throws DataFormatError as {@link readTrainCsv}, and for an image that `index` does not hold.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { createImageIds, readIndexLandmarksCsv } from "@lmk/data";
 *
 * writeFileSync("index_image_to_landmark.csv", "id,landmark_id\n00000000000000a2,7\n");
 * const index = createImageIds(["00000000000000a1", "00000000000000a2"]);
 * console.log(await readIndexLandmarksCsv("index_image_to_landmark.csv", index)); // => Int32Array(2) [ -1, 7 ]
 * ```
 */
export async function readIndexLandmarksCsv(file: string, index: ImageIds): Promise<Int32Array> {
  const landmarkIds = new Int32Array(index.length).fill(-1);
  await readCsv(file, ["id", "landmark_id"], ([field, landmarkId], line) => {
    const place = { file, line };
    const id = field.trim();
    const row = requireKnownImage(index, id, "the index list", isHexId, place);
    if (landmarkIds[row] >= 0) {
      const detail = `expected each image id once, got ${shown(id)} again`;
      throw new DataFormatError("duplicate-id", file, line, detail);
    }
    landmarkIds[row] = parseLandmarkId(landmarkId, place);
  });
  return landmarkIds;
}

/**
 * The name of a category as people write it: underscores are blanks, and percent codes are characters. A
 * name whose percent codes are broken keeps them.
 *
 * @param name - The name in the URL of a category.
 *
 * @example
 * ```ts
 * import { categoryTitle } from "@lmk/data";
 *
 * console.log(categoryTitle("Sparkassen-Arena,_G%C3%B6ttingen")); // => Sparkassen-Arena, Göttingen
 * ```
 */
export function categoryTitle(name: string): string {
  const blank = name.replaceAll("_", " ");
  try {
    return decodeURIComponent(blank);
  } catch {
    return blank;
  }
}

/** A column of landmark ids that come once each. */
class LandmarkColumn {
  readonly #ids = new Int32List();
  readonly #seen = new Set<number>();

  push(field: string, place: Place): void {
    this.#ids.push(parseNewLandmarkId(field, this.#seen, place));
  }

  toArray(): Int32Array {
    return this.#ids.toArray();
  }
}

function parseCategory(field: string, { file, line }: Place): string {
  const name = /^https?:\/\/[^/]+\/wiki\/Category:(.+)$/.exec(field.trim())?.[1];
  if (name !== undefined) return name;
  const detail = `expected a URL with /wiki/Category: and a name, got ${shown(field)}`;
  throw new DataFormatError("bad-category", file, line, detail);
}
