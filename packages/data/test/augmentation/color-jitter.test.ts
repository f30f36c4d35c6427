import { readFileSync } from "node:fs";
import {
  augmentPixels,
  type ColorJitterDraw,
  type ColorJitterOperation,
  type ColorJitterOptions,
  type ColorJitterStep,
  colorJitter,
  drawAugmentation,
  type Pixels,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { type GoldenImage, type GoldenResult, goldenImage, resultOf } from "./golden-images.ts";

interface Case extends GoldenResult {
  readonly image: GoldenImage;
  readonly steps: readonly ColorJitterStep[];
}

interface Goldens {
  readonly colorJitter: readonly Case[];
  readonly everyColor: GoldenResult;
}

const goldens: Goldens = JSON.parse(readFileSync(new URL("../golden/color.json", import.meta.url), "utf8"));
const operations = ["brightness", "contrast", "saturation", "hue"] as const;
const size = { width: 8, height: 8 };

function change(pixels: Pixels, ...steps: readonly ColorJitterStep[]): Promise<Pixels> {
  return augmentPixels(pixels, [{ name: "colorJitter", steps }]);
}

function drawRows(options: ColorJitterOptions, count: number): (ColorJitterDraw | undefined)[] {
  return Array.from({ length: count }, (_, row) => {
    const [draw] = drawAugmentation([colorJitter(options)], size, { seed: 4, epoch: 0, row });
    return draw as ColorJitterDraw | undefined;
  });
}

describe("the operations", () => {
  it.each(operations)("%s gives torchvision's bytes", async (name) => {
    const cases = goldens.colorJitter.filter(
      ({ steps }) => steps.length === 1 && steps[0].operation === name,
    );
    expect(cases).toHaveLength(28);
    for (const golden of cases) {
      const result = await change(goldenImage(golden.image), ...golden.steps);
      expect({ ...golden, ...resultOf(result, golden) }).toEqual(golden);
    }
  });

  it("gives them for all four in a row", async () => {
    const cases = goldens.colorJitter.filter(({ steps }) => steps.length === 4);
    expect(cases).toHaveLength(4);
    for (const golden of cases) {
      const result = await change(goldenImage(golden.image), ...golden.steps);
      expect({ ...golden, ...resultOf(result, golden) }).toEqual(golden);
    }
  });

  it("turns the hue of 636,056 colors as torchvision does", async () => {
    const data = new Uint8Array(86 ** 3 * 3);
    for (let i = 0; i < 86 ** 3; i++) {
      data.set([Math.floor(i / 86 ** 2) * 3, (Math.floor(i / 86) % 86) * 3, (i % 86) * 3], 3 * i);
    }
    const result = await change(
      { data, width: 86 ** 2, height: 86, channels: 3 },
      { operation: "hue", value: 0.1 },
    );
    expect(resultOf(result, goldens.everyColor)).toEqual(goldens.everyColor);
  });

  it("follows the formulas by hand", async () => {
    const image: Pixels = { data: Uint8Array.of(200, 100, 0, 0, 0, 0), width: 2, height: 1, channels: 3 };
    const bytes = async (operation: ColorJitterOperation, value: number): Promise<number[]> => [
      ...(await change(image, { operation, value })).data,
    ];
    // The luminance of the first pixel is 59.8 + 58.7 = 118.5, in whole numbers 118; the mean of both is 59.
    expect(await bytes("brightness", 0.5)).toEqual([100, 50, 0, 0, 0, 0]);
    expect(await bytes("brightness", 2)).toEqual([255, 200, 0, 0, 0, 0]);
    expect(await bytes("contrast", 0.5)).toEqual([129, 79, 29, 29, 29, 29]);
    expect(await bytes("saturation", 0)).toEqual([118, 118, 118, 0, 0, 0]);
    expect(await bytes("saturation", 0.5)).toEqual([159, 109, 59, 0, 0, 0]);
    const red: Pixels = { data: Uint8Array.of(255, 0, 0), width: 1, height: 1, channels: 3 };
    expect([...(await change(red, { operation: "hue", value: 1 / 3 })).data]).toEqual([0, 255, 0]);
  });
});

describe("the draws", () => {
  it("fill the ranges of the options and not more", () => {
    const draws = drawRows({ brightness: 0.2, contrast: 1.5, saturation: 0.4, hue: 0.1 }, 4000);
    const ranges = { brightness: [0.8, 1.2], contrast: [0, 2.5], saturation: [0.6, 1.4], hue: [-0.1, 0.1] };
    for (const name of operations) {
      const values = draws.map(
        (draw) => draw?.steps.find((step) => step.operation === name)?.value ?? Number.NaN,
      );
      const [lowest, highest] = ranges[name];
      const margin = (highest - lowest) / 200;
      expect(Math.min(...values)).toBeGreaterThanOrEqual(lowest);
      expect(Math.min(...values)).toBeLessThan(lowest + margin);
      expect(Math.max(...values)).toBeLessThanOrEqual(highest);
      expect(Math.max(...values)).toBeGreaterThan(highest - margin);
    }
  });

  it("come in each of the 24 orders as often", () => {
    const counts = new Map<string, number>();
    for (const draw of drawRows({ hue: 0.1 }, 4800)) {
      const order = draw?.steps.map((step) => step.operation).join() ?? "none";
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
  });

  it("leave out what is 0, and all if everything is", () => {
    const draws = drawRows({}, 50);
    for (const draw of draws)
      expect(draw?.steps.map((step) => step.operation).sort()).toEqual([
        "brightness",
        "contrast",
        "saturation",
      ]);
    const nothing = drawRows({ brightness: 0, contrast: 0, saturation: 0 }, 50);
    expect(nothing.every((draw) => draw === undefined)).toBe(true);
  });

  it("change the share of images that was asked for", () => {
    const changed = drawRows({ probability: 0.3 }, 4000).filter((draw) => draw !== undefined);
    expect(Math.abs(changed.length / 4000 - 0.3)).toBeLessThan(0.03);
    expect(drawRows({ probability: 0 }, 50).every((draw) => draw === undefined)).toBe(true);
  });

  it("are the same for the same key and differ with each part of it", () => {
    const draw = (seed: number, epoch: number, row: number): unknown =>
      drawAugmentation([colorJitter()], size, { seed, epoch, row });
    const first = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(first);
    const others = [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)];
    for (const other of others) expect(other).not.toEqual(first);
  });
});

describe("colorJitter", () => {
  it("has the numbers of the 2021 solution", () => {
    expect(colorJitter()).toEqual({
      name: "colorJitter",
      brightness: 0.1,
      contrast: 0.1,
      saturation: 0.1,
      hue: 0,
      probability: 1,
    });
  });

  it.each([
    ["brightness", -0.1, 10],
    ["contrast", 11, 10],
    ["saturation", Number.NaN, 10],
    ["hue", 0.6, 0.5],
    ["probability", 2, 1],
  ])("refuses %s %d", (name, value, maximum) => {
    expect(() => colorJitter({ [name]: value })).toThrow(
      new RangeError(`colorJitter: expected \`${name}\` to be a number from 0 to ${maximum}, got ${value}`),
    );
  });
});
