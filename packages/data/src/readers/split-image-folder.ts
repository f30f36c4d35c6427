import { createRandom, shuffleInPlace } from "../random.ts";
import { requireBetween, requireInteger } from "../require.ts";
import type { ImageFolder } from "./image-folder.ts";
import { createImageIds, createNames } from "./image-ids.ts";
import type { ImageTable, LandmarkData, Usage } from "./landmark-data.ts";

/** Options of {@link splitImageFolder}. */
export interface SplitImageFolderOptions {
  /**
   * Chooses which images go where.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /**
   * The share of each place's images to train on, from 0 to 1.
   *
   * @defaultValue 0.5
   */
  readonly trainShare?: number;
  /**
   * The share of each place's images to search with, from 0 to 1; with `trainShare` at most 1. What is
   * left is the index.
   *
   * @defaultValue 0.15
   */
  readonly testShare?: number;
  /**
   * The share of the queries that count as Public, from 0 to 1; the others are Private.
   *
   * @defaultValue 1/3, as in the 2019 challenge (379 Public, 750 Private)
   */
  readonly publicShare?: number;
}

/**
 * Divides a folder of photographs into train, index and test images with solutions, place by place, so
 * that it is used like Google Landmarks.
 *
 * Of a place's `n` images, in a random order, `round(n * testShare)` but at least one are test images,
 * `round(n * trainShare)` but at least one train images, and the rest, at least one, the index. With two
 * images there is one index and one test image and none to train on; a single image goes into the index.
 * Each split keeps the order of the folder. A place's images are divided the same whatever other places
 * there are.
 *
 * The right answers of a query are its place's index images (retrieval) and its place (recognition; none
 * where no train image shows it, as such a query cannot be recognized).
 *
 * @param folder - The photographs.
 * @returns Tables of the same shape as those of Google Landmarks; `clean` is `undefined`, and
 * `landmarkNames` has the places.
 * @throws RangeError if a share is not from 0 to 1, or train and test together exceed 1, or `seed` is not
 * an integer of at least 0.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { readImageFolder, splitImageFolder } from "@lmk/data";
 *
 * mkdirSync("places/tower", { recursive: true });
 * for (let i = 0; i < 10; i++) writeFileSync(`places/tower/${i}.jpg`, "");
 * const { train, index, test } = splitImageFolder(readImageFolder("places"), { seed: 1 });
 * console.log(train.ids.length, index.ids.length, test.ids.length); // => 5 3 2
 * ```
 */
export function splitImageFolder(folder: ImageFolder, options: SplitImageFolderOptions = {}): LandmarkData {
  const { seed = 0, trainShare = 0.5, testShare = 0.15, publicShare = 1 / 3 } = options;
  requireInteger("splitImageFolder", "seed", seed, 0);
  requireBetween("splitImageFolder", "trainShare", trainShare, 0, 1);
  requireBetween("splitImageFolder", "testShare", testShare, 0, 1);
  // The sum is compared, because 1 - 0.8 is a little less than 0.2.
  if (trainShare + testShare > 1) {
    requireBetween("splitImageFolder", "testShare", testShare, 0, 1 - trainShare);
  }
  requireBetween("splitImageFolder", "publicShare", publicShare, 0, 1);

  const rowsOfPlace = groupRows(folder);
  const train: number[] = [];
  const index: number[] = [];
  const test: number[] = [];
  const isTrained = rowsOfPlace.map((rows, place) => {
    const counts = countsOf(rows.length, trainShare, testShare);
    const order = Int32Array.from(rows);
    shuffleInPlace(order, createRandom(seed, hashOf(folder.places[place])));
    for (const row of order.subarray(0, counts.test)) test.push(row);
    for (const row of order.subarray(counts.test, counts.test + counts.train)) train.push(row);
    for (const row of order.subarray(counts.test + counts.train)) index.push(row);
    return counts.train > 0;
  });
  for (const rows of [train, index, test]) rows.sort((a, b) => a - b);

  const indexRowsOfPlace = rowsOfPlace.map((): number[] => []);
  for (const [row, source] of index.entries()) indexRowsOfPlace[folder.landmarkIds[source]].push(row);
  const placeOfQuery = test.map((source) => folder.landmarkIds[source]);
  const solution = {
    queries: Int32Array.from(test.keys()),
    usages: drawUsages(test.length, publicShare, seed),
  };
  return {
    train: {
      ...selectRows(folder, train),
      landmarkIds: Int32Array.from(train, (row) => folder.landmarkIds[row]),
    },
    index: selectRows(folder, index),
    test: selectRows(folder, test),
    clean: undefined,
    retrieval: {
      ...solution,
      relevant: placeOfQuery.map((place) => Int32Array.from(indexRowsOfPlace[place])),
    },
    recognition: {
      ...solution,
      landmarkIds: placeOfQuery.map((place) => Int32Array.from(isTrained[place] ? [place] : [])),
    },
    landmarkNames: new Map(folder.places.entries()),
  };
}

function groupRows(folder: ImageFolder): readonly (readonly number[])[] {
  const groups = folder.places.map((): number[] => []);
  for (const [row, place] of folder.landmarkIds.entries()) groups[place].push(row);
  return groups;
}

function countsOf(images: number, trainShare: number, testShare: number): { train: number; test: number } {
  if (images < 2) return { train: 0, test: 0 };
  if (images === 2) return { train: 0, test: 1 };
  const test = Math.min(Math.max(1, Math.round(images * testShare)), images - 2);
  const train = Math.min(Math.max(1, Math.round(images * trainShare)), images - test - 1);
  return { train, test };
}

/** Exactly the rounded share is Public, so that neither board is empty by bad luck. */
function drawUsages(count: number, publicShare: number, seed: number): readonly Usage[] {
  const order = Int32Array.from({ length: count }, (_, query) => query);
  shuffleInPlace(order, createRandom(seed, count));
  const usages = new Array<Usage>(count).fill("Private");
  for (const query of order.subarray(0, Math.round(count * publicShare))) usages[query] = "Public";
  return usages;
}

function selectRows(folder: ImageFolder, rows: readonly number[]): ImageTable {
  return {
    ids: createImageIds(rows.map((row) => folder.ids.at(row))),
    paths: createNames(rows.length, (row) => folder.paths.at(rows[row])),
  };
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
