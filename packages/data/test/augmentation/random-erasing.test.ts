import { augmentNormalized, augmentPixels, drawAugmentation, horizontalFlip, randomErasing } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { countsOf, drawnOf, mean, range } from "./draw-helpers.ts";
import { hashedImage } from "./hashed-image.ts";

const square = { width: 10, height: 10 };

describe("randomErasing", () => {
  it("has the numbers of the second solution of 2021", () => {
    expect(randomErasing()).toEqual({
      name: "randomErasing",
      area: [0.02, 0.2],
      aspect: [0.3, 1 / 0.3],
      attempts: 100,
      fill: 0,
      probability: 1,
    });
  });

  it("draws areas and shapes from their ranges", () => {
    const size = { width: 1600, height: 1000 };
    const all = drawnOf(randomErasing(), size);
    const areas = all.map(({ width, height }) => (width * height) / 1600000);
    const [smallest, largest] = range(areas);
    expect([smallest! > 0.0199, smallest! < 0.0203, largest! > 0.198, largest! < 0.2005]).toEqual(
      Array(4).fill(true),
    );
    expect(mean(areas)).toBeCloseTo(0.11, 2);
    const shapes = all.map(({ width, height }) => height / width);
    const [flattest, steepest] = range(shapes);
    expect([flattest! > 0.298, flattest! < 0.305, steepest! > 3.3, steepest! < 3.35]).toEqual(
      Array(4).fill(true),
    );
    // Uniform in the shape itself, not in its logarithm.
    expect(mean(shapes)).toBeCloseTo((0.3 + 1 / 0.3) / 2, 1);
  });

  it("puts them at all places equally often", () => {
    const all = drawnOf(randomErasing({ area: [0.25, 0.25], aspect: [1, 1] }), square, 6000);
    expect(all.every(({ width, height }) => width === 5 && height === 5)).toBe(true);
    for (const places of [all.map(({ left }) => left), all.map(({ top }) => top)]) {
      const counts = countsOf(places);
      expect([...counts.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
      for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
    }
  });

  it("rounds sides of a half to the even number", () => {
    const one = randomErasing({ area: [0.01, 0.01], aspect: [1, 1] });
    expect(drawnOf(one, { width: 25, height: 25 }, 1)[0]).toMatchObject({ width: 2, height: 2 });
    expect(drawnOf(one, { width: 35, height: 35 }, 1)[0]).toMatchObject({ width: 4, height: 4 });
  });

  it("leaves images alone that no rectangle fits, as high or as wide as the image not counting", () => {
    expect(drawnOf(randomErasing({ area: [1, 1], aspect: [1, 1] }), square, 20)).toEqual([]);
    expect(drawnOf(randomErasing({ area: [0.5, 0.5], aspect: [2, 2] }), square, 20)).toEqual([]);
    expect(drawnOf(randomErasing({ area: [0.5, 0.5], aspect: [0.5, 0.5] }), square, 20)).toEqual([]);
    expect(drawnOf(randomErasing({ area: [0.9, 0.9], aspect: [4, 4] }), square, 20)).toEqual([]);
    expect(drawnOf(randomErasing(), { width: 1, height: 1 }, 20)).toEqual([]);
  });

  it("tries again as often as it is told", () => {
    const shape = { area: [0.5, 0.5], aspect: [0.1, 6] } as const;
    const share = (attempts: number): number =>
      drawnOf(randomErasing({ ...shape, attempts }), { width: 100, height: 100 }).length / 4000;
    // Fits where 1/2 < r < 2, but for rounding.
    expect(share(1)).toBeCloseTo(1.5 / 5.9, 1);
    expect(share(2)).toBeCloseTo(1 - (1 - 1.5 / 5.9) ** 2, 1);
    expect(share(100)).toBe(1);
  });

  it("fills its rectangle of the normalized image, and leaves bytes alone", async () => {
    const draw = { name: "randomErasing", left: 1, top: 0, width: 1, height: 2, fill: -0.5 } as const;
    const image = Float32Array.from({ length: 18 }, (_, i) => i);
    augmentNormalized(image, { width: 3, height: 2 }, [draw]);
    const f = -0.5;
    expect([...image]).toEqual([0, 1, 2, f, f, f, 6, 7, 8, 9, 10, 11, f, f, f, 15, 16, 17]);
    const bytes = hashedImage(2, 3, 2);
    expect(await augmentPixels(bytes, [draw])).toBe(bytes);
  });

  it("comes last", () => {
    expect(() =>
      drawAugmentation([randomErasing(), horizontalFlip()], square, { seed: 0, epoch: 0, row: 0 }),
    ).toThrow(
      new RangeError(
        "drawAugmentation: expected `augmentation` to end with randomErasing, which comes after normalization, got horizontalFlip behind it",
      ),
    );
  });

  it.each([
    ["area[1]", { area: [0.1, 1.1] }, "a number from 0 to 1", 1.1],
    ["area[0]", { area: [0.3, 0.2] }, "a number from 0 to 0.2", 0.3],
    ["aspect[1]", { aspect: [1, 101] }, "a number from 0.01 to 100", 101],
    ["aspect[0]", { aspect: [0, 2] }, "a number from 0.01 to 2", 0],
    ["attempts", { attempts: 0 }, "an integer >= 1", 0],
    ["fill", { fill: Number.NaN }, "a number from -1000000 to 1000000", Number.NaN],
  ])("refuses %s that cannot be", (name, options, expectation, value) => {
    expect(() => randomErasing(options as object)).toThrow(
      new RangeError(`randomErasing: expected \`${name}\` to be ${expectation}, got ${value}`),
    );
  });
});
