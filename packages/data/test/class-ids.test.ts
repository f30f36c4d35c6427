import { assignClassIds } from "@lmk/data";
import { describe, expect, it } from "vitest";

const landmarkIds = Int32Array.of(70, 5, 70, 5, 9, 70, 12, 12);

describe("assignClassIds", () => {
  it("numbers landmarks by their rank in ascending order", () => {
    expect(assignClassIds(landmarkIds)).toEqual({
      rows: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      classIds: Int32Array.of(3, 0, 3, 0, 1, 3, 2, 2),
      landmarkIds: Int32Array.of(5, 9, 12, 70),
    });
  });

  it("keeps landmarks with enough images", () => {
    const classes = assignClassIds(landmarkIds, { leastFrequency: 2 });
    expect(classes.landmarkIds).toEqual(Int32Array.of(5, 12, 70));
    expect(classes.rows).toEqual(Int32Array.of(0, 1, 2, 3, 5, 6, 7));
    expect(classes.classIds).toEqual(Int32Array.of(2, 0, 2, 0, 2, 1, 1));
  });

  it("keeps the most frequent landmarks, of equal ones the smaller id, before it looks at leastFrequency", () => {
    expect(assignClassIds(landmarkIds, { classTopK: 2 }).landmarkIds).toEqual(Int32Array.of(5, 70));
    expect(assignClassIds(Int32Array.of(8, 8, 4, 4, 6), { classTopK: 1 }).landmarkIds).toEqual(
      Int32Array.of(4),
    );
    expect(assignClassIds(landmarkIds, { classTopK: 9, leastFrequency: 3 }).landmarkIds).toHaveLength(4);
  });

  it("counts and keeps only the rows it is given, in their order", () => {
    const classes = assignClassIds(landmarkIds, { rows: Int32Array.of(7, 4, 0), leastFrequency: 1 });
    expect(classes).toEqual({
      rows: Int32Array.of(7, 4, 0),
      classIds: Int32Array.of(1, 0, 2),
      landmarkIds: Int32Array.of(9, 12, 70),
    });
  });

  it("limits the images of a class by a seeded draw", () => {
    const many = new Int32Array(100).fill(3);
    many[50] = 8;
    const kept = assignClassIds(many, { limitPerClass: 10, seed: 1 });
    expect(kept.rows).toHaveLength(11);
    expect([...kept.rows]).toEqual([...kept.rows].sort((a, b) => a - b));
    expect(kept.rows).toContain(50);
    expect(assignClassIds(many, { limitPerClass: 10, seed: 1 })).toEqual(kept);
    expect(assignClassIds(many, { limitPerClass: 10, seed: 2 })).not.toEqual(kept);
  });

  it("leaves its input as it was", () => {
    const rows = Int32Array.of(7, 0);
    assignClassIds(landmarkIds, { rows, limitPerClass: 1 });
    expect(rows).toEqual(Int32Array.of(7, 0));
    expect(landmarkIds[0]).toBe(70);
  });

  it("refuses numbers that cannot be", () => {
    expect(() => assignClassIds(landmarkIds, { classTopK: 0 })).toThrow(
      new RangeError("assignClassIds: expected `classTopK` to be an integer >= 1, got 0"),
    );
    expect(() => assignClassIds(landmarkIds, { leastFrequency: 0.5 })).toThrow(
      new RangeError("assignClassIds: expected `leastFrequency` to be an integer >= 1, got 0.5"),
    );
    expect(() => assignClassIds(landmarkIds, { limitPerClass: -1 })).toThrow(
      new RangeError("assignClassIds: expected `limitPerClass` to be an integer >= 1, got -1"),
    );
    expect(() => assignClassIds(landmarkIds, { seed: -1 })).toThrow(
      new RangeError("assignClassIds: expected `seed` to be an integer >= 0, got -1"),
    );
    expect(() => assignClassIds(landmarkIds, { rows: Int32Array.of(8) })).toThrow(
      new RangeError("assignClassIds: expected `rows` to be an integer from 0 to 7, got 8"),
    );
  });
});
