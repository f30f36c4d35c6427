import { holdOutFold, labelTestImages, matchedIndexRows } from "@lmk/data";
import { describe, expect, it } from "vitest";

describe("holdOutFold", () => {
  it("trains on other folds and on rows without one, validates on each so many of the fold", () => {
    const folds = Int32Array.of(1, -1, 0, 1, 1, 0, -1, 1);
    expect(holdOutFold(folds, { fold: 1, every: 3 })).toEqual({
      train: Int32Array.of(1, 2, 5, 6),
      validation: Int32Array.of(0, 7),
    });
  });

  it("validates on every 15th where nothing else is said", () => {
    const { train, validation } = holdOutFold(new Int32Array(31), { fold: 0 });
    expect([train.length, ...validation]).toEqual([0, 0, 15, 30]);
  });

  it("refuses numbers out of range", () => {
    expect(() => holdOutFold(Int32Array.of(0), { fold: -1 })).toThrow(
      new RangeError("holdOutFold: expected `fold` to be an integer >= 0, got -1"),
    );
    expect(() => holdOutFold(Int32Array.of(0), { fold: 0, every: 0 })).toThrow(
      new RangeError("holdOutFold: expected `every` to be an integer >= 1, got 0"),
    );
  });
});

describe("labelTestImages", () => {
  it("takes the first landmark, the number of classes for none, -1 for one outside", () => {
    const recognition = {
      queries: Int32Array.of(7, 8, 9, 3),
      landmarkIds: [Int32Array.of(50, 20), Int32Array.of(), Int32Array.of(1, 20), Int32Array.of(20)],
    };
    expect(labelTestImages(recognition, Int32Array.of(20, 50))).toEqual({
      rows: Int32Array.of(7, 8, 9, 3),
      classIds: Int32Array.of(1, 2, -1, 0),
    });
    expect(() => labelTestImages({ ...recognition, landmarkIds: [] }, Int32Array.of(20))).toThrow(
      new RangeError("labelTestImages: expected `recognition.landmarkIds` to have 4 elements, got 0"),
    );
  });
});

describe("matchedIndexRows", () => {
  it("gives each row that is right for a query once, ascending", () => {
    const relevant = [Int32Array.of(10, 9), Int32Array.of(), Int32Array.of(9, 100)];
    expect(matchedIndexRows({ relevant })).toEqual(Int32Array.of(9, 10, 100));
    expect(matchedIndexRows({ relevant: [] })).toEqual(Int32Array.of());
  });
});
