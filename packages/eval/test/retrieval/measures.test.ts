import {
  averageByLabel,
  averagePrecisions,
  averagePrecisionsAtR,
  cumulativeMatches,
  evaluateRevisited,
  meanAveragePrecision,
  meanOverQueries,
  meanPrecisions,
  meanReciprocalRank,
  normalizedDiscountedGains,
  precisionsAt,
  recallsAt,
  reciprocalRanks,
  relevantPositions,
  rPrecisions,
  successesAt,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/measures.json" with { type: "json" };
import { createRandom } from "../random.ts";

const random = createRandom(11);
const count = 40;
const rankings = Array.from({ length: count }, () =>
  Int32Array.from({ length: Math.floor(random() * 30) }, () => Math.floor(random() * 25)),
);
const relevant = rankings.map(() =>
  Array.from({ length: Math.floor(random() * 9) }, () => Math.floor(random() * 25)),
);

/** Whether each of the first `depth` results is relevant and new, padded to the depth. */
function relevanceOf(query: number, depth: number): number[] {
  const list = [...rankings[query]!];
  return Array.from({ length: depth }, (_, i) =>
    i < list.length && relevant[query]!.includes(list[i]!) && list.indexOf(list[i]!) === i ? 1 : 0,
  );
}
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("measures of random rankings with repeats, written out", () => {
  const depth = 7;
  it.each<[string, ArrayLike<number>, (hits: number[], total: number, query: number) => number]>([
    ["precisionsAt", precisionsAt(rankings, relevant, { depth }), (hits) => sum(hits) / depth],
    ["recallsAt", recallsAt(rankings, relevant, { depth }), (hits, total) => sum(hits) / total],
    ["successesAt", successesAt(rankings, relevant, { depth }), (hits) => Math.max(...hits)],
    [
      "reciprocalRanks",
      reciprocalRanks(rankings, relevant, { depth }),
      (hits) => (hits.includes(1) ? 1 / (hits.indexOf(1) + 1) : 0),
    ],
    [
      "rPrecisions",
      rPrecisions(rankings, relevant),
      (_, total, query) => sum(relevanceOf(query, total)) / total,
    ],
    [
      "averagePrecisionsAtR",
      averagePrecisionsAtR(rankings, relevant),
      (_, total, query) => {
        const hits = relevanceOf(query, total);
        return sum(hits.map((hit, i) => (hit * sum(hits.slice(0, i + 1))) / (i + 1))) / total;
      },
    ],
    [
      "precisionsAt to the last relevant",
      precisionsAt(rankings, relevant, { depth, divisor: "last-relevant" }),
      (hits, total) => sum(hits) / (sum(hits) === total ? hits.lastIndexOf(1) + 1 : depth),
    ],
  ])("%s", (_, found, literal) => {
    for (let query = 0; query < count; query++) {
      const total = new Set(relevant[query]).size;
      if (total === 0) expect(found[query]).toBeNaN();
      else expect(found[query]).toBeCloseTo(literal(relevanceOf(query, depth), total, query), 12);
    }
  });

  it("cumulativeMatches is the mean of successesAt at each rank, meanPrecisions that of precisionsAt", () => {
    const curve = cumulativeMatches(rankings, relevant, { depth });
    const precisions = meanPrecisions(rankings, relevant, { depth });
    for (let rank = 1; rank <= depth; rank++) {
      const at = { depth: rank };
      expect(curve[rank - 1]).toBeCloseTo(meanOverQueries(successesAt(rankings, relevant, at)), 12);
      expect(precisions[rank - 1]).toBeCloseTo(meanOverQueries(precisionsAt(rankings, relevant, at)), 12);
    }
    expect(meanReciprocalRank(rankings, relevant)).toBe(meanOverQueries(reciprocalRanks(rankings, relevant)));
  });

  it("are the same for sets, lists, typed arrays and names", () => {
    const sets = relevant.map((ids) => new Set(ids));
    const typed = relevant.map((ids) => Int32Array.from(ids));
    const expected = averagePrecisions(rankings, relevant);
    expect(averagePrecisions(rankings, sets)).toEqual(expected);
    expect(averagePrecisions(rankings, typed)).toEqual(expected);
    const names = rankings.map((ids) => [...ids].map((id) => `n${id}`));
    const named = relevant.map((ids) => ids.map((id) => `n${id}`));
    expect(averagePrecisions(names, named)).toEqual(expected);
  });
});

describe("relevantPositions", () => {
  it("gives first ranks from 0, to the end unless told otherwise", () => {
    expect(relevantPositions([["x", "a", "a", "b"]], [["b", "a"]])).toEqual([Int32Array.of(1, 3)]);
    expect(relevantPositions([["x", "a", "a", "b"]], [["b", "a"]], { depth: 3 })).toEqual([Int32Array.of(1)]);
    expect(relevantPositions([[], [1]], [[1], []])).toEqual([new Int32Array(0), new Int32Array(0)]);
    const far = Int32Array.from({ length: 5000 }, (_, i) => i);
    expect(relevantPositions([far], [[4999]])).toEqual([Int32Array.of(4999)]);
    expect(relevantPositions([], [])).toEqual([]);
  });
});

describe("long lists of row numbers", () => {
  const wide = Int32Array.from({ length: 3000 }, (_, i) => (i * 7) % 2000);
  const wanted = [0, 6, 1999, 1000, 7, 2500, 11_999];

  it.each([
    ["with padding and far ids", Int32Array.of(...wide, -1, -1, 2 ** 31 - 1, 11_999), wanted],
    ["with names that no list has", wide, [...wanted, -1, 0.5]],
    ["with ids too far for a table", wide, [...wanted, 1e9]],
  ])("have the ranks of plain lists: %s", (_, ranking, ids) => {
    for (const depth of [1500, 2999, Infinity]) {
      const found = relevantPositions([ranking], [ids], { depth });
      expect(found).toEqual(relevantPositions([[...ranking]], [ids], { depth }));
      expect(found[0]!.length).toBeGreaterThan(3);
    }
    const truth = [{ easy: ids.slice(0, 2), hard: ids.slice(2, 3), junk: ids.slice(3) }];
    expect(evaluateRevisited([ranking], truth)).toEqual(evaluateRevisited([[...ranking]], truth));
  });
});

describe("normalizedDiscountedGains", () => {
  it.each(golden.gains)(
    "equals scikit-learn at depth $depth",
    ({ depth, grades, rankings: lists, ...expected }) => {
      const gains = grades.map((row) => new Map(row.map((grade, id) => [id, grade])));
      for (const gain of ["linear", "exponential"] as const) {
        const found = normalizedDiscountedGains(lists, gains, { depth, gain });
        for (const [i, value] of expected[gain].entries()) expect(found[i]).toBeCloseTo(value, 12);
      }
    },
  );

  it("is linear and ends at depth 100 unless told otherwise", () => {
    const grades = new Map([
      ["a", 2],
      ["b", 1],
    ]);
    const linear = (1 + 2 / Math.log2(3)) / (2 + 1 / Math.log2(3));
    expect(normalizedDiscountedGains([["b", "a"]], [grades])[0]).toBeCloseTo(linear, 12);
    const far = (rank: number) => [Array.from({ length: 200 }, (_, i) => (i === rank - 1 ? 1 : -i - 2))];
    expect(normalizedDiscountedGains(far(100), [[1]])[0]).toBeGreaterThan(0);
    expect(normalizedDiscountedGains(far(101), [[1]])[0]).toBe(0);
  });

  it("counts a repeated id once, and has NaN where nothing is worth anything", () => {
    const found = normalizedDiscountedGains(
      [["a", "a"], ["a"], ["a"]],
      [["a", "b"], [], new Map([["a", 0]])],
    );
    expect(found[0]).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12);
    expect([...found.subarray(1)]).toEqual([Number.NaN, Number.NaN]);
  });

  it("refuses grades that are negative or not finite", () => {
    const attempt = (grade: number) => () => normalizedDiscountedGains([["a"]], [new Map([["a", grade]])]);
    const message = "normalizedDiscountedGains: expected `gains` to be finite and at least 0, got";
    expect(attempt(-1)).toThrow(new RangeError(`${message} -1 for "a"`));
    expect(attempt(Number.NaN)).toThrow(new RangeError(`${message} NaN for "a"`));
  });
});

