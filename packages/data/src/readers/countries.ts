import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { asFormatError } from "../file-errors.ts";
import { ValueFields } from "../pickle/value-fields.ts";
import { readCsv } from "./csv.ts";
import { Interner } from "./interned-strings.ts";
import { readJson } from "./json-file.ts";
import type { LandmarkCategories, LandmarkCountries } from "./landmark-tables.ts";

/** Options of {@link readCountryFolder}. */
export interface ReadCountryFolderOptions {
  /**
   * The codes of the countries to read, in order: where two countries list a category, the later one has it,
   * and the numbers in `gbid2country.pkl` are places in this list.
   *
   * @defaultValue not given: all files of two letters and `OTHER`, by name
   */
  readonly codes?: readonly string[];
}

/** The countries of categories. */
export interface CategoryCountries {
  /** The codes of the countries, in the order they were read in. */
  readonly codes: readonly string[];
  /** From the name of a category, as {@link LandmarkCategories} has it, to the code of its country. */
  readonly countryOf: ReadonlyMap<string, string>;
}

/**
 * Reads the lists of landmarks by country that are published with Google Landmarks v2
 * (`train/country/<CODE>.json`): each file is a list of objects whose `name` is the name of a category.
 *
 * @param folder - The folder of the files.
 * @returns The country of each category.
 * @throws DataFormatError with the code `missing-file` if there is no such folder, no file in it, or none
 * for one of `codes`; with `unreadable-file` where one cannot be read; with `bad-value` for a file that is
 * not such a list, with the place of the item from 0.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { readCountryFolder } from "@lmk/data";
 *
 * mkdirSync("country", { recursive: true });
 * writeFileSync("country/PT.json", '[{"name": "Torre_de_Belém"}]');
 * const { codes, countryOf } = await readCountryFolder("country");
 * console.log(codes, countryOf.get("Torre_de_Belém")); // => [ 'PT' ] PT
 * ```
 */
export async function readCountryFolder(
  folder: string,
  options: ReadCountryFolderOptions = {},
): Promise<CategoryCountries> {
  const { codes = await codesIn(folder) } = options;
  const countryOf = new Map<string, string>();
  for (const code of codes) {
    const file = join(folder, `${code}.json`);
    const fields = new ValueFields(file);
    for (const [i, item] of fields.list(await readJson(file), "of categories").entries()) {
      const category = fields.dictionary(item, `as item ${i}`);
      countryOf.set(fields.string(category.get("name"), `as name of item ${i}`), code);
    }
  }
  return { codes, countryOf };
}

/**
 * Reads a list of countries by continent with the columns `Continent_Name` and `Two_Letter_Country_Code`,
 * such as the `country-and-continent-codes-list` of datahub.io. Of a country on two continents the last row
 * counts. `NA` is Namibia. Rows without a code are skipped.
 *
 * @param file - The CSV file.
 * @returns From the code of a country to the name of its continent.
 * @throws DataFormatError for a file that is missing, empty or without these columns.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readContinentsCsv } from "@lmk/data";
 *
 * writeFileSync("continent_codes.csv", "Continent_Name,Two_Letter_Country_Code\nAfrica,NA\nEurope,PT\n");
 * const continents = await readContinentsCsv("continent_codes.csv");
 * console.log(continents.get("NA")); // => Africa
 * ```
 */
export async function readContinentsCsv(file: string): Promise<ReadonlyMap<string, string>> {
  const continents = new Map<string, string>();
  await readCsv(file, ["Continent_Name", "Two_Letter_Country_Code"], ([continent, code]) => {
    if (code.trim() !== "") continents.set(code.trim(), continent.trim());
  });
  return continents;
}

/** What {@link joinCountries} joins. */
export interface CountrySources {
  /** The categories of the landmarks. */
  readonly categories: LandmarkCategories;
  /** The countries of the categories. */
  readonly countries: CategoryCountries;
  /** The continents of the countries. */
  readonly continents: ReadonlyMap<string, string>;
}

/**
 * Finds the country and the continent of each landmark, as the second place of the 2021 retrieval challenge:
 * the continent of `OTHER` is `OTHER`, and that of Kosovo (`XK`), which lists of codes may lack, Europe.
 *
 * @param sources - What is read by {@link readLandmarkCategoriesCsv}, {@link readCountryFolder} and
 * {@link readContinentsCsv}.
 * @returns One row per row of the categories.
 * @throws RangeError if a category has no country, or a country no continent.
 *
 * @example
 * ```ts
 * import { joinCountries } from "@lmk/data";
 *
 * const { countries, continents } = joinCountries({
 *   categories: {
 *     landmarkIds: Int32Array.of(7),
 *     categories: { values: ["Torre_de_Belém"], codes: Int32Array.of(0) },
 *   },
 *   countries: { codes: ["PT"], countryOf: new Map([["Torre_de_Belém", "PT"]]) },
 *   continents: new Map([["PT", "Europe"]]),
 * });
 * console.log(countries.values, continents.values); // => [ 'PT' ] [ 'Europe' ]
 * ```
 */
export function joinCountries(sources: CountrySources): LandmarkCountries {
  const { landmarkIds, categories } = sources.categories;
  const countries = new Interner();
  const continents = new Interner();
  for (const place of categories.codes) {
    const category = categories.values[place];
    const country = sources.countries.countryOf.get(category);
    if (country === undefined) {
      throw new RangeError(
        `joinCountries: expected \`countries\` to list every category, got none for ${JSON.stringify(category)}`,
      );
    }
    countries.push(country);
    continents.push(continentOf(country, sources.continents));
  }
  return { landmarkIds, countries: countries.toColumn(), continents: continents.toColumn() };
}

function continentOf(country: string, continents: ReadonlyMap<string, string>): string {
  if (country === "OTHER") return "OTHER";
  if (country === "XK") return "Europe";
  const continent = continents.get(country);
  if (continent !== undefined) return continent;
  throw new RangeError(
    `joinCountries: expected \`continents\` to list every country, got none for ${JSON.stringify(country)}`,
  );
}

async function codesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw asFormatError(folder, error, "folder");
  });
  const codes = names.flatMap((name) => /^([A-Z]{2}|OTHER)\.json$/.exec(name)?.[1] ?? []).sort();
  if (codes.length > 0) return codes;
  throw new DataFormatError("missing-file", folder, 0, "expected <code>.json files, got none");
}
