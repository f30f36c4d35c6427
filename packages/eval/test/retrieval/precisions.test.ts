import { meanPrecisions } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/originals.json" with { type: "json" };

describe("meanPrecisions", () => {
  it("is one half at ranks 1 to 3 in the example of its documentation", () => {
    const rankings = [
      ["a", "x", "b"],
      ["x", "c"],
    ];
    const relevant = [new Set(["a", "b"]), new Set(["c"])];
    expect([...meanPrecisions(rankings, relevant, { depth: 3 })]).toEqual([0.5, 0.5, 0.5]);
  });

  it("is 0.5 and 0.375 on the example of the challenge's own tests", () => {
    const found = [[], ["f00", "f10"], ["f40"], ["f30", "f40"]];
    const right = [["f10", "f20"], ["f10"], ["f30", "f40", "f50"], ["f30"]].map((ids) => new Set(ids));
    expect([...meanPrecisions(found, right, { depth: 2 })]).toEqual([0.5, 0.375]);
  });

  it("leaves out queries without relevant items, and is NaN if there are no others", () => {
    expect([...meanPrecisions([[1], [1]], [new Set([1]), new Set()], { depth: 2 })]).toEqual([1, 0.5]);
    expect([...meanPrecisions([[1]], [new Set()], { depth: 1 })]).toEqual([Number.NaN]);
  });

  it.each(golden.retrieval.cases)(
    "equals the original program: $name",
    ({ predictions, meanPrecisions: expected }) => {
      const queries = Object.entries(golden.retrieval.solution);
      const found = queries.map(([id]) => (predictions as Record<string, string[]>)[id] ?? []);
      const right = queries.map(([, ids]) => new Set(ids));
      const precisions = meanPrecisions(found, right, { depth: expected.length });
      for (const [i, value] of expected.entries()) expect(precisions[i]).toBeCloseTo(value, 12);
    },
  );

  it("refuses unequal lengths and an impossible depth", () => {
    expect(() => meanPrecisions([[1]], [], { depth: 1 })).toThrow(
      new RangeError(
        "meanPrecisions: expected `rankings` and `relevant` to have the same length, got 1 and 0",
      ),
    );
    expect(() => meanPrecisions([], [], { depth: 1.5 })).toThrow(
      new RangeError("meanPrecisions: expected `depth` to be a positive integer, got 1.5"),
    );
  });
});
