import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  joinCountries,
  type LandmarkCategories,
  type LandmarkCountries,
  readContinentsCsv,
  readCountryFolder,
  tagClasses,
} from "@lmk/data";
import { readJson, UserError } from "@lmk-example/kit";

/** The countries of landmarks. */
export interface ListCountries {
  /** The country and the continent of each landmark. */
  readonly landmarks: LandmarkCountries;
  /** The codes of countries; a country's number is its place here. */
  readonly codes: readonly string[];
}

/** The countries of the classes of a list. */
export interface ClassCountries {
  /** For each class the number of its country: its place in `codes`. */
  readonly numbers: Int32Array;
  readonly codes: readonly string[];
}

/** Numbers the countries of landmarks by their codes in alphabetical order, where no list of codes is given. */
export function countriesByCode(landmarks: LandmarkCountries): ListCountries {
  return { landmarks, codes: [...landmarks.countries.values].sort() };
}

/**
 * Finds the country of each class.
 *
 * @param landmarkIds - The landmark of each class.
 * @throws RangeError if a landmark has no country.
 */
export function classCountries(landmarkIds: Int32Array, { landmarks, codes }: ListCountries): ClassCountries {
  const tags = tagClasses(landmarkIds, { landmarkIds: landmarks.landmarkIds, tags: landmarks.countries });
  const numberOf = tags.values.map((code) => codes.indexOf(code));
  return { numbers: tags.codes.map((place) => numberOf[place]!), codes };
}

/**
 * Reads the countries of landmarks from a folder like the original's `cache/country_info`: a file `<CODE>.json` for each
 * country, `continent_codes.csv`, and `country_codes.json` with the codes in the order of their numbers (a list, or an object
 * whose keys they are). Without the last one the countries are those of the files, by name.
 *
 * @param folder - The folder.
 * @param categories - The categories of the landmarks.
 * @throws UserError if there is no such folder, a list of codes holds something else, a category has no country, or a country
 * no continent. DataFormatError as the readers of the files.
 */
export async function readListCountries(
  folder: string,
  categories: LandmarkCategories,
): Promise<ListCountries> {
  if (!existsSync(folder)) {
    throw new UserError(
      `${folder}: expected a folder with the countries of landmarks, got none; put the <CODE>.json of https://storage.googleapis.com/gld-v2/data/train/country/ and continent_codes.csv there, or name it by --countries`,
    );
  }
  const countries = await readCountryFolder(folder, readCodes(join(folder, "country_codes.json")));
  const continents = await readContinentsCsv(join(folder, "continent_codes.csv"));
  try {
    return { landmarks: joinCountries({ categories, countries, continents }), codes: countries.codes };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${folder}: ${error.message}; add it to its .json, or to continent_codes.csv`);
  }
}

function readCodes(file: string): { readonly codes?: readonly string[] } {
  if (!existsSync(file)) return {};
  const value = readJson<unknown>(file);
  const codes: unknown[] = Array.isArray(value) ? value : Object.keys(value ?? {});
  const bad = codes.find((code) => typeof code !== "string" || !/^([A-Z]{2}|OTHER)$/.test(code));
  if (codes.length > 0 && bad === undefined) return { codes: codes as string[] };
  const got = codes.length > 0 ? JSON.stringify(bad) : "none";
  throw new UserError(
    `${file}: expected codes of countries such as PT or OTHER, got ${got}; mend the file, or remove it to take all .json beside it`,
  );
}
