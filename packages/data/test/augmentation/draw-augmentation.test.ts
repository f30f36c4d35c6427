import { type Augmentation, type AugmentationDraw, augmentations, drawAugmentation } from "@lmk/data";
import { describe, expect, it } from "vitest";

const size = { width: 200, height: 100 };
const { soft, middle } = augmentations;

function draws(augmentation: Augmentation, count = 4000): AugmentationDraw[] {
  return Array.from({ length: count }, (_, row) =>
    drawAugmentation(augmentation, size, { seed: 1, epoch: 0, row }),
  );
}

function range(values: readonly number[]): number[] {
  return [Math.min(...values), Math.max(...values)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("augmentations", () => {
  it("holds the numbers of the 2019 solution", () => {
    expect(augmentations).toEqual({
      soft: {
        cropScale: 0.2,
        shearDegrees: 0,
        shearProbability: 0.5,
        brightness: 0.1,
        contrast: 0,
        brightnessContrastProbability: 0.5,
        horizontalFlip: 0,
      },
      middle: {
        cropScale: 0.3,
        shearDegrees: 4,
        shearProbability: 0.5,
        brightness: 0.1,
        contrast: 0.1,
        brightnessContrastProbability: 0.5,
        horizontalFlip: 0,
      },
    });
  });
});

describe("drawAugmentation", () => {
  it("fills the ranges of the preset and not more", () => {
    const all = draws(middle);
    expect(range(all.map(({ crop }) => crop.width))).toEqual([140, 259]);
    expect(range(all.map(({ crop }) => crop.height))).toEqual([70, 129]);
    const [lowest, highest] = range(all.map(({ shearDegrees }) => shearDegrees));
    expect([lowest > -4, lowest < -3.98, highest > 3.98, highest < 4]).toEqual([true, true, true, true]);
    const [darkest, brightest] = range(all.map(({ offset }) => offset));
    expect([darkest > -25.5, darkest < -25.3, brightest > 25.3, brightest < 25.5]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    const [flattest, steepest] = range(all.map(({ gain }) => gain));
    expect([flattest > 0.9, flattest < 0.901, steepest > 1.099, steepest < 1.1]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("shears and recolors half of the images, mirrors none", () => {
    const all = draws(middle);
    expect(mean(all.map(({ shearDegrees }) => Number(shearDegrees !== 0)))).toBeCloseTo(0.5, 1);
    expect(mean(all.map(({ gain, offset }) => Number(gain !== 1 || offset !== 0)))).toBeCloseTo(0.5, 1);
    expect(all.some(({ flip }) => flip)).toBe(false);
    expect(mean(draws({ ...soft, horizontalFlip: 0.3 }).map(({ flip }) => Number(flip)))).toBeCloseTo(0.3, 1);
    const softOnes = draws(soft);
    expect(softOnes.every(({ shearDegrees, gain }) => Object.is(shearDegrees, 0) && gain === 1)).toBe(true);
  });

  it("puts crops inside the image, and the image inside larger crops, at even places", () => {
    const all = draws(soft);
    for (const { crop } of all) {
      const [before, after] = [crop.left, size.width - crop.left - crop.width];
      expect(crop.width <= size.width ? before >= 0 && after >= 0 : before <= 0 && after <= 0).toBe(true);
      expect(Number.isInteger(crop.left) && Number.isInteger(crop.top)).toBe(true);
    }
    const places = all
      .filter(({ crop }) => crop.height < 95)
      .map(({ crop }) => crop.top / (100 - crop.height));
    expect(mean(places)).toBeCloseTo(0.46, 1);
    const paddings = all
      .filter(({ crop }) => crop.height > 105)
      .map(({ crop }) => crop.top / (100 - crop.height));
    expect(mean(paddings)).toBeCloseTo(0.5, 1);
    expect(range(paddings)).toEqual([0, 1]);
  });

  it("depends on each part of the key, and on nothing else", () => {
    const draw = (seed: number, epoch: number, row: number): AugmentationDraw =>
      drawAugmentation(middle, size, { seed, epoch, row });
    const first = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(first);
    for (const other of [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(2, 1, 3)])
      expect(other).not.toEqual(first);
  });

  it("draws the other numbers the same when one limit changes", () => {
    const key = { seed: 9, epoch: 0, row: 12 };
    const { crop } = drawAugmentation(soft, size, key);
    expect(
      drawAugmentation({ ...soft, shearDegrees: 10, brightness: 0, horizontalFlip: 1 }, size, key).crop,
    ).toEqual(crop);
  });

  it("keeps at least one pixel", () => {
    const { crop } = drawAugmentation(
      { ...soft, cropScale: 0.99 },
      { width: 1, height: 1 },
      { seed: 0, epoch: 0, row: 0 },
    );
    expect([crop.width, crop.height]).toEqual([1, 1]);
  });

  it.each([
    ["cropScale", 1, 0, 0.99],
    ["shearDegrees", -1, 0, 45],
    ["shearProbability", 2, 0, 1],
    ["brightness", -0.1, 0, 1],
    ["contrast", 1.5, 0, 1],
    ["brightnessContrastProbability", Number.NaN, 0, 1],
    ["horizontalFlip", -1, 0, 1],
  ])("refuses %s %d", (name, value, minimum, maximum) => {
    expect(() => drawAugmentation({ ...soft, [name]: value }, size, { seed: 0, epoch: 0, row: 0 })).toThrow(
      new RangeError(
        `drawAugmentation: expected \`${name}\` to be a number from ${minimum} to ${maximum}, got ${value}`,
      ),
    );
  });

  it.each([
    ["width", { width: 0, height: 1 }, { seed: 0, epoch: 0, row: 0 }, 1, 0],
    ["height", { width: 1, height: 1.5 }, { seed: 0, epoch: 0, row: 0 }, 1, 1.5],
    ["seed", size, { seed: -1, epoch: 0, row: 0 }, 0, -1],
    ["epoch", size, { seed: 0, epoch: 0.5, row: 0 }, 0, 0.5],
    ["row", size, { seed: 0, epoch: 0, row: -2 }, 0, -2],
  ])("refuses a %s that cannot be", (name, shape, key, minimum, value) => {
    expect(() => drawAugmentation(soft, shape, key)).toThrow(
      new RangeError(`drawAugmentation: expected \`${name}\` to be an integer >= ${minimum}, got ${value}`),
    );
  });
});
