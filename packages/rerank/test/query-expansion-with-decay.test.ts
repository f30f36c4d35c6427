import { expandQueriesWithDecay } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };

describe("expandQueriesWithDecay", () => {
  it("weighs a single neighbor with one half, in the example of its documentation", () => {
    const expanded = expandQueriesWithDecay(
      matrixFrom([[1, 0]]),
      matrixFrom([[0, 1]]),
      neighborsFrom([[0]]),
      {
        neighborCount: 1,
      },
    );
    expect(expanded.data[0]).toBeCloseTo(2 / Math.sqrt(5), 6);
    expect(expanded.data[1]).toBeCloseTo(1 / Math.sqrt(5), 6);
  });

  it("adds 8 neighbors unless told otherwise", () => {
    const q = randomUnitRows(1, 2, 6);
    const x = randomUnitRows(2, 20, 6);
    const found = search(q, x, 12);
    expect(expandQueriesWithDecay(q, x, found)).toEqual(
      expandQueriesWithDecay(q, x, found, { neighborCount: 8 }),
    );
    expect(expandQueriesWithDecay(q, x, found)).not.toEqual(
      expandQueriesWithDecay(q, x, found, { neighborCount: 9 }),
    );
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const of = (ids: readonly number[]) =>
      expandQueriesWithDecay(matrixFrom([[1, 0]]), matrixFrom([[0, 1]]), neighborsFrom([ids]));
    const expanded = of([0]);
    expect(expanded).toEqual(of([0, -1, -1, -1, -1, -1, -1, -1]));
    // The first of 8 weights is 8 / 9.
    expect(expanded.data[1]! / expanded.data[0]!).toBeCloseTo(8 / 9, 6);
  });

  it("refuses a neighbor count that is no count", () => {
    const call = () =>
      expandQueriesWithDecay(matrixFrom([[1, 0]]), matrixFrom([[0, 1]]), neighborsFrom([[0]]), {
        neighborCount: 0,
      });
    expect(call).toThrow(
      new RangeError("expandQueriesWithDecay: expected `neighborCount` to be a positive integer, got 0"),
    );
  });

  it("equals the original program", () => {
    const q = unitRows(originals.input.queriesRaw);
    const gallery = unitRows(originals.input.galleryRaw);
    const expanded = expandQueriesWithDecay(q, gallery, search(q, gallery, 12), { neighborCount: 4 });
    for (const [row, scores] of originals.aqewd["kqe=4"].entries()) {
      for (const [id, score] of scores.entries()) {
        expect(Math.abs(product(rowOf(expanded, row), rowOf(gallery, id)) - score)).toBeLessThan(1e-6);
      }
    }
  });
});
