import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  augmentPixels,
  drawAugmentation,
  type Interpolation,
  type Pixels,
  type RandAugmentDraw,
  type RandAugmentOperation,
  type RandAugmentOptions,
  randAugment,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { type GoldenImage, type GoldenResult, goldenImage, resultOf } from "./golden-images.ts";

interface Case extends GoldenResult {
  readonly image: GoldenImage;
  readonly operation: RandAugmentOperation;
  readonly value: number;
  readonly interpolation: Interpolation;
}

interface Space {
  readonly bins: number;
  readonly width: number;
  readonly height: number;
  readonly table: Readonly<Record<RandAugmentOperation, { values: readonly number[]; isSigned: boolean }>>;
}

interface Goldens {
  readonly randAugment: readonly Case[];
  readonly allMagnitudes: Readonly<Record<string, { values: readonly number[]; sha256: string }>>;
  readonly spaces: readonly Space[];
}

const goldens: Goldens = JSON.parse(readFileSync(new URL("../golden/color.json", import.meta.url), "utf8"));
const operations = Object.keys(goldens.spaces[0].table) as RandAugmentOperation[];

function drawOf(
  operation: RandAugmentOperation,
  value: number,
  interpolation: Interpolation = "nearest",
  fill = 0,
): RandAugmentDraw {
  return { name: "randAugment", steps: [{ operation, value }], interpolation, fill };
}

function drawRows(
  options: RandAugmentOptions,
  count: number,
  size = { width: 97, height: 61 },
): RandAugmentDraw[] {
  return Array.from({ length: count }, (_, row) => {
    const [draw] = drawAugmentation([randAugment(options)], size, { seed: 3, epoch: 0, row });
    return draw as RandAugmentDraw;
  });
}

describe("the operations", () => {
  it.each(operations)("%s gives torchvision's bytes", async (operation) => {
    const cases = goldens.randAugment.filter((golden) => golden.operation === operation);
    expect(cases.length).toBeGreaterThan(4);
    for (const golden of cases) {
      const { image, value, interpolation } = golden;
      const draw = drawOf(operation, value, interpolation, 127);
      const result = await augmentPixels(goldenImage(image), [draw]);
      expect({ ...golden, ...resultOf(result, golden) }).toEqual(golden);
    }
  });

  it.each(Object.keys(goldens.allMagnitudes))("%s gives them at all 31 magnitudes", async (key) => {
    const [operation, interpolation] = key.split(" ") as [RandAugmentOperation, Interpolation];
    const digest = createHash("sha256");
    for (const value of goldens.allMagnitudes[key].values) {
      const draw = drawOf(operation, -value, interpolation);
      digest.update((await augmentPixels(goldenImage(["vivid", 97, 61]), [draw])).data);
    }
    expect(digest.digest("hex")).toBe(goldens.allMagnitudes[key].sha256);
  });

  it("follow by hand on two pixels", async () => {
    const image: Pixels = { data: Uint8Array.of(10, 90, 0, 30, 90, 200), width: 2, height: 1, channels: 3 };
    const bytes = async (operation: RandAugmentOperation, value: number): Promise<number[]> => [
      ...(await augmentPixels(image, [drawOf(operation, value)])).data,
    ];
    expect(await bytes("solarize", 90)).toEqual([10, 165, 0, 30, 165, 55]);
    expect(await bytes("posterize", 4)).toEqual([0, 80, 0, 16, 80, 192]);
    // 200 * (255 / 200) is a little less than 255 in floating point.
    expect(await bytes("autoContrast", 0)).toEqual([0, 90, 0, 255, 90, 254]);
    expect(await bytes("translateX", 1)).toEqual([0, 0, 0, 10, 90, 0]);
    expect(await bytes("identity", 0)).toEqual([...image.data]);
  });

  it("keeps images too small to smooth", async () => {
    const image = goldenImage(["vivid", 2, 5]);
    expect((await augmentPixels(image, [drawOf("sharpness", 0.9)])).data).toEqual(image.data);
  });

  it("does the steps in order", async () => {
    const image = goldenImage(["vivid", 9, 7]);
    const first = { operation: "solarize", value: 100 } as const;
    const second = { operation: "posterize", value: 2 } as const;
    const both: RandAugmentDraw = { ...drawOf("identity", 0), steps: [first, second] };
    const apart = [drawOf("solarize", 100), drawOf("posterize", 2)];
    expect(await augmentPixels(image, [both])).toEqual(await augmentPixels(image, apart));
    const reversed: RandAugmentDraw = { ...both, steps: [second, first] };
    expect(await augmentPixels(image, [reversed])).not.toEqual(await augmentPixels(image, [both]));
  });
});

