import { mergeVerifiedPairs } from "@lmk/data";
import { describe, expect, it } from "vitest";

function pairs(rows: readonly number[], neighbors: readonly number[] = rows) {
  return {
    rows: Int32Array.from(rows),
    neighbors: Int32Array.from(neighbors),
    inliers: Int32Array.from(rows, (row) => 10 * row),
  };
}

describe("mergeVerifiedPairs", () => {
  it("joins parts in any order, by row", () => {
    expect(mergeVerifiedPairs([pairs([7, 9]), pairs([]), pairs([0, 0, 4]), pairs([5])])).toEqual(
      pairs([0, 0, 4, 5, 7, 9]),
    );
    expect(mergeVerifiedPairs([])).toEqual(pairs([]));
  });

  it("refuses parts that overlap, ragged columns and rows out of order", () => {
    expect(() => mergeVerifiedPairs([pairs([3, 4]), pairs([0, 3])])).toThrow(
      new RangeError("mergeVerifiedPairs: expected `parts` not to overlap, got row 3 behind row 3"),
    );
    expect(() => mergeVerifiedPairs([pairs([3], [])])).toThrow(
      new RangeError("mergeVerifiedPairs: expected `pairs` to have columns of one length, got 1, 0 and 1"),
    );
    expect(() => mergeVerifiedPairs([pairs([3, 2])])).toThrow(
      new RangeError("mergeVerifiedPairs: expected `pairs.rows` to ascend from 0, got 2 behind 3"),
    );
    expect(() => mergeVerifiedPairs([pairs([-1])])).toThrow(
      new RangeError("mergeVerifiedPairs: expected `pairs.rows` to ascend from 0, got -1 behind 0"),
    );
  });
});
