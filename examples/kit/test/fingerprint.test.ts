import { createImageIds, createNames, type Gldv2 } from "@lmk/data";
import { fingerprintOf } from "@lmk-example/kit";
import { expect, it } from "vitest";

function tableOf(folder: string, ...names: string[]) {
  return { ids: createImageIds(names), paths: createNames(names.length, (row) => `${folder}/${names[row]}`) };
}

const landmarkIds = Int32Array.of(5, 6);
const categories = { landmarkIds, categories: { values: ["Abbey", "Bridge"], codes: Int32Array.of(0, 1) } };

function dataIn(folder = "."): Gldv2 {
  return {
    train: { ...tableOf(folder, "a", "b"), landmarkIds },
    index: tableOf(folder, "c", "d"),
    test: tableOf(folder, "e", "f"),
    clean: Int32Array.of(0),
    cleanLabels: { ids: createImageIds(["a", "b"]), landmarkIds },
    retrieval: {
      queries: Int32Array.of(0, 1),
      usages: ["Public", "Private"],
      relevant: [Int32Array.of(0), Int32Array.of(0, 1)],
    },
    recognition: {
      queries: Int32Array.of(0, 1),
      usages: ["Public", "Private"],
      landmarkIds: [Int32Array.of(5), Int32Array.of()],
    },
    landmarkNames: new Map(),
    categories,
    indexCategories: categories,
    indexLandmarkIds: Int32Array.of(5, -1),
    countries: {
      landmarkIds,
      countries: { values: ["PT"], codes: Int32Array.of(0, 0) },
      continents: { values: ["Europe"], codes: Int32Array.of(0, 0) },
    },
    hierarchy: undefined,
  };
}

const data = dataIn();
const { train, retrieval, recognition, cleanLabels, countries } = data;

it("is that of the same tables in another folder, whatever `landmarkNames` holds", () => {
  expect(fingerprintOf(data)).toMatch(/^[0-9a-f]{12}$/);
  expect(fingerprintOf({ ...dataIn("elsewhere"), landmarkNames: new Map([[5, "Abbey"]]) })).toBe(
    fingerprintOf(data),
  );
});

const changes: Readonly<Record<string, Partial<Gldv2>>> = {
  "an id": { test: tableOf(".", "e", "g") },
  "a label": { train: { ...train, landmarkIds: Int32Array.of(5, 5) } },
  "the cleaned list": { clean: undefined },
  "the order of the cleaned list": { cleanLabels: { ...cleanLabels!, ids: createImageIds(["b", "a"]) } },
  "what is right for a query": {
    retrieval: { ...retrieval!, relevant: [Int32Array.of(0, 0), Int32Array.of(1)] },
  },
  "who counts": { retrieval: { ...retrieval!, usages: ["Public", "Ignored"] } },
  "the landmarks of a query": {
    recognition: { ...recognition!, landmarkIds: [Int32Array.of(5), Int32Array.of(6)] },
  },
  "a category": {
    categories: { ...categories, categories: { ...categories.categories, values: ["Abbey", "Tower"] } },
  },
  "a category of the index": { indexCategories: { ...categories, landmarkIds: Int32Array.of(6, 5) } },
  "a landmark of the index": { indexLandmarkIds: Int32Array.of(5, 6) },
  "a country": { countries: { ...countries!, countries: { values: ["ES"], codes: Int32Array.of(0, 0) } } },
};

it.each(Object.keys(changes))("changes with %s", (name) => {
  expect(fingerprintOf({ ...data, ...changes[name] })).not.toBe(fingerprintOf(data));
});

it("looks at the numbers of an array alone, not at the memory that it is a part of", () => {
  const parts = Int32Array.of(9, 5, 6, 9).subarray(1, 3);
  expect(fingerprintOf({ ...data, train: { ...train, landmarkIds: parts } })).toBe(fingerprintOf(data));
});
