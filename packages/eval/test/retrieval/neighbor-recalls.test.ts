import { meanOverQueries, type Neighbors, neighborRecalls } from "@lmk/eval";
import { describe, expect, it } from "vitest";

function neighbors(ids: readonly (readonly number[])[], scores?: readonly (readonly number[])[]): Neighbors {
  const k = ids[0]?.length ?? 1;
  const flat = Int32Array.from(ids.flat());
  const values = scores?.flat() ?? [...flat].map((_, i) => 1 - (i % k) / 10);
  return { ids: flat, scores: Float32Array.from(values), rows: ids.length, k };
}

describe("neighborRecalls", () => {
  const truth = neighbors([
    [1, 2, 3],
    [4, 5, 6],
    [7, -1, -1],
    [-1, -1, -1],
  ]);
  const found = neighbors([
    [3, 1, 9],
    [4, 4, 4],
    [8, 7, 6],
    [1, 2, 3],
  ]);

  it("is the share of the true neighbors that are found, NaN where there are none", () => {
    expect([...neighborRecalls(found, truth)]).toEqual([2 / 3, 1 / 3, 1, Number.NaN]);
    expect(meanOverQueries(neighborRecalls(found, truth))).toBeCloseTo(2 / 3, 12);
  });

  it("looks at the first k, or at more of what was found", () => {
    expect([...neighborRecalls(found, truth, { k: 1 })]).toEqual([0, 1, 0, Number.NaN]);
    expect([...neighborRecalls(found, truth, { k: 1, depth: 2 })]).toEqual([1, 1, 1, Number.NaN]);
    expect([...neighborRecalls(found, truth, { depth: 1 })]).toEqual([1 / 3, 1 / 3, 0, Number.NaN]);
    expect([...neighborRecalls(found, truth, { depth: 50 })]).toEqual([2 / 3, 1 / 3, 1, Number.NaN]);
  });

  it("by score counts any neighbor that is as near as the k-th true one", () => {
    const exact = neighbors([[1, 2]], [[0.9, 0.75]]);
    const other = neighbors([[5, 6]], [[0.75, 0.5]]);
    expect([...neighborRecalls(other, exact)]).toEqual([0]);
    expect([...neighborRecalls(other, exact, { scoreTolerance: 0 })]).toEqual([0.5]);
    expect([...neighborRecalls(other, exact, { scoreTolerance: 0.25 })]).toEqual([1]);
    expect([...neighborRecalls(other, exact, { scoreTolerance: 0.25, k: 1, depth: 2 })]).toEqual([1]);
    expect([...neighborRecalls(neighbors([[5, 5]], [[0.9, 0.9]]), exact, { scoreTolerance: 0 })]).toEqual([
      0.5,
    ]);
  });

  it("has no queries for none", () => {
    expect(neighborRecalls(neighbors([]), neighbors([]))).toEqual(new Float64Array(0));
  });

  it("refuses other sizes and options out of range", () => {
    expect(() => neighborRecalls(found, neighbors([[1]]))).toThrow(
      new RangeError("neighborRecalls: expected `found` and `truth` to have the same rows, got 4 and 1"),
    );
    expect(() => neighborRecalls(found, { ...truth, k: 2 })).toThrow(
      new RangeError("neighborRecalls: expected `truth` to hold 4 x 2 = 8 ids and scores, got 12 and 12"),
    );
    expect(() => neighborRecalls({ ...found, rows: 3 }, truth)).toThrow(
      new RangeError("neighborRecalls: expected `found` to hold 3 x 3 = 9 ids and scores, got 12 and 12"),
    );
    expect(() => neighborRecalls(found, truth, { k: 4 })).toThrow(
      new RangeError("neighborRecalls: expected `k` to be from 1 to 3, got 4"),
    );
    expect(() => neighborRecalls(found, truth, { depth: 0 })).toThrow(
      new RangeError("neighborRecalls: expected `depth` to be a positive integer, got 0"),
    );
    expect(() => neighborRecalls(found, truth, { scoreTolerance: -1 })).toThrow(
      new RangeError("neighborRecalls: expected `scoreTolerance` to be at least 0, got -1"),
    );
  });
});
