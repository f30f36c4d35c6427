import { firstPositions, meanMedianPosition } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/originals.json" with { type: "json" };

describe("firstPositions", () => {
  it("counts ranks from 1, gives depth + 1 to a miss and NaN to a query without relevant items", () => {
    const relevant = [new Set([3]), new Set([4]), new Set<number>()];
    expect([...firstPositions([[7, 3], [5], [1]], relevant)]).toEqual([2, 101, Number.NaN]);
    expect([...firstPositions([[7, 3], [5], [1]], relevant, { depth: 1 })]).toEqual([2, 2, Number.NaN]);
  });

  it("refuses unequal lengths and an impossible depth", () => {
    expect(() => firstPositions([], [new Set([1])])).toThrow(
      new RangeError(
        "firstPositions: expected `rankings` and `relevant` to have the same length, got 0 and 1",
      ),
    );
    expect(() => firstPositions([], [], { depth: -1 })).toThrow(
      new RangeError("firstPositions: expected `depth` to be a positive integer, got -1"),
    );
  });
});

describe("meanMedianPosition", () => {
  const found = [[], ["f00", "f10"], ["f40"], ["f30", "f40"]];
  const right = [["f10", "f20"], ["f10"], ["f30", "f40", "f50"], ["f30"]].map((ids) => new Set(ids));

  it("is 26.25 and 1.5 on the example of the challenge's own tests, and 1.5 and 1.5 with one prediction", () => {
    expect(meanMedianPosition(found, right)).toEqual({ mean: 26.25, median: 1.5 });
    expect(meanMedianPosition(found, right, { depth: 1 })).toEqual({ mean: 1.5, median: 1.5 });
  });

  it("leaves out queries without relevant items, and is NaN if there are no others", () => {
    expect(meanMedianPosition([[1], [1]], [new Set([1]), new Set()])).toEqual({ mean: 1, median: 1 });
    expect(meanMedianPosition([[1]], [new Set()])).toEqual({ mean: Number.NaN, median: Number.NaN });
  });

  it.each(golden.retrieval.cases)(
    "equals the original program: $name",
    ({ predictions, max, meanMedianPosition: expected }) => {
      const queries = Object.entries(golden.retrieval.solution);
      const lists = queries.map(([id]) => (predictions as Record<string, string[]>)[id] ?? []);
      const answers = queries.map(([, ids]) => new Set(ids));
      const { mean, median } = meanMedianPosition(lists, answers, { depth: max });
      expect(mean).toBeCloseTo(expected[0]!, 12);
      expect(median).toBeCloseTo(expected[1]!, 12);
    },
  );

  it("refuses unequal lengths and an impossible depth", () => {
    expect(() => meanMedianPosition([], [new Set([1])])).toThrow(
      new RangeError(
        "meanMedianPosition: expected `rankings` and `relevant` to have the same length, got 0 and 1",
      ),
    );
    expect(() => meanMedianPosition([], [], { depth: 0 })).toThrow(
      new RangeError("meanMedianPosition: expected `depth` to be a positive integer, got 0"),
    );
  });
});
