import { averagePrecisions, meanAveragePrecision } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/originals.json" with { type: "json" };
import { createRandom } from "../random.ts";

const rankings = [
  ["a", "x", "b"],
  ["x", "c"],
];
const relevant = [new Set(["a", "b"]), new Set(["c"])];

describe("meanAveragePrecision", () => {
  it("is 2/3 in the example of its documentation", () => {
    expect(meanAveragePrecision(rankings, relevant)).toBeCloseTo(2 / 3, 12);
    expect([...averagePrecisions(rankings, relevant)]).toEqual([(1 + 2 / 3) / 2, 1 / 2]);
  });

  it("is 0.458333 on the example of the challenge's own tests, and 0.5 with one prediction per query", () => {
    const found = [[], ["f00", "f10"], ["f40"], ["f30", "f40"]];
    const right = [["f10", "f20"], ["f10"], ["f30", "f40", "f50"], ["f30"]].map((ids) => new Set(ids));
    expect(meanAveragePrecision(found, right)).toBeCloseTo(0.458333333333, 12);
    expect(meanAveragePrecision(found, right, { depth: 1 })).toBe(0.5);
  });

  it("divides by the relevant items or by the depth, whichever is less", () => {
    const ten = [1, 0, 1, 0, 0, 1, 0, 1, 0, 0].map((hit, i) => (hit ? `r${i}` : `x${i}`));
    const five = [new Set(["r0", "r2", "r5", "r7", "missed"])];
    expect(meanAveragePrecision([ten], five)).toBeCloseTo(0.533333333333, 12);
    expect(meanAveragePrecision([ten], five, { depth: 3 })).toBeCloseTo(0.555555555556, 12);
  });

  it("counts an item found after the depth as relevant but not as found", () => {
    const late = Array.from({ length: 110 }, (_, i) => (i === 4 ? "M" : i === 102 ? "P" : `x${i}`));
    const pair = [new Set(["M", "P"])];
    expect(meanAveragePrecision([late], pair, { depth: 1000 })).toBeCloseTo((1 / 5 + 2 / 103) / 2, 12);
    expect(meanAveragePrecision([late], pair)).toBeCloseTo(1 / 5 / 2, 12);
  });

  it("counts a repeated id at its first rank only, and uses its later ranks up", () => {
    expect(meanAveragePrecision([["a", "a", "b"]], [new Set(["a", "b"])])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it("gives 0 to an empty ranking, and NaN to a query without relevant items, which the mean leaves out", () => {
    const sets = [new Set([1]), new Set<number>(), new Set([2])];
    expect([...averagePrecisions([[], [5], [2]], sets)]).toEqual([0, Number.NaN, 1]);
    expect(meanAveragePrecision([[], [5], [2]], sets)).toBe(0.5);
    expect(meanAveragePrecision([], [])).toBeNaN();
  });

  it("takes typed arrays of row numbers", () => {
    expect(meanAveragePrecision([Int32Array.of(3, 1)], [new Set([1])])).toBe(0.5);
  });

  it("equals the formula computed literally on random rankings", () => {
    const random = createRandom(1);
    for (let round = 0; round < 20; round++) {
      const lists = Array.from({ length: 7 }, () =>
        Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 25)),
      );
      const answers = lists.map(
        () => new Set(Array.from({ length: 1 + Math.floor(random() * 9) }, () => Math.floor(random() * 25))),
      );
      const depth = 1 + Math.floor(random() * 12);
      const expected = lists.map((list, query) => literalAveragePrecision(list, answers[query]!, depth));
      const found = averagePrecisions(lists, answers, { depth });
      for (const [query, value] of expected.entries()) expect(found[query]).toBeCloseTo(value, 12);
      const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
      expect(meanAveragePrecision(lists, answers, { depth })).toBeCloseTo(mean, 12);
    }
  });

  it("is 1 for a perfect ranking and does not depend on the order of queries", () => {
    expect(meanAveragePrecision([[1, 2, 3, 9]], [new Set([3, 2, 1])])).toBe(1);
    expect(meanAveragePrecision(rankings.toReversed(), relevant.toReversed())).toBe(
      meanAveragePrecision(rankings, relevant),
    );
  });

  it("reaches depth 100 unless told otherwise", () => {
    const at = (rank: number) => [Array.from({ length: 200 }, (_, i) => (i === rank - 1 ? 1 : -i - 2))];
    expect(meanAveragePrecision(at(100), [new Set([1])])).toBeCloseTo(1 / 100, 12);
    expect(meanAveragePrecision(at(101), [new Set([1])])).toBe(0);
    expect(averagePrecisions(at(100), [new Set([1])])[0]).toBeCloseTo(1 / 100, 12);
    expect(averagePrecisions(at(101), [new Set([1])])[0]).toBe(0);
  });

  it.each([
    ["meanAveragePrecision", meanAveragePrecision],
    ["averagePrecisions", averagePrecisions],
  ])("refuses unequal lengths and an impossible depth (%s)", (name, measure) => {
    expect(() => measure([["a"]], [])).toThrow(
      new RangeError(`${name}: expected \`rankings\` and \`relevant\` to have the same length, got 1 and 0`),
    );
    expect(() => measure([], [], { depth: 0 })).toThrow(
      new RangeError(`${name}: expected \`depth\` to be a positive integer, got 0`),
    );
  });

  it.each(golden.retrieval.cases)("equals the original program: $name", ({ predictions, max, mAP }) => {
    const queries = Object.entries(golden.retrieval.solution);
    const found = queries.map(([id]) => (predictions as Record<string, string[]>)[id] ?? []);
    const right = queries.map(([, ids]) => new Set(ids));
    expect(meanAveragePrecision(found, right, { depth: max })).toBeCloseTo(mAP, 12);
  });
});

function literalAveragePrecision(
  list: readonly number[],
  answers: ReadonlySet<number>,
  depth: number,
): number {
  const relevance = list.slice(0, depth).map((id, i) => answers.has(id) && list.indexOf(id) === i);
  const precision = (rank: number): number => relevance.slice(0, rank).filter(Boolean).length / rank;
  const sum = relevance.reduce((total, hit, i) => total + (hit ? precision(i + 1) : 0), 0);
  return sum / Math.min(answers.size, depth);
}