describe("averageByLabel", () => {
  it("leaves out NaN, also labels that have nothing else", () => {
    const { labels, means, counts, meanOfMeans } = averageByLabel(
      [1, Number.NaN, 0, Number.NaN],
      [5, 5, 3, 9],
    );
    expect(labels).toEqual([5, 3, 9]);
    expect([...means]).toEqual([1, 0, Number.NaN]);
    expect([...counts]).toEqual([1, 1, 0]);
    expect(meanOfMeans).toBe(0.5);
    expect(averageByLabel([], [])).toMatchObject({ labels: [], meanOfMeans: Number.NaN });
  });

  it("refuses unequal lengths", () => {
    expect(() => averageByLabel([1], [])).toThrow(
      new RangeError("averageByLabel: expected `values` and `labels` to have the same length, got 1 and 0"),
    );
  });
});

describe("refusals", () => {
  const measures = {
    relevantPositions,
    averagePrecisions,
    meanAveragePrecision,
    precisionsAt,
    recallsAt,
    successesAt,
    cumulativeMatches,
    reciprocalRanks,
    meanReciprocalRank,
  };

  it.each(Object.entries(measures))("%s refuses unequal lengths and an impossible depth", (name, measure) => {
    expect(() => measure([[1]], [], { depth: 1 })).toThrow(
      new RangeError(`${name}: expected \`rankings\` and \`relevant\` to have the same length, got 1 and 0`),
    );
    expect(() => measure([], [], { depth: 0 })).toThrow(
      new RangeError(`${name}: expected \`depth\` to be a positive integer, got 0`),
    );
  });

  it("refuses choices that do not exist", () => {
    const choice = "other" as never;
    expect(() => averagePrecisions([], [], { denominator: choice })).toThrow(
      new RangeError(
        'averagePrecisions: expected `denominator` to be one of "capped", "all", "found", got "other"',
      ),
    );
    expect(() => precisionsAt([], [], { depth: 1, divisor: choice })).toThrow(
      new RangeError(
        'precisionsAt: expected `divisor` to be one of "depth", "capped", "last-relevant", got "other"',
      ),
    );
    expect(() => rPrecisions([], [], { unanswerable: choice })).toThrow(
      new RangeError(
        'rPrecisions: expected `unanswerable` to be one of "exclude", "right-if-empty", got "other"',
      ),
    );
    expect(() => normalizedDiscountedGains([], [], { gain: choice })).toThrow(
      new RangeError(
        'normalizedDiscountedGains: expected `gain` to be one of "linear", "exponential", got "other"',
      ),
    );
  });
});
