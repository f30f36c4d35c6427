import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeClassCountriesPickle, writeImageListPickle } from "@lmk/data";
import type { ReportTable } from "@lmk-example/kit";
import { classCountries } from "./list-countries.ts";
import { classCountriesFile, type ListName, listFile, listNames, publishedLists } from "./list-names.ts";
import type { ListSources } from "./list-sources.ts";
import { trainingList } from "./training-lists.ts";

/** How large a list is. */
export interface ListSize {
  /** The rows with a class. */
  readonly samples: number;
  readonly labels: number;
  /** The rows of images without a landmark. */
  readonly withoutLandmark: number;
}

/**
 * Writes all lists and the country of each class into a folder, by the original's names; files of these names are replaced.
 *
 * The original's generator also leaves `train_info.pkl`, `index_info.pkl` and `cache_test_list.pkl`; neither its training
 * nor its re-ranking reads them, and they are not made.
 *
 * @param folder - The folder; it is made if there is none.
 * @param onFile - Called with each file once it is written.
 */
export async function writeLists(
  folder: string,
  sources: ListSources,
  onFile: (file: string) => void,
): Promise<Readonly<Record<ListName, ListSize>>> {
  await mkdir(folder, { recursive: true });
  const sizes = new Map<ListName, ListSize>();
  for (const name of listNames) {
    const { set, list } = trainingList(name, sources);
    const file = join(folder, listFile(name));
    await writeImageListPickle(file, list);
    onFile(file);
    const withoutLandmark = set.classIds.reduce((count, classId) => count + (classId < 0 ? 1 : 0), 0);
    sizes.set(name, {
      samples: set.length - withoutLandmark,
      labels: set.landmarkIds.length,
      withoutLandmark,
    });
    if (name !== "all") continue;
    const countries = join(folder, classCountriesFile);
    await writeClassCountriesPickle(countries, classCountries(set.landmarkIds, sources.countries).numbers);
    onFile(countries);
  }
  return Object.fromEntries(sizes) as Record<ListName, ListSize>;
}

/** The sizes of the lists beside those of the paper's Table 1. */
export function sizesTable(sizes: Readonly<Record<ListName, ListSize>>): ReportTable {
  return {
    title: "Lists",
    columns: [
      { title: "list" },
      { title: "for", align: "left" },
      { title: "samples", decimals: 0 },
      { title: "labels", decimals: 0 },
      { title: "no landmark", decimals: 0 },
      { title: "samples", group: "paper", decimals: 0 },
      { title: "labels", group: "paper", decimals: 0 },
    ],
    rows: listNames.map((name) => {
      const { samples, labels, withoutLandmark } = sizes[name];
      const paper = publishedLists[name];
      return [name, paper.use, samples, labels, withoutLandmark, paper.samples, paper.labels];
    }),
  };
}
