import { readFileSync } from "node:fs";
import {
  averageByLabel,
  averagePrecisions,
  averagePrecisionsAtR,
  averagePrecisionTrapezoid,
  cumulativeMatches,
  meanAveragePrecision,
  meanOverQueries,
  precisionsAt,
  reciprocalRanks,
  relevantPositions,
  rPrecisions,
  successesAt,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import { allFromRelevance } from "../relevance.ts";

const close = (found: ArrayLike<number>, expected: readonly number[]) => {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
};

describe("the relevance 1010010100 with 5 relevant items in all", () => {
  const { rankings, relevant } = allFromRelevance([[1, 0, 1, 0, 0, 1, 0, 1, 0, 0]], [5]);

  it("has a different average precision under each convention", () => {
    const [positions] = relevantPositions(rankings, relevant);
    expect(averagePrecisionTrapezoid(positions!, 5)).toBeCloseTo(0.49952380952381, 12);
    expect(averagePrecisionTrapezoid(positions!, 4)).toBeCloseTo(0.624404761904762, 12);
    close(averagePrecisions(rankings, relevant, { denominator: "all" }), [(1 + 2 / 3 + 1 / 2 + 1 / 2) / 5]);
    close(averagePrecisions(rankings, relevant, { depth: 10, denominator: "found" }), [2 / 3]);
    close(averagePrecisions(rankings, relevant, { depth: 3 }), [(1 + 2 / 3) / 3]);
    close(averagePrecisionsAtR(rankings, relevant), [1 / 3]);
  });

  it("has the values that the README's table of conventions says", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/\| `(averagePrecision\w*\(.*\))` +\| ([\d.]+) +\|$/gm)];
    const found = rows.map(([, call, value]) => [call, value]);
    const table = [
      ["averagePrecisionTrapezoid([0, 2, 5, 7], 5)", averagePrecisionTrapezoid([0, 2, 5, 7], 5)],
      ["averagePrecisionTrapezoid([0, 2, 5, 7], 4)", averagePrecisionTrapezoid([0, 2, 5, 7], 4)],
      ["averagePrecisions(rankings, relevant)", averagePrecisions(rankings, relevant)[0]!],
      [
        "averagePrecisions(rankings, relevant, { depth: 3 })",
        averagePrecisions(rankings, relevant, { depth: 3 })[0]!,
      ],
      [
        'averagePrecisions(rankings, relevant, { depth: 3, denominator: "all" })',
        averagePrecisions(rankings, relevant, { depth: 3, denominator: "all" })[0]!,
      ],
      [
        'averagePrecisions(rankings, relevant, { denominator: "found" })',
        averagePrecisions(rankings, relevant, { denominator: "found" })[0]!,
      ],
      ["averagePrecisionsAtR(rankings, relevant)", averagePrecisionsAtR(rankings, relevant)[0]!],
    ] as const;
    expect(found).toEqual(table.map(([call, value]) => [call, value.toFixed(4)]));
  });
});

describe("the question about the 2nd place of 2021: one of two found at rank 5, the other at rank 103", () => {
  const hits = Array.from({ length: 110 }, (_, i) => (i === 4 || i === 102 ? 1 : 0));
  const { rankings, relevant } = allFromRelevance([hits], [2]);

  it("is half of 1/5 at depth 100 and half of 1/5 + 2/103 without depth", () => {
    close(averagePrecisions(rankings, relevant), [1 / 5 / 2]);
    close(averagePrecisions(rankings, relevant, { depth: Infinity }), [(1 / 5 + 2 / 103) / 2]);
    close(averagePrecisions(rankings, relevant, { denominator: "found" }), [1 / 5]);
  });

  it("differs between the challenge and the 2nd place only with more than 100 relevant items", () => {
    const all = allFromRelevance([Array.from({ length: 100 }, () => 1)], [125]);
    expect(meanAveragePrecision(all.rankings, all.relevant)).toBeCloseTo(1, 12);
    expect(meanAveragePrecision(all.rankings, all.relevant, { denominator: "all" })).toBeCloseTo(0.8, 12);
  });
});

