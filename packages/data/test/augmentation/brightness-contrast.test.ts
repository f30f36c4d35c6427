import { readFileSync } from "node:fs";
import {
  augmentPixels,
  type BrightnessContrast,
  type BrightnessContrastDraw,
  type BrightnessContrastOptions,
  brightnessContrast,
  drawAugmentation,
  type Pixels,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { type GoldenImage, type GoldenResult, goldenImage, resultOf } from "./golden-images.ts";

interface Case extends GoldenResult {
  readonly image: GoldenImage;
  readonly gain: number;
  readonly share: number;
  readonly by: BrightnessContrast["brightnessBy"];
}

interface Goldens {
  readonly brightnessContrast: readonly Case[];
}

const goldens: Goldens = JSON.parse(readFileSync(new URL("../golden/color.json", import.meta.url), "utf8"));
const size = { width: 8, height: 8 };

function drawRows(options: BrightnessContrastOptions, count: number): (BrightnessContrastDraw | undefined)[] {
  return Array.from({ length: count }, (_, row) => {
    const [draw] = drawAugmentation([brightnessContrast(options)], size, { seed: 5, epoch: 0, row });
    return draw as BrightnessContrastDraw | undefined;
  });
}

function expectFilled(values: readonly number[], lowest: number, highest: number): void {
  const margin = (highest - lowest) / 200;
  expect(Math.min(...values)).toBeGreaterThanOrEqual(lowest);
  expect(Math.min(...values)).toBeLessThan(lowest + margin);
  expect(Math.max(...values)).toBeLessThanOrEqual(highest);
  expect(Math.max(...values)).toBeGreaterThan(highest - margin);
}

describe("the change", () => {
  it.each(["maximum", "mean"])("gives the bytes of albumentations 1.3.1, by %s", async (by) => {
    const cases = goldens.brightnessContrast.filter((golden) => golden.by === by);
    expect(cases).toHaveLength(14);
    for (const golden of cases) {
      const { gain, share } = golden;
      const draw: BrightnessContrastDraw =
        by === "maximum"
          ? { name: "brightnessContrast", gain, offset: share * 255 }
          : { name: "brightnessContrast", gain, offset: 0, meanShare: gain * share };
      const result = await augmentPixels(goldenImage(golden.image), [draw]);
      expect({ ...golden, ...resultOf(result, golden) }).toEqual(golden);
    }
  });

  it("multiplies, adds, cuts the fraction off and clips, by hand", async () => {
    const image: Pixels = { data: Uint8Array.of(0, 100, 255, 10, 20, 35), width: 2, height: 1, channels: 3 };
    const bytes = async (draw: Omit<BrightnessContrastDraw, "name">): Promise<number[]> => [
      ...(await augmentPixels(image, [{ name: "brightnessContrast", ...draw }])).data,
    ];
    expect(await bytes({ gain: 1.1, offset: -3.5 })).toEqual([0, 106, 255, 7, 18, 35]);
    // The mean is 70.
    expect(await bytes({ gain: 1, offset: 0, meanShare: 0.1 })).toEqual([7, 107, 255, 17, 27, 42]);
    expect(await bytes({ gain: 1, offset: 0 })).toEqual([...image.data]);
  });
});

describe("the draws", () => {
  it("fill the ranges, of 255", () => {
    const draws = drawRows({ brightness: 0.2, contrast: 0.3, probability: 1 }, 4000);
    expectFilled(
      draws.map((draw) => draw?.gain ?? Number.NaN),
      0.7,
      1.3,
    );
    expectFilled(
      draws.map((draw) => draw?.offset ?? Number.NaN),
      -51,
      51,
    );
    expect(draws.every((draw) => draw?.meanShare === undefined)).toBe(true);
  });

  it("fill the ranges, of the mean", () => {
    const options = { brightness: 0.2, contrast: 0.3, probability: 1 } as const;
    const draws = drawRows({ ...options, brightnessBy: "mean" }, 4000);
    const byMaximum = drawRows(options, 4000);
    expect(draws.every((draw) => draw?.offset === 0)).toBe(true);
    expectFilled(
      draws.map((draw) => (draw?.meanShare ?? Number.NaN) / draw!.gain),
      -0.2,
      0.2,
    );
    expect(draws.map((draw) => draw?.gain)).toEqual(byMaximum.map((draw) => draw?.gain));
  });

  it("change half of the images, or the share that was asked for", () => {
    const shareOf = (options: BrightnessContrastOptions): number =>
      drawRows(options, 4000).filter((draw) => draw !== undefined).length / 4000;
    expect(Math.abs(shareOf({}) - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(shareOf({ probability: 0.2 }) - 0.2)).toBeLessThan(0.03);
    expect(shareOf({ probability: 0 })).toBe(0);
  });

  it("are the same for the same key and differ with each part of it", () => {
    const draw = (seed: number, epoch: number, row: number): unknown =>
      drawAugmentation([brightnessContrast({ probability: 1 })], size, { seed, epoch, row });
    const first = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(first);
    const others = [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)];
    for (const other of others) expect(other).not.toEqual(first);
  });
});

describe("brightnessContrast", () => {
  it("has its defaults", () => {
    expect(brightnessContrast()).toEqual({
      name: "brightnessContrast",
      brightness: 0.1,
      contrast: 0.1,
      brightnessBy: "maximum",
      probability: 0.5,
    });
  });

  it.each([
    ["brightness", -0.1],
    ["contrast", 1.5],
    ["probability", Number.NaN],
  ])("refuses %s %d", (name, value) => {
    expect(() => brightnessContrast({ [name]: value })).toThrow(
      new RangeError(`brightnessContrast: expected \`${name}\` to be a number from 0 to 1, got ${value}`),
    );
  });

  it("refuses another base of brightness", () => {
    expect(() => brightnessContrast({ brightnessBy: "median" as "mean" })).toThrow(
      new RangeError('brightnessContrast: expected `brightnessBy` to be one of maximum, mean, got "median"'),
    );
  });
});