describe("the draws", () => {
  it.each(goldens.spaces)("have torchvision's values, $bins of them for $width x $height", (space) => {
    const { bins, width, height, table } = space;
    for (let magnitude = 0; magnitude < bins; magnitude++) {
      const drawn = drawRows({ operations: 300, magnitude, bins }, 1, { width, height })[0].steps;
      for (const operation of operations) {
        const values = drawn.filter((step) => step.operation === operation).map(({ value }) => value);
        const expected = table[operation].values[magnitude];
        const isSigned = table[operation].isSigned && expected !== 0;
        // torch.linspace counts in single precision, from both ends.
        const rounding = 2 ** -22 * Math.max(...table[operation].values);
        expect(Math.abs(Math.max(...values) - expected)).toBeLessThanOrEqual(rounding);
        expect(Math.abs(Math.min(...values) - (isSigned ? -expected : expected))).toBeLessThanOrEqual(
          rounding,
        );
        expect(new Set(values).size).toBe(isSigned ? 2 : 1);
      }
    }
  });

  it("choose each operation, and each sign, as often", () => {
    const steps = drawRows({}, 7000).flatMap((draw) => draw.steps);
    expect(steps).toHaveLength(14000);
    for (const operation of operations) {
      const own = steps.filter((step) => step.operation === operation);
      expect(Math.abs(own.length - 1000)).toBeLessThan(120);
      if (!goldens.spaces[0].table[operation].isSigned) continue;
      const negative = own.filter(({ value }) => value < 0).length;
      expect(Math.abs(negative / own.length - 0.5)).toBeLessThan(0.07);
    }
  });

  it("are the same for the same key and differ with each part of it", () => {
    const draw = (seed: number, epoch: number, row: number): unknown =>
      drawAugmentation([randAugment()], { width: 50, height: 50 }, { seed, epoch, row });
    const first = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(first);
    const others = [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)];
    for (const other of others) expect(other).not.toEqual(first);
  });

  it("carry interpolation and fill", () => {
    const [draw] = drawRows({ interpolation: "bilinear", fill: 128, operations: 1 }, 1);
    expect([draw.interpolation, draw.fill, draw.steps.length]).toEqual(["bilinear", 128, 1]);
  });
});

describe("randAugment", () => {
  it("has torchvision's defaults", () => {
    expect(randAugment()).toEqual({
      name: "randAugment",
      operations: 2,
      magnitude: 9,
      bins: 31,
      interpolation: "nearest",
      fill: 0,
    });
  });

  it.each<[RandAugmentOptions, string]>([
    [{ operations: 0 }, "`operations` to be an integer >= 1, got 0"],
    [{ bins: 1 }, "`bins` to be an integer >= 2, got 1"],
    [{ magnitude: 31 }, "`magnitude` to be an integer from 0 to 30, got 31"],
    [{ magnitude: 2.5 }, "`magnitude` to be an integer from 0 to 30, got 2.5"],
    [{ magnitude: 5, bins: 5 }, "`magnitude` to be an integer from 0 to 4, got 5"],
    [{ fill: 256 }, "`fill` to be an integer from 0 to 255, got 256"],
    [
      { interpolation: "cubic" as Interpolation },
      '`interpolation` to be one of nearest, bilinear, got "cubic"',
    ],
  ])("refuses %j", (options, rest) => {
    expect(() => randAugment(options)).toThrow(new RangeError(`randAugment: expected ${rest}`));
  });
});
