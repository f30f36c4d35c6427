import {
  type AffineVerifierOptions,
  affineInliers,
  affineVerifier,
  type LocalFeatures,
  matchDescriptors,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

/** Forty places of a scene, seen with a shift; `right` of them with their own descriptors. */
function view(shift: number, right: number): LocalFeatures {
  const points = Float32Array.from({ length: 80 }, (_, i) => ((i * 7919) % 613) + shift);
  const data = new Float32Array(40 * 8);
  for (let row = 0; row < 40; row++) {
    for (let i = 0; i < 8; i++) {
      data[row * 8 + i] = row < right ? Math.sin(row * 13.7 + i * i * 3.1) : 50 + shift + 10 * row;
    }
  }
  return { points, descriptors: { data, rows: 40, columns: 8 } };
}

const views = [view(0, 40), view(35, 30), view(-20, 12), view(5, 0)];

describe("affineVerifier", () => {
  it("counts the matches that agree, the row's image first", async () => {
    const verify = affineVerifier((row) => views[row]);
    expect(await verify(0, Int32Array.of(1, 2, 3, 0))).toEqual(Int32Array.of(30, 12, 0, 40));
    const [a, b] = [views[1], views[0]];
    const matches = matchDescriptors(a.descriptors, b.descriptors);
    const at = (points: Float32Array, rows: Int32Array) =>
      Float32Array.from([...rows].flatMap((row) => [points[2 * row], points[2 * row + 1]]));
    const expected = affineInliers(at(a.points, matches.a), at(b.points, matches.b)).count;
    expect(await verify(1, Int32Array.of(0))).toEqual(Int32Array.of(expected));
  });

  it("passes its options on", async () => {
    const closest = affineVerifier((row) => views[row], { maxDistance: 1e-3 });
    expect(await closest(0, Int32Array.of(1))).toEqual(Int32Array.of(30));
    const countOf = async (options: AffineVerifierOptions) => {
      const verify = affineVerifier((row) => views[row], { maxDistance: 1e9, ...options });
      return (await verify(0, Int32Array.of(2)))[0];
    };
    const count = await countOf({});
    expect(count).toBeGreaterThanOrEqual(12);
    expect(await countOf({ trials: 1 })).toBeLessThan(12);
    expect(await countOf({ residual: 2000 })).toBe(40);
    const seeds = await Promise.all([1, 2, 3, 4, 5].map((seed) => countOf({ trials: 3, seed })));
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it("keeps the features that were used last", async () => {
    const read: number[] = [];
    const verify = affineVerifier(
      async (row) => {
        read.push(row);
        return views[row];
      },
      { cacheSize: 2 },
    );
    await verify(0, Int32Array.of(1));
    await verify(0, Int32Array.of(1));
    expect(read).toEqual([0, 1]);
    await verify(0, Int32Array.of(2));
    expect(read).toEqual([0, 1, 2]);
    await verify(2, Int32Array.of(0, 1));
    expect(read).toEqual([0, 1, 2, 1]);
  });

  it("reads again what could not be read", async () => {
    let reads = 0;
    const verify = affineVerifier((row) => {
      reads += 1;
      if (reads === 1) throw new Error("torn file");
      return views[row];
    });
    await expect(async () => verify(0, Int32Array.of(1))).rejects.toThrow(new Error("torn file"));
    expect(await verify(0, Int32Array.of(1))).toEqual(Int32Array.of(30));
  });

  it("finds that images without features agree with none", async () => {
    const none = {
      points: new Float32Array(0),
      descriptors: { data: new Float32Array(0), rows: 0, columns: 0 },
    };
    const verify = affineVerifier((row) => (row === 0 ? none : views[row]));
    expect(await verify(0, Int32Array.of(1))).toEqual(Int32Array.of(0));
    expect(await verify(1, Int32Array.of(0))).toEqual(Int32Array.of(0));
  });

  it("refuses what cannot be", async () => {
    const get = (row: number) => views[row];
    expect(() => affineVerifier(get, { cacheSize: 0 })).toThrow(
      new RangeError("affineVerifier: expected `cacheSize` to be an integer >= 1, got 0"),
    );
    expect(() => affineVerifier(get, { maxDistance: -1 })).toThrow(
      new RangeError("matchDescriptors: expected `maxDistance` to be above 0, got -1"),
    );
    expect(() => affineVerifier(get, { trials: 0 })).toThrow(
      new RangeError("affineInliers: expected `trials` to be an integer >= 1, got 0"),
    );
    const ragged = affineVerifier(() => ({ ...views[0], points: new Float32Array(3) }));
    await expect(async () => ragged(0, Int32Array.of(1))).rejects.toThrow(
      new RangeError("affineVerifier: expected `points` to have 80 elements, got 3"),
    );
  });
});