describe("the examples of pytorch-metric-learning", () => {
  const labels = [1, 1, 2, 3, 4, 0];
  const neighbors = [
    [0, 1, 1, 2, 2],
    [1, 0, 1, 1, 3],
    [4, 4, 4, 4, 2],
    [3, 1, 3, 1, 3],
    [0, 0, 4, 2, 2],
    [1, 2, 3, 4, 5],
  ];
  const counts = [2, 3, 5, 4, 5];
  const { rankings, relevant } = allFromRelevance(
    neighbors.map((row, query) => row.map((label) => (label === labels[query] ? 1 : 0))),
    labels.map((label) => counts[label]!),
  );

  it("has precision at 1 of 2/6", () => {
    expect(meanOverQueries(precisionsAt(rankings, relevant, { depth: 1 }))).toBeCloseTo(2 / 6, 12);
  });

  it("has these R-precisions, average precisions at R, average precisions and reciprocal ranks", () => {
    close(rPrecisions(rankings, relevant), [2 / 3, 2 / 3, 1 / 5, 2 / 4, 1 / 5, 0]);
    const atR = [(1 / 2 + 2 / 3) / 3, (1 + 2 / 3) / 3, 1 / 5 / 5, (1 + 2 / 3) / 4, 1 / 3 / 5, 0];
    close(averagePrecisionsAtR(rankings, relevant), atR);
    const all = atR.with(1, (1 + 2 / 3 + 3 / 4) / 3).with(3, (1 + 2 / 3 + 3 / 5) / 4);
    close(averagePrecisions(rankings, relevant, { depth: Infinity, denominator: "all" }), all);
    close(reciprocalRanks(rankings, relevant), [1 / 2, 1, 1 / 5, 1, 1 / 3, 0]);
  });

  it("has 0.5 and (1 + 1 + 3/5 + 4/7 + 5/9) / 10 for the points on a line", () => {
    const line = allFromRelevance([[1, 1, 0, 0, 1, 0, 1, 0, 1, 0]], [10]);
    close(rPrecisions(line.rankings, line.relevant), [0.5]);
    close(averagePrecisionsAtR(line.rankings, line.relevant), [(1 + 1 + 3 / 5 + 4 / 7 + 5 / 9) / 10]);
  });

  it("leaves out a query whose label nothing else has", () => {
    expect(rPrecisions([...rankings, [0]], [...relevant, []])[6]).toBeNaN();
  });
});

describe("the examples of open-metric-learning", () => {
  const empty = { unanswerable: "right-if-empty" } as const;

  it("counts a query with nothing to find and nothing found as right (CMC)", () => {
    const { rankings, relevant } = allFromRelevance([[1, 0], [0, 1, 1], [0, 0], []], [2, 2, 1, 0]);
    close(successesAt(rankings, relevant, { depth: 1, ...empty }), [1, 0, 0, 1]);
    close(successesAt(rankings, relevant, { depth: 2, ...empty }), [1, 1, 0, 1]);
    close(cumulativeMatches(rankings, relevant, { depth: 2, ...empty }), [2 / 4, 3 / 4]);
    close(cumulativeMatches(rankings, relevant, { depth: 2 }), [1 / 3, 2 / 3]);
  });

  it("divides precision by the relevant items if they are fewer than the depth", () => {
    const { rankings, relevant } = allFromRelevance([[1, 0], [0, 1, 1], [0, 0], []], [2, 3, 5, 2]);
    close(precisionsAt(rankings, relevant, { depth: 1, divisor: "capped" }), [1, 0, 0, 0]);
    close(precisionsAt(rankings, relevant, { depth: 2, divisor: "capped" }), [0.5, 0.5, 0, 0]);
    const few = allFromRelevance([[1, 0, 0]], [1]);
    close(precisionsAt(few.rankings, few.relevant, { depth: 3, divisor: "capped" }), [1]);
    close(precisionsAt(few.rankings, few.relevant, { depth: 3 }), [1 / 3]);
  });

  it("divides average precision by what is found", () => {
    const { rankings, relevant } = allFromRelevance([[1, 0], [0, 1], [0, 0, 0, 0], []], [1, 1, 2, 0]);
    const options = { denominator: "found", ...empty } as const;
    close(averagePrecisions(rankings, relevant, { depth: 1, ...options }), [1, 0, 0, 1]);
    close(averagePrecisions(rankings, relevant, { depth: 2, ...options }), [1, 0.5, 0, 1]);
  });

  it("has 0 where nothing is to find and something is found", () => {
    close(successesAt([[3]], [[]], { depth: 1, ...empty }), [0]);
    close(averagePrecisions([[3]], [[]], empty), [0]);
  });

  it("averages by category: precision at 3 of 2/3 and two of 1/2", () => {
    const { means, counts, meanOfMeans, labels } = averageByLabel([2 / 3, 1 / 2, 1 / 2], ["a", "b", "c"]);
    close(means, [2 / 3, 1 / 2, 1 / 2]);
    expect([...counts]).toEqual([1, 1, 1]);
    expect(labels).toEqual(["a", "b", "c"]);
    expect(meanOfMeans).toBeCloseTo((2 / 3 + 2 / 2) / 3, 12);
  });
});
