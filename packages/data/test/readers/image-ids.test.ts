import { createImageIds, createNames } from "@lmk/data";
import { describe, expect, it } from "vitest";

describe("createImageIds", () => {
  it("goes from row to id and back", () => {
    const ids = createImageIds(["x", "y"]);
    expect([ids.length, ids.at(1), ids.rowOf("x"), ids.rowOf("z")]).toEqual([2, "y", 0, -1]);
  });

  it("refuses an id that comes twice", () => {
    expect(() => createImageIds(["x", "y", "x"])).toThrow(
      new RangeError('createImageIds: expected `ids` to differ, got "x" in rows 0 and 2'),
    );
  });
});

describe("createNames", () => {
  it("computes names when they are asked for", () => {
    const asked: number[] = [];
    const names = createNames(3, (row) => {
      asked.push(row);
      return `n${row}`;
    });
    expect([names.length, names.at(2), asked]).toEqual([3, "n2", [2]]);
  });

  it("refuses rows and lengths that cannot be", () => {
    expect(() => createNames(-1, String)).toThrow(
      new RangeError("createNames: expected `length` to be an integer >= 0, got -1"),
    );
    expect(() => createNames(2, String).at(2)).toThrow(
      new RangeError("at: expected `row` to be an integer from 0 to 1, got 2"),
    );
  });
});
