import { readFileSync } from "node:fs";
import { affineInliers } from "@lmk/data";
import { describe, expect, it } from "vitest";

interface Golden {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly samples: readonly number[];
  readonly inliers: readonly number[];
  readonly counts: readonly number[];
}

const goldens: { readonly verifying: readonly Golden[] } = JSON.parse(
  readFileSync(new URL("../golden/cleaning.json", import.meta.url), "utf8"),
);
const scenes = goldens.verifying.map(({ a, b, samples, inliers, counts }) => ({
  matches: inliers.length,
  a: Float32Array.from(a),
  b: Float32Array.from(b),
  samples: Int32Array.from(samples),
  inliers: Uint8Array.from(inliers),
  counts,
}));

const square = Float32Array.of(0, 0, 100, 0, 0, 100, 100, 100);

describe("affineInliers", () => {
  it("counts the matches of a hand-worked transform", () => {
    // x' = 2 x + 10, y' = y - x
    const b = Float32Array.of(10, 0, 210, -100, 10, 100, 210, 19);
    const samples = Int32Array.of(0, 1, 2);
    expect(affineInliers(square, b, { samples })).toEqual({
      count: 4,
      inliers: Uint8Array.of(1, 1, 1, 1),
    });
    b[7] = 21;
    expect(affineInliers(square, b, { samples }).count).toBe(3);
    expect(affineInliers(square, b, { samples, residual: 22 }).count).toBe(4);
  });

  it("wants a residual below the limit, of 20 pixels", () => {
    const samples = Int32Array.of(0, 1, 2);
    const countAt = (distance: number) => {
      const b = square.slice();
      b[6] += distance;
      return affineInliers(square, b, { samples }).count;
    };
    expect([countAt(19.9), countAt(20), countAt(20.1)]).toEqual([4, 3, 3]);
  });

  it("takes of samples with equal counts the one with the smaller residuals of all matches", () => {
    const a = Float32Array.of(0, 0, 100, 0, 0, 100, 300, 300, 310, 300, 300, 310);
    const b = a.map((value, i) => (i < 6 ? value : value + 500));
    b[7] += 40;
    const [first, second] = [Int32Array.of(0, 1, 2), Int32Array.of(3, 4, 5)];
    const one = affineInliers(a, b, { samples: first }).inliers;
    const other = affineInliers(a, b, { samples: second }).inliers;
    expect([one, other]).toEqual([Uint8Array.of(1, 1, 1, 0, 0, 0), Uint8Array.of(0, 0, 0, 1, 1, 1)]);
    const both = (...samples: readonly Int32Array[]) =>
      affineInliers(a, b, { samples: Int32Array.from(samples.flatMap((sample) => [...sample])) }).inliers;
    expect(both(first, second)).toEqual(one);
    expect(both(second, first)).toEqual(one);
    // The same with the matches in the opposite order, where the better sample meets its outliers first.
    const reversed = (points: Float32Array) =>
      points.map((_, i) => points[points.length - 2 - i + 2 * (i % 2)]);
    const samples = Int32Array.of(0, 1, 2, 3, 4, 5);
    expect(affineInliers(reversed(a), reversed(b), { samples }).inliers).toEqual(one.toReversed());
  });

  it.each(scenes)("agrees with scikit-image, given its samples: $matches matches", (scene) => {
    const { a, b, samples, inliers } = scene;
    expect(affineInliers(a, b, { samples })).toEqual({
      count: inliers.reduce((sum, value) => sum + value, 0),
      inliers,
    });
  });

  it.each(scenes)("finds as many with samples of its own: $matches matches", ({ a, b, counts }) => {
    const own = counts.map((_, seed) => affineInliers(a, b, { seed }).count);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.max(...own)).toBeLessThanOrEqual(Math.max(...counts) + 1);
    expect(Math.abs(mean(own) - mean(counts))).toBeLessThan(1);
  });

  it("depends on the seed alone, and by default tries 1000 samples of seed 0", () => {
    const { a, b } = scenes[2];
    const result = affineInliers(a, b);
    expect(affineInliers(a, b, { seed: 0, trials: 1000, residual: 20 })).toEqual(result);
    const counts = [1, 10, 100, 1000, 10_000].map((trials) => affineInliers(a, b, { trials }).count);
    expect(counts).toEqual(counts.toSorted((x, y) => x - y));
    expect(new Set(counts).size).toBeGreaterThan(2);
    const masks = Array.from({ length: 10 }, (_, seed) => affineInliers(a, b, { seed }).inliers.join());
    expect(new Set(masks).size).toBeGreaterThan(1);
  });

  it("draws every three of four matches", () => {
    // One match of four is wrong, so a single sample in four finds the others.
    const b = square.slice();
    b[6] += 90;
    const found = Array.from({ length: 400 }, (_, seed) => affineInliers(square, b, { seed, trials: 1 }));
    for (let wrong = 0; wrong < 4; wrong++) {
      const share = found.filter(({ inliers }) => inliers[wrong] === 0).length;
      expect(share).toBeGreaterThan(60);
      expect(share).toBeLessThan(140);
    }
  });

  it("passes over samples on a line and samples of one target", () => {
    const line = Float32Array.of(0, 0, 50, 50, 100, 100);
    const corner = Float32Array.of(0, 0, 50, 0, 0, 50);
    const point = Float32Array.of(7, 7, 7, 7, 7, 7);
    expect(affineInliers(line, corner)).toEqual({ count: 0, inliers: new Uint8Array(3) });
    expect(affineInliers(point, corner).count).toBe(0);
    expect(affineInliers(corner, point).count).toBe(0);
    expect(affineInliers(corner, line).count).toBe(3);
  });

  it("finds nothing in fewer than three matches, and nothing at points that are not numbers", () => {
    expect(affineInliers(new Float32Array(0), new Float32Array(0))).toEqual({
      count: 0,
      inliers: new Uint8Array(0),
    });
    expect(affineInliers(square.slice(0, 4), square.slice(0, 4)).count).toBe(0);
    const a = Float32Array.of(...square, 50, 50, 20, 20);
    const b = a.slice();
    a[8] = Number.NaN;
    b[11] = Number.POSITIVE_INFINITY;
    expect(affineInliers(a, b)).toEqual({ count: 4, inliers: Uint8Array.of(1, 1, 1, 1, 0, 0) });
  });

  it("refuses what cannot be", () => {
    const refusal = (message: string) => new RangeError(`affineInliers: expected ${message}`);
    expect(() => affineInliers(square, square.slice(2))).toThrow(refusal("`b` to have 8 elements, got 6"));
    expect(() => affineInliers(new Float32Array(3), new Float32Array(3))).toThrow(
      refusal("`a` to hold pairs of x and y, got 3 numbers"),
    );
    expect(() => affineInliers(square, square, { trials: 0 })).toThrow(
      refusal("`trials` to be an integer >= 1, got 0"),
    );
    expect(() => affineInliers(square, square, { seed: -1 })).toThrow(
      refusal("`seed` to be an integer >= 0, got -1"),
    );
    expect(() => affineInliers(square, square, { residual: 0 })).toThrow(
      refusal("`residual` to be above 0, got 0"),
    );
    expect(() => affineInliers(square, square, { samples: Int32Array.of(0, 1) })).toThrow(
      refusal("`samples` to hold threes of matches, got 2 numbers"),
    );
    expect(() => affineInliers(square, square, { samples: Int32Array.of(0, 1, 4) })).toThrow(
      refusal("`samples` to be an integer from 0 to 3, got 4"),
    );
  });
});
