import { fileURLToPath } from "node:url";
import {
  addIndexImages,
  addTestImages,
  createNames,
  createTrainingSet,
  gldv2ImagePath,
  type ImageIds,
  type ImageList,
  type ImageTable,
  joinCountries,
  listTrainingSet,
  readClassCountriesPickle,
  readContinentsCsv,
  readCountryFolder,
  readImageIdsCsv,
  readImageListPickle,
  readLandmarkCategoriesCsv,
  readRetrievalSolutionCsv,
  readTrainCleanCsv,
  readTrainCsv,
  type Split,
  tagClasses,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

const golden = fileURLToPath(new URL("golden/", import.meta.url));
const root = `${golden}gldv2`;

const train = await readTrainCsv(`${root}/train/train.csv`);
const clean = await readTrainCleanCsv(`${root}/train/train_clean.csv`, { train });
const trainCategories = await readLandmarkCategoriesCsv(`${root}/train/train_label_to_category.csv`);
// Taken as the index table, this file gives the published order.
const index = await readTrainCsv(`${root}/index/index_image_to_landmark.csv`);
const indexCategories = await readLandmarkCategoriesCsv(`${root}/index/index_label_to_category.csv`);
const test = await readImageIdsCsv(`${root}/test/test.csv`);
const retrieval = await readRetrievalSolutionCsv(`${root}/test/retrieval_solution_v2.1.csv`, {
  test,
  index: index.ids,
});
const labels = { indexLandmarkIds: index.landmarkIds, indexCategories, trainCategories, retrieval };
const images = {
  train: tableOf("train", train.ids),
  index: tableOf("index", index.ids),
  test: tableOf("test", test),
};

const full = createTrainingSet("trainfull", { train, clean });
const withIndex = addIndexImages(full, labels);
const all = addTestImages(withIndex, labels);

function tableOf(split: Split, ids: ImageIds): ImageTable {
  return { ids, paths: createNames(ids.length, (row) => gldv2ImagePath("gldv2", split, ids.at(row))) };
}

function rowsOf(list: ImageList): unknown[][] {
  return Array.from({ length: list.length }, (_, row) => [
    list.paths.at(row),
    list.ids.at(row),
    list.classIds[row],
    list.noisy[row],
    list.tags.codes[row] < 0 ? -1 : list.tags.values[list.tags.codes[row]],
  ]);
}

/** The published list, with the classes of an image that stands in several rows in ascending order. */
async function publishedRows(name: string): Promise<unknown[][]> {
  const rows = rowsOf(await readImageListPickle(`${golden}lists/cache_${name}_list.pkl`));
  for (let end = 1, start = 0; end <= rows.length; end++) {
    if (end < rows.length && rows[end][0] === rows[start][0]) continue;
    const sorted = rows.slice(start, end).sort((a, b) => Number(a[2]) - Number(b[2]));
    rows.splice(start, end - start, ...sorted);
    start = end;
  }
  return rows;
}

describe("the lists of the 2021 retrieval challenge's second place, as its own generator makes them", () => {
  it.each(["clean", "c2x"] as const)("%s", async (name) => {
    const set = createTrainingSet(name, { train, clean });
    const published = await publishedRows(name === "c2x" ? "c2f" : name);
    expect(rowsOf(listTrainingSet(set, images))).toEqual(published);
    expect(set.landmarkIds.length).toBe(8);
  });

  it("trainfull", async () => {
    expect(rowsOf(listTrainingSet(full, images))).toEqual(await publishedRows("full"));
    expect([...new Set(full.noisy)].sort()).toEqual([0, 1]);
    expect(full.landmarkIds.length).toBe(14);
  });

  it("index_train", async () => {
    expect(rowsOf(listTrainingSet(withIndex, images))).toEqual(await publishedRows("index_train"));
    expect(withIndex.length - full.length).toBeLessThan(index.ids.length);
  });

  it("all, with continents, images of several classes and images of none", async () => {
    const countries = await readCountryFolder(`${root}/train/country`, {
      codes: ["FR", "NA", "OTHER", "RU", "XK", "PT"],
    });
    const continents = await readContinentsCsv(`${root}/continent_codes.csv`);
    const byLandmark = joinCountries({ categories: trainCategories, countries, continents });
    const tags = tagClasses(all.landmarkIds, {
      landmarkIds: byLandmark.landmarkIds,
      tags: byLandmark.continents,
    });
    const list = listTrainingSet(all, images, { tags });
    const published = await publishedRows("all");
    expect(rowsOf(list)).toEqual(published);
    expect(new Set(list.tags.values)).toEqual(new Set(["Europe", "Africa", "OTHER", "Asia", "null"]));
    const tested = [...all.rows.keys()].filter((row) => all.tables[row] === 2);
    expect(tested.filter((row) => all.classIds[row] === -1).length).toBe(5);
    expect(new Set(tested.map((row) => all.rows[row])).size).toBeLessThan(tested.length);
  });

  it("gbid2country.pkl", async () => {
    const codes = ["FR", "NA", "OTHER", "RU", "XK", "PT"];
    const countries = await readCountryFolder(`${root}/train/country`, { codes });
    const continents = await readContinentsCsv(`${root}/continent_codes.csv`);
    const byLandmark = joinCountries({ categories: trainCategories, countries, continents });
    const tags = tagClasses(full.landmarkIds, {
      landmarkIds: byLandmark.landmarkIds,
      tags: byLandmark.countries,
    });
    const published = await readClassCountriesPickle(`${golden}lists/gbid2country.pkl`);
    expect(Array.from(tags.codes, (code) => tags.values[code])).toEqual(
      Array.from(published, (number) => codes[number]),
    );
    expect(new Set(published)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
