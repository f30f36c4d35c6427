import { cleaningGrid, selectVerified } from "@lmk/data";
import { describe, expect, it } from "vitest";

/** Rows 0 to 3 show landmark 7, rows 4 and 5 landmark 2, row 6 landmark 9. */
const labels = Int32Array.of(7, 7, 7, 7, 2, 2, 9);
const pairs = {
  rows: Int32Array.of(0, 0, 0, 1, 1, 2, 2, 3, 4, 5),
  neighbors: Int32Array.of(1, 2, 3, 0, 2, 0, 1, 0, 5, 4),
  inliers: Int32Array.of(40, 30, 5, 35, 29, 31, 30, 29, 50, 12),
};

describe("selectVerified", () => {
  it("counts pairs, then rows, then landmarks", () => {
    const { rows, report } = selectVerified(pairs, labels, { minVerified: 2 });
    expect([...rows]).toEqual([0, 2]);
    expect(report).toEqual({
      all: { images: 7, landmarks: 3, pairs: 0 },
      candidates: { images: 6, landmarks: 2, pairs: 10 },
      agreeing: { images: 4, landmarks: 2, pairs: 6 },
      verified: { images: 2, landmarks: 1, pairs: 4 },
      kept: { images: 2, landmarks: 1, pairs: 4 },
    });
  });

  it("drops a landmark with fewer rows than minImages, even if a row is verified", () => {
    const { rows, report } = selectVerified(pairs, labels, { minVerified: 1 });
    expect([...rows]).toEqual([0, 1, 2]);
    expect(report.verified).toEqual({ images: 4, landmarks: 2, pairs: 6 });
    expect(report.kept).toEqual({ images: 3, landmarks: 1, pairs: 5 });
    expect([...selectVerified(pairs, labels, { minVerified: 1, minImages: 1 }).rows]).toEqual([0, 1, 2, 4]);
    expect([...selectVerified(pairs, labels, { minVerified: 1, minImages: 4 }).rows]).toEqual([]);
  });

  it("takes each threshold as the least that counts", () => {
    expect([...selectVerified(pairs, labels, { minInliers: 29, minVerified: 2 }).rows]).toEqual([0, 1, 2]);
    expect([...selectVerified(pairs, labels, { minInliers: 5, minVerified: 3, minImages: 1 }).rows]).toEqual([
      0,
    ]);
    expect([...selectVerified(pairs, labels, { minInliers: 6, minVerified: 3, minImages: 1 }).rows]).toEqual(
      [],
    );
  });

  it("by default asks for 30 inliers, 3 pairs and 2 images, the published choice", () => {
    const inliers = Int32Array.of(30, 30, 30, 30, 30, 30, 29, 40, 40);
    const rows = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2);
    const select = { rows, neighbors: rows, inliers };
    expect([...selectVerified(select, new Int32Array(3)).rows]).toEqual([0, 1]);
    expect([...selectVerified(select, Int32Array.of(0, 1, 1)).rows]).toEqual([]);
  });

  it("counts a pair without inliers where minInliers is 0, and never a row without pairs", () => {
    const none = { rows: Int32Array.of(0), neighbors: Int32Array.of(1), inliers: Int32Array.of(0) };
    const thresholds = { minInliers: 0, minVerified: 1, minImages: 1 };
    expect([...selectVerified(none, new Int32Array(2), thresholds).rows]).toEqual([0]);
  });

  it("refuses what cannot be", () => {
    const refusal = (message: string) => new RangeError(`selectVerified: expected ${message}`);
    expect(() => selectVerified(pairs, labels, { minInliers: -1 })).toThrow(
      refusal("`minInliers` to be an integer >= 0, got -1"),
    );
    expect(() => selectVerified(pairs, labels, { minVerified: 0 })).toThrow(
      refusal("`minVerified` to be an integer >= 1, got 0"),
    );
    expect(() => selectVerified(pairs, labels, { minImages: Number.NaN })).toThrow(
      refusal("`minImages` to be an integer >= 1, got NaN"),
    );
    expect(() => selectVerified(pairs, labels.slice(0, 5))).toThrow(
      refusal("`pairs.rows` to ascend from 0 and be below 5, got 5 behind 4"),
    );
    expect(() => selectVerified({ ...pairs, inliers: new Int32Array(9) }, labels)).toThrow(
      refusal("`pairs` to have columns of one length, got 10, 10 and 9"),
    );
  });
});

describe("cleaningGrid", () => {
  it("counts what each choice keeps", () => {
    const cells = cleaningGrid(pairs, labels, { minInliers: [12, 30], minVerified: [1, 2] });
    expect(cells).toEqual([
      { minInliers: 12, minVerified: 1, images: 6, landmarks: 2 },
      { minInliers: 12, minVerified: 2, images: 3, landmarks: 1 },
      { minInliers: 30, minVerified: 1, images: 3, landmarks: 1 },
      { minInliers: 30, minVerified: 2, images: 2, landmarks: 1 },
    ]);
    for (const { minInliers, minVerified, images, landmarks } of cells) {
      const { kept } = selectVerified(pairs, labels, { minInliers, minVerified }).report;
      expect({ images, landmarks }).toEqual({ images: kept.images, landmarks: kept.landmarks });
    }
  });

  it("by default has the grid of 2019", () => {
    const cells = cleaningGrid(pairs, labels);
    expect(cells.map(({ minInliers }) => minInliers)).toEqual(
      [20, 25, 30, 35, 40, 45, 50].flatMap((value) => new Array(10).fill(value)),
    );
    expect(cells.slice(0, 10).map(({ minVerified }) => minVerified)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(cells[0].images).toBe(4);
    const one = cleaningGrid(pairs, labels, { minInliers: [20], minVerified: [1], minImages: 1 });
    expect(one).toEqual([{ minInliers: 20, minVerified: 1, images: 5, landmarks: 2 }]);
  });

  it("refuses what cannot be", () => {
    const refusal = (message: string) => new RangeError(`cleaningGrid: expected ${message}`);
    expect(() => cleaningGrid(pairs, labels, { minInliers: [20, -1] })).toThrow(
      refusal("`minInliers` to be an integer >= 0, got -1"),
    );
    expect(() => cleaningGrid(pairs, labels, { minVerified: [0] })).toThrow(
      refusal("`minVerified` to be an integer >= 1, got 0"),
    );
    expect(() => cleaningGrid(pairs, labels, { minImages: 0 })).toThrow(
      refusal("`minImages` to be an integer >= 1, got 0"),
    );
    expect(() => cleaningGrid(pairs, labels.slice(0, 5))).toThrow(
      refusal("`pairs.rows` to ascend from 0 and be below 5, got 5 behind 4"),
    );
  });
});
