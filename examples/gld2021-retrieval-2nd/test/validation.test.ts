import { averagePrecisionTrapezoid } from "@lmk/eval";
import type { Neighbors } from "@lmk/index";
import type { PreparedData } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { challengeScores, validationPrecisions, validationScore } from "../src/validation.ts";

const none = new Int32Array();

/** Hits at the ranks 1, 3, 6 and 51 of one query, of so many right images. */
function hits(relevantCount: number): {
  readonly ranking: Neighbors;
  readonly relevant: Int32Array;
} {
  const ids = Int32Array.from({ length: 100 }, (_, rank) => rank);
  const found = [0, 2, 5, 50];
  const others = Array.from({ length: relevantCount - found.length }, (_, i) => 100 + i);
  return {
    ranking: { ids, scores: new Float32Array(100), rows: 1, k: 100 },
    relevant: Int32Array.from([...found, ...others]),
  };
}

const images = Int32Array.from({ length: 400 }, (_, row) => row);

it.each([
  [5, 0.44902],
  [200, 0.011225],
])("divides by all %i right images on the validation set, as the authors do", (count, expected) => {
  const { ranking, relevant } = hits(count);
  const expand = { queries: Int32Array.of(0), images, relevant: [relevant], ignored: [none] };
  const precisions = validationPrecisions({ queries: Int32Array.of(0), images }, ranking, expand);
  expect(precisions[0]).toBeCloseTo(expected, 6);
});

it("has a number of the authors' other way to count, that of DELG", () => {
  expect(averagePrecisionTrapezoid([0, 2, 5, 50], 5)).toBeCloseTo(0.42051, 6);
});

it("divides by at most a hundred as the challenge does", () => {
  const { ranking, relevant } = hits(200);
  const names = (prefix: string) => ({ length: 400, at: (row: number) => `${prefix}${row}` });
  const data = {
    test: { ids: names("q") },
    index: { ids: names("i") },
    retrieval: {
      queries: Int32Array.of(0, 1, 2),
      usages: ["Private", "Public", "Ignored"],
      relevant: [relevant, Int32Array.of(7), none],
    },
  };
  const prepared = { data } as unknown as PreparedData;
  const scores = challengeScores({ prepared, queries: Int32Array.of(0), images }, ranking);
  expect(scores.private).toBeCloseTo(0.022451, 6);
  expect(scores.public).toBe(0);
  expect(scores.all).toBeCloseTo(0.022451 / 2, 6);
});

it("leaves out what does not count, and gives queries without a list 0", () => {
  // Places are of rows 4, 6 and 8 of the index; the validation set has them in another order.
  const expand = {
    queries: Int32Array.of(9, 3, 5),
    images: Int32Array.of(8, 6, 4),
    relevant: [Int32Array.of(1), Int32Array.of(0), none],
    ignored: [Int32Array.of(0), none, none],
  };
  const ranking = { ids: Int32Array.of(2, 1, 0, 0, -1, -1), k: 3 };
  const searched = { queries: Int32Array.of(9, 5), images: Int32Array.of(4, 6, 8) };
  const precisions = validationPrecisions(searched, ranking, expand);
  expect([...precisions]).toEqual([1, 0, Number.NaN]);
  expect(validationScore(precisions)).toBe(0.5);
});
