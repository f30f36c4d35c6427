import { evaluateReidentification } from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/measures.json" with { type: "json" };

const { labels, cameras, queries, rankings, averagePrecisions, curves } = golden.market;
const gallery = { labels, cameras };
const images = { labels: queries.map(([label]) => label!), cameras: queries.map(([, camera]) => camera!) };

describe("evaluateReidentification", () => {
  it("equals the original program", () => {
    const report = evaluateReidentification(rankings, images, gallery);
    const known = averagePrecisions.filter((value) => value !== null);
    for (const [query, value] of averagePrecisions.entries()) {
      if (value === null) expect(report.averagePrecisions[query]).toBeNaN();
      else expect(report.averagePrecisions[query]).toBeCloseTo(value, 12);
    }
    const total = known.reduce((sum, value) => sum + value, 0);
    expect(report.evaluated).toBe(known.length);
    expect(known.length).toBeLessThan(rankings.length);
    expect(report.meanAveragePrecision).toBeCloseTo(total / known.length, 12);
    const all = evaluateReidentification(rankings, images, gallery, { divideByAll: true });
    expect(all.meanAveragePrecision).toBeCloseTo(total / rankings.length, 12);
    for (let rank = 0; rank < 10; rank++) {
      const hits = curves.reduce((sum, curve) => sum + (curve?.[rank] ?? 0), 0);
      expect(report.cumulativeMatches[rank]).toBeCloseTo(hits / known.length, 12);
      expect(all.cumulativeMatches[rank]).toBeCloseTo(hits / rankings.length, 12);
    }
  });

  it("reports ten ranks unless told otherwise, counts a repeated row once and misses as missed", () => {
    const two = { labels: [7, 7], cameras: [1, 2] };
    const one = { labels: [7], cameras: [3] };
    const report = evaluateReidentification([[0, 0]], one, two);
    expect(report.cumulativeMatches).toEqual(new Float64Array(10).fill(1));
    expect(report.meanAveragePrecision).toBe(0.5);
    const empty = evaluateReidentification([[]], one, two, { depth: 1 });
    expect(empty).toMatchObject({
      meanAveragePrecision: 0,
      cumulativeMatches: Float64Array.of(0),
      evaluated: 1,
    });
  });

  it("has NaN, or 0 if asked to, where nobody else has seen any query", () => {
    const alone = { labels: [7, -1], cameras: [1, 1] };
    const found = evaluateReidentification([[], []], alone, alone);
    expect(found).toMatchObject({ meanAveragePrecision: Number.NaN, evaluated: 0 });
    expect(evaluateReidentification([[], []], alone, alone, { divideByAll: true }).meanAveragePrecision).toBe(
      0,
    );
  });

  it("refuses unequal lengths, rows that do not exist and an impossible depth", () => {
    expect(() => evaluateReidentification([[80]], { labels: [1], cameras: [1] }, gallery)).toThrow(
      new RangeError("evaluateReidentification: expected `rankings` to hold rows of a gallery of 80, got 80"),
    );
    expect(() => evaluateReidentification([], images, gallery)).toThrow(
      new RangeError(
        "evaluateReidentification: expected `rankings` and `queries.labels` to have the same length, got 0 and 10",
      ),
    );
    expect(() => evaluateReidentification([], { labels: [], cameras: [1] }, gallery)).toThrow(
      new RangeError(
        "evaluateReidentification: expected `queries.labels` and `queries.cameras` to have the same length, got 0 and 1",
      ),
    );
    expect(() => evaluateReidentification(rankings, images, { labels, cameras: [] })).toThrow(
      new RangeError(
        "evaluateReidentification: expected `gallery.labels` and `gallery.cameras` to have the same length, got 80 and 0",
      ),
    );
    expect(() => evaluateReidentification(rankings, images, gallery, { depth: 0 })).toThrow(
      new RangeError("evaluateReidentification: expected `depth` to be a positive integer, got 0"),
    );
  });
});
