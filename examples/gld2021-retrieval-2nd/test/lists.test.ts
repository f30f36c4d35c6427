import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createImageIds, createNames, openGldv2, readImageListPickle } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { describe, expect, it } from "vitest";
import { classCountries, countriesByCode, readListCountries } from "../src/lists/list-countries.ts";
import { classCountriesFile, listFile, listNames, publishedLists } from "../src/lists/list-names.ts";
import { type ListData, type ListSources, listSourcesOf } from "../src/lists/list-sources.ts";
import { trainingList } from "../src/lists/training-lists.ts";
import { authorsLists, gldv2, rowsOf, temporaryFolder, writeCountryInfo } from "./golden-lists.ts";

const folder = temporaryFolder();
writeCountryInfo(folder);

/** Landmark 30 has a cleaned image, 10 and 20 have none; the index knows 20 as 5, and a place of its own as 6. */
function smallData(): ListData {
  const tableOf = (split: string, ids: string[]) => ({
    ids: createImageIds(ids),
    paths: createNames(ids.length, (row) => `${split}/${ids[row]}.jpg`),
  });
  const categories = (landmarkIds: number[], values: string[]) => ({
    landmarkIds: Int32Array.from(landmarkIds),
    categories: { values, codes: Int32Array.from(values.keys()) },
  });
  return {
    train: { ...tableOf("train", ["t0", "t1", "t2", "t3"]), landmarkIds: Int32Array.of(20, 30, 30, 10) },
    index: tableOf("index", ["i0", "i1", "i2"]),
    test: tableOf("test", ["q0", "q1", "q2"]),
    clean: Int32Array.of(2),
    cleanLabels: { ids: createImageIds(["t2"]), landmarkIds: Int32Array.of(30) },
    retrieval: {
      queries: Int32Array.of(2, 0, 1),
      usages: ["Private", "Ignored", "Public"],
      relevant: [Int32Array.of(1), Int32Array.of(), Int32Array.of(2)],
    },
    recognition: undefined,
    landmarkNames: new Map(),
    categories: categories([10, 20, 30], ["Ten", "Twenty", "Thirty"]),
    indexLandmarkIds: Int32Array.of(-1, 5, 6),
    indexCategories: categories([5, 6], ["Twenty", "Elsewhere"]),
    countries: {
      landmarkIds: Int32Array.of(10, 20, 30),
      countries: { values: ["PT", "FR", "JP"], codes: Int32Array.of(0, 1, 2) },
      continents: { values: ["Europe", "Asia"], codes: Int32Array.of(0, 0, 1) },
    },
  };
}

describe("trainingList", () => {
  const sources = listSourcesOf(smallData());

  it.each([
    ["clean", [["train/t2.jpg", 0, 0, -1]]],
    [
      "c2f",
      [
        ["train/t1.jpg", 0, 1, -1],
        ["train/t2.jpg", 0, 0, -1],
      ],
    ],
    [
      "full",
      [
        ["train/t0.jpg", 1, 1, -1],
        ["train/t1.jpg", 0, 1, -1],
        ["train/t2.jpg", 0, 0, -1],
        ["train/t3.jpg", 2, 1, -1],
      ],
    ],
  ] as const)("%s", (name, rows) => {
    const { set, list } = trainingList(name, sources);
    expect(rowsOf(list)).toEqual(rows);
    expect([...set.landmarkIds]).toEqual(name === "full" ? [30, 20, 10] : [30]);
  });

  it("index_train: adds the index images of known categories, as clean", () => {
    const full = rowsOf(trainingList("full", sources).list);
    expect(rowsOf(trainingList("index_train", sources).list)).toEqual([...full, ["index/i1.jpg", 1, 0, -1]]);
  });

  it("all: adds the queries in the order of the solution, with continents and images without landmark", () => {
    expect(rowsOf(trainingList("all", sources).list)).toEqual([
      ["train/t0.jpg", 1, 1, "Europe"],
      ["train/t1.jpg", 0, 1, "Asia"],
      ["train/t2.jpg", 0, 0, "Asia"],
      ["train/t3.jpg", 2, 1, "Europe"],
      ["index/i1.jpg", 1, 0, "Europe"],
      ["test/q2.jpg", 1, 0, "Europe"],
      ["test/q0.jpg", -1, 0, "null"],
    ]);
  });

  it("makes the authors' lists of an opened data set, but for the order of the index", async () => {
    const data = await openGldv2(gldv2);
    const opened = listSourcesOf(data, await readListCountries(folder, data.categories!));
    for (const name of listNames) {
      const authors = rowsOf(await readImageListPickle(join(authorsLists, listFile(name))));
      expect(sorted(rowsOf(trainingList(name, opened).list))).toEqual(sorted(authors));
    }
  });
});

