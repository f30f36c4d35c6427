import {
  addIndexImages,
  addTestImages,
  chooseGldv2x,
  createImageIds,
  createNames,
  createTrainingSet,
  expandIndex,
  foldsOfRows,
  type ImageLabels,
  listTrainingSet,
  tagClasses,
  trainingSetTables,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

function labelsOf(entries: Readonly<Record<string, number>>): ImageLabels {
  return { ids: createImageIds(Object.keys(entries)), landmarkIds: Int32Array.from(Object.values(entries)) };
}

function categoriesOf(entries: readonly (readonly [number, string])[]): {
  landmarkIds: Int32Array;
  categories: { values: string[]; codes: Int32Array };
} {
  return {
    landmarkIds: Int32Array.from(entries, ([landmarkId]) => landmarkId),
    categories: { values: entries.map(([, name]) => name), codes: Int32Array.from(entries.keys()) },
  };
}

const train = labelsOf({ a: 90, b: 20, c: 50, d: 20, e: 70, f: 50 });
const clean = labelsOf({ f: 50, d: 20 });

describe("createTrainingSet", () => {
  it("takes the cleaned list in its own order", () => {
    const set = createTrainingSet("clean", { train, clean });
    expect(set.rows).toEqual(Int32Array.of(5, 3));
    expect(set.classIds).toEqual(Int32Array.of(0, 1));
    expect(set.noisy).toEqual(Uint8Array.of(0, 0));
    expect(set.landmarkIds).toEqual(Int32Array.of(50, 20));
    expect([...set.tables].map((place) => trainingSetTables[place])).toEqual(["train", "train"]);
  });

  it("takes all images of cleaned landmarks, in the order of train", () => {
    const set = createTrainingSet("c2x", { train, clean });
    expect(set.rows).toEqual(Int32Array.of(1, 2, 3, 5));
    expect(set.classIds).toEqual(Int32Array.of(1, 0, 1, 0));
    expect(set.noisy).toEqual(Uint8Array.of(1, 1, 0, 0));
    expect(set.landmarkIds).toEqual(Int32Array.of(50, 20));
  });

  it("numbers other landmarks by their first image", () => {
    const set = createTrainingSet("trainfull", { train, clean });
    expect(set.classIds).toEqual(Int32Array.of(2, 1, 0, 1, 3, 0));
    expect(set.noisy).toEqual(Uint8Array.of(1, 1, 1, 0, 1, 0));
    expect(set.landmarkIds).toEqual(Int32Array.of(50, 20, 90, 70));
  });

  it("calls an image noisy that the cleaned list has for another landmark", () => {
    const set = createTrainingSet("trainfull", { train, clean: labelsOf({ f: 20 }) });
    expect(set.noisy).toEqual(Uint8Array.of(1, 1, 1, 1, 1, 1));
  });

  it("refuses another name, and cleaned images that train does not hold", () => {
    expect(() => createTrainingSet("all" as "clean", { train, clean })).toThrow(
      new RangeError('createTrainingSet: expected `name` to be one of clean, c2x, trainfull, got "all"'),
    );
    expect(() => createTrainingSet("c2x", { train, clean: labelsOf({ x: 20 }) })).toThrow(
      new RangeError('createTrainingSet: expected `clean` to hold images of `train`, got "x"'),
    );
  });
});

describe("addIndexImages and addTestImages", () => {
  const full = createTrainingSet("trainfull", { train, clean });
  const labels = {
    // Two landmarks of train share a category: the later row counts.
    trainCategories: categoriesOf([
      [50, "Tower"],
      [90, "Bridge"],
      [70, "Tower"],
    ]),
    indexCategories: categoriesOf([
      [0, "Bridge"],
      [1, "Tower"],
      [2, "Unseen"],
    ]),
    indexLandmarkIds: Int32Array.of(1, 2, -1, 0),
    retrieval: {
      queries: Int32Array.of(3, 0, 1, 2),
      usages: ["Public", "Ignored", "Private", "Public"] as const,
      relevant: [Int32Array.of(0, 3, 1), Int32Array.of(), Int32Array.of(1, 2), Int32Array.of(3, 3)],
    },
  };

  it("joins index images through the names of categories", () => {
    const set = addIndexImages(full, labels);
    expect(set.rows.subarray(6)).toEqual(Int32Array.of(0, 3));
    expect(set.classIds.subarray(6)).toEqual(Int32Array.of(3, 2));
    expect([...set.tables.subarray(5)]).toEqual([0, 1, 1]);
    expect([...set.noisy.subarray(6)]).toEqual([0, 0]);
    expect(set.rows.subarray(0, 6)).toEqual(full.rows);
  });

  it("gives a test image one row for each class, an ignored one -1, one of unseen categories none", () => {
    const set = addTestImages(full, labels);
    expect(set.rows.subarray(6)).toEqual(Int32Array.of(3, 3, 0, 2));
    expect(set.classIds.subarray(6)).toEqual(Int32Array.of(2, 3, -1, 2));
    expect([...set.tables.subarray(6)]).toEqual([2, 2, 2, 2]);
  });

  it("refuses an index landmark without category", () => {
    const lacking = { ...labels, indexLandmarkIds: Int32Array.of(9) };
    expect(() => addIndexImages(full, lacking)).toThrow(
      new RangeError(
        "addIndexImages: expected `indexCategories` to name every landmark of the index, got none for 9",
      ),
    );
    expect(() => addTestImages(full, lacking)).toThrow(
      new RangeError(
        "addTestImages: expected `indexCategories` to name every landmark of the index, got none for 9",
      ),
    );
  });

  it("lists ids, files and tags", () => {
    const set = addTestImages(full, labels);
    const tableOf = (ids: ImageLabels["ids"]): Parameters<typeof listTrainingSet>[1]["train"] => ({
      ids,
      paths: createNames(ids.length, (row) => `${ids.at(row)}.jpg`),
    });
    const images = { train: tableOf(train.ids), test: tableOf(createImageIds(["t0", "t1", "t2", "t3"])) };
    const tags = tagClasses(set.landmarkIds, {
      landmarkIds: Int32Array.of(20, 50, 70, 90),
      tags: { values: ["Asia", "Europe"], codes: Int32Array.of(0, 1, 1, 0) },
    });
    const list = listTrainingSet(set, images, { tags });
    expect([list.paths.at(0), list.paths.at(6), list.ids.at(8)]).toEqual(["a.jpg", "t3.jpg", "t0"]);
    expect(Array.from(list.tags.codes, (tag) => list.tags.values[tag])).toEqual([
      "Asia",
      "Asia",
      "Europe",
      "Asia",
      "Europe",
      "Europe",
      "Asia",
      "Europe",
      "null",
      "Asia",
    ]);
    expect(listTrainingSet(set, images).tags).toEqual({ values: [], codes: new Int32Array(10).fill(-1) });
    expect(() => listTrainingSet(set, { train: images.train })).toThrow(
      new RangeError("listTrainingSet: expected `images.test` to be given, got none"),
    );
    expect(() => listTrainingSet(set, images, { tags: { values: [], codes: Int32Array.of() } })).toThrow(
      new RangeError("listTrainingSet: expected `tags` to have 4 classes, got 0"),
    );
    expect(() => tagClasses(Int32Array.of(1), { landmarkIds: Int32Array.of(), tags })).toThrow(
      new RangeError("tagClasses: expected `tags` to have every landmark of a class, got none for 1"),
    );
  });
});

describe("chooseGldv2x and foldsOfRows", () => {
  it("groups rows by landmark in the order of the cleaned list, and numbers by ascending landmark id", () => {
    const { rows, classIds, landmarkIds } = chooseGldv2x(train, clean);
    expect(rows).toEqual(Int32Array.of(2, 5, 1, 3));
    expect(classIds).toEqual(Int32Array.of(1, 1, 0, 0));
    expect(landmarkIds).toEqual(Int32Array.of(20, 50));
    expect(foldsOfRows(rows, { train, clean, folds: Int32Array.of(4, 2) })).toEqual(
      Int32Array.of(-1, 4, -1, 2),
    );
  });

  it("gives no fold to an image that the cleaned list has for another landmark", () => {
    const folds = Int32Array.of(1);
    expect(foldsOfRows(Int32Array.of(5), { train, clean: labelsOf({ f: 20 }), folds })).toEqual(
      Int32Array.of(-1),
    );
  });

  it("refuses a cleaned landmark without images, and folds of another length", () => {
    expect(() => chooseGldv2x(train, labelsOf({ a: 1 }))).toThrow(
      new RangeError("chooseGldv2x: expected `clean` to hold landmarks of `train`, got landmark 1"),
    );
    expect(() => foldsOfRows(Int32Array.of(0), { train, clean, folds: Int32Array.of(1) })).toThrow(
      new RangeError("foldsOfRows: expected `folds` to have 2 elements, got 1"),
    );
  });
});

describe("expandIndex", () => {
  it("appends what is right and missing, once, and drops ignored images it lacks", () => {
    const truth = {
      queries: ["q", "r"],
      relevant: [
        ["x", "b"],
        ["y", "x"],
      ],
      ignored: [["q", "a"], ["r"]],
    };
    const { ids, relevant, ignored } = expandIndex(createImageIds(["a", "b"]), truth);
    expect([0, 1, 2, 3].map((row) => ids.at(row))).toEqual(["a", "b", "x", "y"]);
    expect(relevant).toEqual([Int32Array.of(2, 1), Int32Array.of(3, 2)]);
    expect(ignored).toEqual([Int32Array.of(0), Int32Array.of()]);
    expect(ids.length).toBe(4);
  });
});
