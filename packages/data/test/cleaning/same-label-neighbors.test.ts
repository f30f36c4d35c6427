import { sameLabelNeighbors } from "@lmk/data";
import { describe, expect, it } from "vitest";

const labels = Int32Array.of(5, 5, 9, 5, 9, 7);

function neighborsOf(lists: readonly (readonly number[])[]) {
  const k = lists[0]?.length ?? 0;
  const ids = Int32Array.from(lists.flat());
  return { ids, scores: new Float32Array(ids.length), rows: lists.length, k };
}

function listsOf({ starts, neighbors }: ReturnType<typeof sameLabelNeighbors>): number[][] {
  return Array.from({ length: starts.length - 1 }, (_, i) => [
    ...neighbors.subarray(starts[i], starts[i + 1]),
  ]);
}

describe("sameLabelNeighbors", () => {
  it("lists the near rows of the same label, best first, without the row's own entry", () => {
    const neighbors = neighborsOf([
      [0, 2, 3, 1],
      [4, 0, 2, 1],
      [5, 0, 1, 2],
    ]);
    const found = sameLabelNeighbors(Int32Array.of(0, 4, 5), neighbors, labels);
    expect(found).toEqual({
      rows: Int32Array.of(0, 4, 5),
      starts: Int32Array.of(0, 2, 3, 3),
      neighbors: Int32Array.of(3, 1, 2),
    });
  });

  it("drops the first entry of a list, whatever it is, as the published code does", () => {
    const neighbors = neighborsOf([
      [3, 0, 1],
      [3, 1, 2],
      [1, 2, 4],
    ]);
    const rows = Int32Array.of(0, 0, 0);
    expect(listsOf(sameLabelNeighbors(rows, neighbors, labels))).toEqual([[0, 1], [1], []]);
    expect(listsOf(sameLabelNeighbors(rows, neighbors, labels, { ownEntry: "itself" }))).toEqual([
      [3, 1],
      [3, 1],
      [1],
    ]);
  });

  it("stops at maxSameLabel entries, the own one among them", () => {
    const same = new Int32Array(6);
    const neighbors = neighborsOf([[2, 0, 1, 3, 4, 5]]);
    const row = Int32Array.of(2);
    expect(listsOf(sameLabelNeighbors(row, neighbors, same, { maxSameLabel: 3 }))).toEqual([[0, 1]]);
    const late = neighborsOf([[0, 1, 3, 4, 5, 2]]);
    const itself = { maxSameLabel: 3, ownEntry: "itself" } as const;
    expect(listsOf(sameLabelNeighbors(row, late, same, itself))).toEqual([[0, 1]]);
    expect(listsOf(sameLabelNeighbors(row, late, same, { ...itself, maxSameLabel: 7 }))).toEqual([
      [0, 1, 3, 4, 5],
    ]);
  });

  it("looks at k neighbors, and at all where there are fewer", () => {
    const neighbors = neighborsOf([[0, 2, 3, 1]]);
    const row = Int32Array.of(0);
    expect(listsOf(sameLabelNeighbors(row, neighbors, labels, { k: 3 }))).toEqual([[3]]);
    expect(listsOf(sameLabelNeighbors(row, neighbors, labels, { k: 1 }))).toEqual([[]]);
    expect(listsOf(sameLabelNeighbors(row, neighbors, labels, { k: 5 }))).toEqual([[3, 1]]);
  });

  it("by default looks at 1000 neighbors, and keeps 100", () => {
    const many = new Int32Array(3000);
    many.fill(1, 1, 995);
    const ids = Array.from({ length: 1200 }, (_, i) => i);
    const row = Int32Array.of(0);
    const found = listsOf(sameLabelNeighbors(row, neighborsOf([ids]), many));
    expect(found).toEqual([[995, 996, 997, 998, 999]]);
    const all = listsOf(sameLabelNeighbors(row, neighborsOf([ids]), new Int32Array(3000)));
    expect(all).toEqual([Array.from({ length: 99 }, (_, i) => i + 1)]);
  });

  it("passes over ids of -1, and does not look at scores", () => {
    const neighbors = neighborsOf([[0, -1, 3, -1]]);
    neighbors.scores.fill(Number.NaN);
    expect(listsOf(sameLabelNeighbors(Int32Array.of(0), neighbors, labels))).toEqual([[3]]);
    expect(listsOf(sameLabelNeighbors(Int32Array.of(0), neighborsOf([[-1, -1]]), labels))).toEqual([[]]);
  });

  it("takes no rows gladly", () => {
    const found = sameLabelNeighbors(new Int32Array(0), neighborsOf([]), labels);
    expect(found.starts).toEqual(Int32Array.of(0));
    expect(found.neighbors).toHaveLength(0);
  });

  it("refuses what cannot be", () => {
    const neighbors = neighborsOf([[0, 6]]);
    const row = Int32Array.of(0);
    const refusal = (message: string) => new RangeError(`sameLabelNeighbors: expected ${message}`);
    expect(() => sameLabelNeighbors(row, neighbors, labels)).toThrow(
      refusal("`neighbors.ids` to be an integer from 0 to 5, got 6"),
    );
    expect(() => sameLabelNeighbors(row, neighborsOf([[0, -2]]), labels)).toThrow(
      refusal("`neighbors.ids` to be an integer from 0 to 5, got -2"),
    );
    expect(() => sameLabelNeighbors(Int32Array.of(6), neighborsOf([[0]]), labels)).toThrow(
      refusal("`rows` to be an integer from 0 to 5, got 6"),
    );
    expect(() => sameLabelNeighbors(Int32Array.of(0, 1), neighbors, labels)).toThrow(
      refusal("`neighbors` to have 2 rows, got 1"),
    );
    expect(() => sameLabelNeighbors(row, { ...neighbors, k: 3 }, labels)).toThrow(
      refusal("`neighbors.ids` to have 3 elements, got 2"),
    );
    expect(() => sameLabelNeighbors(row, neighbors, labels, { k: 0 })).toThrow(
      refusal("`k` to be an integer >= 1, got 0"),
    );
    expect(() => sameLabelNeighbors(row, neighbors, labels, { maxSameLabel: 1 })).toThrow(
      refusal("`maxSameLabel` to be an integer >= 2, got 1"),
    );
    expect(() => sameLabelNeighbors(row, neighbors, labels, { ownEntry: "none" as "first" })).toThrow(
      refusal('`ownEntry` to be one of first, itself, got "none"'),
    );
  });
});