function sorted(rows: unknown[][]): string[] {
  return rows.map((row) => row.join(" ")).sort();
}

describe("classCountries", () => {
  it("numbers countries by code", () => {
    const countries = countriesByCode(smallData().countries!);
    expect(countries.codes).toEqual(["FR", "JP", "PT"]);
    const { numbers, codes } = classCountries(Int32Array.of(30, 20, 10, 20), countries);
    expect(Array.from(numbers, (number) => codes[number])).toEqual(["JP", "FR", "PT", "FR"]);
    expect(() => classCountries(Int32Array.of(40), countries)).toThrow(RangeError);
  });
});

describe("readListCountries", () => {
  it("numbers countries in the order of country_codes.json, or else of their files", async () => {
    const { categories } = await openGldv2(gldv2);
    const codes = ["FR", "NA", "OTHER", "RU", "XK", "PT"];
    expect((await readListCountries(folder, categories!)).codes).toEqual(codes);
    const byName = join(folder, "by-name");
    writeCountryInfo(byName);
    rmSync(join(byName, "country_codes.json"));
    expect((await readListCountries(byName, categories!)).codes).toEqual([...codes].sort());
  });

  it("refuses countries without a continent", async () => {
    const { categories } = await openGldv2(gldv2);
    const bare = join(folder, "bare");
    writeCountryInfo(bare);
    writeFileSync(
      join(bare, "continent_codes.csv"),
      "Continent_Name,Two_Letter_Country_Code\nEurope,FR\nEurope,PT\nEurope,RU\n",
    );
    await expect(readListCountries(bare, categories!)).rejects.toThrow(
      new UserError(
        `${bare}: joinCountries: expected \`continents\` to list every country, got none for "NA"; add it to its .json, or to continent_codes.csv`,
      ),
    );
  });

  it.each([
    ["[]", "none"],
    ["{}", "none"],
    ['["PT", 5]', "5"],
    ['"PT"', '"0"'],
  ])("refuses %s as the codes of countries", async (codes, got) => {
    const { categories } = await openGldv2(gldv2);
    const bad = join(folder, "bad-codes");
    writeCountryInfo(bad, JSON.parse(codes));
    const file = join(bad, "country_codes.json");
    await expect(readListCountries(bad, categories!)).rejects.toThrow(
      new UserError(
        `${file}: expected codes of countries such as PT or OTHER, got ${got}; mend the file, or remove it to take all .json beside it`,
      ),
    );
  });
});

describe("listSourcesOf", () => {
  it("names what a data set lacks", () => {
    const { cleanLabels, countries, ...rest } = smallData();
    expect(cleanLabels && countries).toBeDefined();
    expect(() => listSourcesOf(rest)).toThrow(
      new UserError(
        "lists: expected a data set with all tables of Google Landmarks v2 and countries, got none of train_clean.csv, train_label_to_country.csv; put them into its folder",
      ),
    );
  });

  it("prefers countries that are given", () => {
    const countries = { landmarks: smallData().countries!, codes: ["JP", "PT", "FR"] };
    const { countries: used }: ListSources = listSourcesOf(smallData(), countries);
    expect(used).toBe(countries);
  });
});

describe("list names", () => {
  it("are the original's", () => {
    expect(listNames.map(listFile)).toEqual([
      "cache_clean_list.pkl",
      "cache_c2f_list.pkl",
      "cache_full_list.pkl",
      "cache_index_train_list.pkl",
      "cache_all_list.pkl",
    ]);
    expect(classCountriesFile).toBe("gbid2country.pkl");
  });

  it("have the sizes of the paper's Table 1", () => {
    expect(listNames.map((name) => [publishedLists[name].samples, publishedLists[name].labels])).toEqual([
      [1580470, 81313],
      [3223078, 81313],
      [4132914, 203094],
      [undefined, 203094],
      [4825830, 203094],
    ]);
  });
});
