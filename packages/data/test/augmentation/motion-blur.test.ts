import { augmentPixels, motionBlur, type Pixels } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { countsOf, drawnOf } from "./draw-helpers.ts";

const row: Pixels = {
  data: Uint8Array.from([0, 90, 30, 60].flatMap((v) => [v, v, v])),
  width: 4,
  height: 1,
  channels: 3,
};

async function reds(from: readonly [number, number], to: readonly [number, number]): Promise<number[]> {
  const { data } = await augmentPixels(row, [{ name: "motionBlur", kernel: 3, from, to }]);
  return [...data].filter((_, i) => i % 3 === 0);
}

describe("motionBlur", () => {
  it("has the numbers of albumentations", () => {
    expect(motionBlur()).toEqual({ name: "motionBlur", kernel: [3, 7], probability: 0.5 });
  });

  it("takes the mean along the line, with the image mirrored at its edges", async () => {
    expect(await reds([0, 1], [2, 1])).toEqual([60, 40, 60, 40]);
    expect(await reds([2, 1], [0, 1])).toEqual([60, 40, 60, 40]);
  });

  it("moves the image when the line is a pixel beside the middle", async () => {
    expect(await reds([2, 1], [2, 1])).toEqual([90, 30, 60, 30]);
  });

  it("draws sides, and ends inside of them, equally often; upright lines have two ends", () => {
    const all = drawnOf(motionBlur({ probability: 1 }), { width: 9, height: 9 }, 9000);
    const sides = countsOf(all.map(({ kernel }) => kernel));
    expect([...sides.keys()].toSorted()).toEqual([3, 5, 7]);
    for (const count of sides.values()) expect(Math.abs(count - 3000)).toBeLessThan(4 * Math.sqrt(2000));
    const small = all.filter(({ kernel }) => kernel === 3);
    const ends = countsOf(small.map(({ from, to }) => from[0] * 27 + from[1] * 9 + to[0] * 3 + to[1]));
    expect(ends.size).toBe(81 - 9);
    const upright = small.filter(({ from, to }) => from[0] === to[0]);
    expect(upright.every(({ from, to }) => from[1] !== to[1])).toBe(true);
    expect(upright.length / small.length).toBeCloseTo(1 / 3, 1);
  });

  it("draws sides from its range alone", () => {
    const draws = drawnOf(motionBlur({ kernel: [5, 7], probability: 1 }), { width: 9, height: 9 }, 100);
    expect(new Set(draws.map(({ kernel }) => kernel))).toEqual(new Set([5, 7]));
  });

  it.each<[readonly [number, number], string]>([
    [[2, 7], "`kernel[0]` to be an integer from 3 to 7, got 2"],
    [[3, 101], "`kernel[1]` to be an integer from 3 to 99, got 101"],
    [[7, 5], "`kernel[0]` to be an integer from 3 to 5, got 7"],
    [[3, 4], "`kernel` to be two odd numbers, got [3, 4]"],
    [[4, 5], "`kernel` to be two odd numbers, got [4, 5]"],
  ])("refuses a kernel of %j", (kernel, detail) => {
    expect(() => motionBlur({ kernel })).toThrow(new RangeError(`motionBlur: expected ${detail}`));
  });
});
