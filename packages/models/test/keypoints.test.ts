import { readFileSync } from "node:fs";
import { detectKeypoints, sampleDescriptors } from "@lmk/models";
import { describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

interface Golden {
  readonly height: number;
  readonly width: number;
  readonly threshold: number;
  readonly limit: number;
  readonly points: readonly number[];
  readonly scores: readonly number[];
  readonly descriptors: readonly number[];
}

const goldens: readonly Golden[] = JSON.parse(
  readFileSync(new URL("./golden/keypoints.json", import.meta.url), "utf8"),
);

const scoresOf = ({ height, width }: Golden) =>
  hashedUniform("scores", height * width).map((value) => value / 2 + 0.5);

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value)));
}

describe("keypoints", () => {
  it.each(goldens)("are those of the authors' detector: $height × $width, $threshold, $limit", (golden) => {
    const { height, width, threshold, limit } = golden;
    const found = detectKeypoints({ scores: scoresOf(golden), height, width }, { threshold, limit });
    expect(largestDifference(found.points, golden.points)).toBeLessThan(2e-5);
    expect(largestDifference(found.scores, golden.scores)).toBeLessThan(1e-5);

    const descriptors = hashedUniform("descriptors", height * width * 8);
    const sampled = sampleDescriptors({ descriptors, height, width, dimension: 8 }, found.points);
    expect([sampled.rows, sampled.columns]).toEqual([golden.scores.length, 8]);
    expect(
      largestDifference(sampled.data.subarray(0, golden.descriptors.length), golden.descriptors),
    ).toBeLessThan(1e-4);
  });

  it("stay on their pixels where that is asked for", () => {
    const golden = goldens[0]!;
    const map = { scores: scoresOf(golden), height: golden.height, width: golden.width };
    const { points, scores } = detectKeypoints(map, { subPixel: false });
    expect(points.every(Number.isInteger)).toBe(true);
    expect(scores.length).toBe(golden.scores.length);
    scores.forEach((score, i) => {
      expect(score).toBe(map.scores[points[2 * i + 1]! * map.width + points[2 * i]!]);
    });
    expect([...scores].every((score, i) => i === 0 || scores[i - 1]! >= score)).toBe(true);
  });

  it("are none in a map without a maximum inside, or too small for one", () => {
    const empty = { points: new Float32Array(), scores: new Float32Array() };
    expect(detectKeypoints({ scores: new Float32Array(25), height: 5, width: 5 })).toEqual(empty);
    expect(detectKeypoints({ scores: new Float32Array(100), height: 10, width: 10 })).toEqual(empty);
  });

  it("refuse what does not fit", () => {
    const map = { scores: new Float32Array(6), height: 2, width: 3 };
    expect(() => detectKeypoints({ ...map, width: 4 })).toThrow(
      new RangeError("detectKeypoints: expected `scores` to have 2 × 4 values, got 6"),
    );
    expect(() => detectKeypoints(map, { threshold: 1.5 })).toThrow(
      new RangeError("detectKeypoints: expected `threshold` to be between 0 and 1, got 1.5"),
    );
    expect(() => detectKeypoints(map, { limit: 0 })).toThrow(
      new RangeError("detectKeypoints: expected `limit` to be a whole number above 0, got 0"),
    );
  });
});

describe("sampleDescriptors", () => {
  const map = { descriptors: Float32Array.of(2, 0, 0, 5, 0, 0), height: 1, width: 3, dimension: 2 };

  it("weighs neighbors of length 1", () => {
    const { data } = sampleDescriptors(map, Float32Array.of(0.5, 0, 0, 0, 1.5, 0, 2, 0));
    const half = Math.fround(Math.SQRT1_2);
    expect([...data]).toEqual([half, half, 1, 0, 0, 1, 0, 0]);
  });

  it("refuses what does not fit", () => {
    expect(() => sampleDescriptors({ ...map, height: 2 }, new Float32Array())).toThrow(
      new RangeError("sampleDescriptors: expected `descriptors` to have 2 × 3 × 2 values, got 6"),
    );
    expect(() => sampleDescriptors(map, new Float32Array(3))).toThrow(
      new RangeError("sampleDescriptors: expected `points` to hold pairs of x and y, got 3 numbers"),
    );
    expect(() => sampleDescriptors(map, Float32Array.of(2.5, 0))).toThrow(
      new RangeError("sampleDescriptors: expected `points` to lie within 3 × 1, got 2.5, 0"),
    );
  });
});
