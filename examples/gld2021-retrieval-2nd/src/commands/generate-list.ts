import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LandmarkCategories, readLandmarkCountriesCsv } from "@lmk/data";
import { say, textTable } from "@lmk-example/kit";
import { Command } from "commander";
import { countriesByCode, type ListCountries, readListCountries } from "../lists/list-countries.ts";
import { readListTables, tableIn } from "../lists/read-list-tables.ts";
import { sizesTable, writeLists } from "../lists/write-lists.ts";

interface GenerateListOptions {
  readonly rawImageDir: string;
  readonly cache: string;
  readonly countries?: string;
}

/** The original's `generate_gld_list.py`: the lists of images to train on and to re-rank by. */
export const generateListCommand: Command = new Command("generate-list")
  .description("write the lists of images to train on: cache_*_list.pkl and gbid2country.pkl")
  .requiredOption("--raw-image-dir <dir>", "Google Landmarks v2: tables, and images in train, index and test")
  .option("--cache <dir>", "where to write; files there are replaced", "./cache")
  .option(
    "--countries <dir>",
    "landmarks by country: <CODE>.json, continent_codes.csv and, if numbers matter, country_codes.json (default: country_info in --cache, or else train_label_to_country.csv)",
  )
  .allowExcessArguments(false)
  .action(async (options: GenerateListOptions) => {
    const tables = await readListTables(options.rawImageDir);
    const countries = await countriesOf(options, tables.labels.trainCategories);
    say(textTable(sizesTable(await writeLists(options.cache, { ...tables, countries }, say))));
  });

async function countriesOf(
  { rawImageDir, cache, countries }: GenerateListOptions,
  categories: LandmarkCategories,
): Promise<ListCountries> {
  const folder = countries ?? join(cache, "country_info");
  const table = tableIn(rawImageDir, "train", "train_label_to_country.csv");
  if (countries === undefined && !existsSync(folder) && existsSync(table)) {
    return countriesByCode(await readLandmarkCountriesCsv(table));
  }
  return readListCountries(folder, categories);
}
