import { describe, expect, it } from "vitest";
import {
  bestOf,
  chooseOnOtherHalf,
  joinScores,
  meansByGroup,
  scoreLists,
  summarizeScores,
} from "../src/rerank/scores.ts";

const matrix = (rows: number) => ({ data: new Float32Array(rows), rows, columns: 1 });
const lists = (rows: readonly (readonly number[])[]) => ({
  ids: Int32Array.from(rows.flat()),
  scores: new Float32Array(rows.flat().length),
  rows: rows.length,
  k: rows[0]!.length,
});

describe("scoreLists", () => {
  const problem = {
    queries: matrix(2),
    database: matrix(4),
    relevant: [Int32Array.of(1, 3), Int32Array.of(9)],
    groups: ["a", "a"],
    train: undefined,
  };

  it("counts right rows of the lists, also such that cannot be found", () => {
    const found = lists([
      [1, 0, 3],
      [0, 1, -1],
    ]);
    const { averagePrecisions, precisions } = scoreLists({ ...problem, own: undefined }, found);
    expect([...averagePrecisions]).toEqual([(1 + 2 / 3) / 2, 0]);
    expect([...precisions]).toEqual([0.2, 0]);
  });

  it("passes over the query's own row", () => {
    const found = lists([
      [0, 1, 3],
      [2, 1, 0],
    ]);
    const own = Int32Array.of(0, -1);
    expect([...scoreLists({ ...problem, own }, found).averagePrecisions]).toEqual([1, 0]);
  });

  it("joins the scores of problems in their order", () => {
    const part = { averagePrecisions: Float64Array.of(0.5), precisions: Float64Array.of(0.25) };
    const other = { averagePrecisions: Float64Array.of(1), precisions: Float64Array.of(0.75) };
    expect(joinScores([part, other])).toEqual({
      averagePrecisions: Float64Array.of(0.5, 1),
      precisions: Float64Array.of(0.25, 0.75),
    });
  });
});

it("tests scores against the first search, but not that against itself", () => {
  const baseline = Float64Array.from({ length: 40 }, (_, i) => i / 100);
  const better = baseline.map((value) => value + 0.1);
  expect(summarizeScores(baseline, undefined).pValue).toBeNull();
  const score = summarizeScores(better, baseline);
  expect(score.pValue).toBeLessThan(0.001);
  expect(score.mean).toBeCloseTo(0.295, 12);
  expect(score.low).toBeLessThan(score.mean);
  expect(score.high).toBeGreaterThan(score.mean);
});

it("leaves out groups without anything to find", () => {
  const values = Float64Array.of(1, 0, Number.NaN, 0.5);
  expect(meansByGroup(values, ["b", "b", "c", "a"])).toEqual({ a: 0.5, b: 0.5 });
});

describe("choice of settings", () => {
  it("takes the first of the best", () => {
    const variants = [Float64Array.of(0, 0.5), Float64Array.of(1, 0), Float64Array.of(0, 1)];
    expect(bestOf(variants)).toBe(1);
  });

  it("takes for each half what is best on the other", () => {
    // Each variant is right for one query alone: what is best on a half is never best on the other.
    const variants = Array.from({ length: 8 }, (_, i) =>
      Float64Array.from({ length: 8 }, (_, j) => Number(i === j)),
    );
    expect([...chooseOnOtherHalf(variants)]).toEqual(Array(8).fill(0));
  });

  it("takes a variant that is best on both", () => {
    const best = Float64Array.from({ length: 9 }, (_, i) => (i + 1) / 9);
    const worse = best.map((value) => value / 2);
    expect(chooseOnOtherHalf([worse, best])).toEqual(best);
  });

  it("does not mind queries with nothing to find", () => {
    const values = Float64Array.of(1, Number.NaN, 1, Number.NaN, 1, 1);
    expect(chooseOnOtherHalf([values.map((value) => value / 2), values])).toEqual(values);
  });
});
