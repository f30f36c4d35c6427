import { rankingsFromNeighbors, rankQueries } from "@lmk/eval";
import { describe, expect, it } from "vitest";

describe("rankingsFromNeighbors", () => {
  it("gives one view per query, cut at the first -1", () => {
    const ids = Int32Array.of(2, 0, 1, 1, 0, -1, -1, -1, -1);
    const lists = rankingsFromNeighbors({ ids, scores: new Float32Array(9), rows: 3, k: 3 });
    expect(lists.map((list) => [...list])).toEqual([[2, 0, 1], [1, 0], []]);
    expect(lists.every((list) => list.buffer === ids.buffer)).toBe(true);
  });

  it("refuses arrays of another size", () => {
    const neighbors = { ids: new Int32Array(5), scores: new Float32Array(5), rows: 2, k: 3 };
    expect(() => rankingsFromNeighbors(neighbors)).toThrow(
      new RangeError("rankingsFromNeighbors: expected `neighbors.ids` to hold 2 x 3 = 6 ids, got 5"),
    );
  });
});

describe("rankQueries", () => {
  it("orders best first, equal values by query number, and leaves NaN out", () => {
    expect([...rankQueries(Float64Array.of(0.5, Number.NaN, 1, 0.5, 0))]).toEqual([2, 0, 3, 4]);
    expect([...rankQueries([])]).toEqual([]);
  });
});
