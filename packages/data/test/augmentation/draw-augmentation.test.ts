import {
  type Augmentation,
  augmentations,
  brightnessContrast,
  cropZoom,
  drawAugmentation,
  horizontalFlip,
  type ImageTransform,
  resize,
  shear,
  type TransformDraw,
} from "@lmk/data";
import { describe, expect, it } from "vitest";

const size = { width: 200, height: 100 };
const key = { seed: 9, epoch: 0, row: 12 };
const { middle, soft } = augmentations;

describe("drawAugmentation", () => {
  it("draws nothing from an empty list", () => {
    expect(drawAugmentation([], size, key)).toEqual([]);
  });

  it("gives what was drawn in the order of the list, without what was not", () => {
    const augmentation = [
      horizontalFlip({ probability: 1 }),
      shear({ probability: 0 }),
      cropZoom(),
      horizontalFlip({ probability: 1 }),
    ];
    const names = drawAugmentation(augmentation, size, key).map(({ name }) => name);
    expect(names).toEqual(["horizontalFlip", "cropZoom", "horizontalFlip"]);
  });

  it("depends on each part of the key, and on nothing else", () => {
    const draw = (seed: number, epoch: number, row: number, copy?: number): readonly TransformDraw[] =>
      drawAugmentation(soft, size, copy === undefined ? { seed, epoch, row } : { seed, epoch, row, copy });
    const first = draw(1, 2, 3);
    expect(draw(1, 2, 3)).toEqual(first);
    expect(draw(1, 2, 3, 0)).toEqual(first);
    const others = [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4), draw(2, 1, 3), draw(1, 2, 3, 1)];
    for (const other of others) expect(other).not.toEqual(first);
  });

  it("draws the others the same when one transform changes", () => {
    const last = (first: ImageTransform): TransformDraw | undefined =>
      drawAugmentation([first, cropZoom()], size, key).at(-1);
    expect(last(shear({ degrees: 10, probability: 1 }))).toEqual(
      last(brightnessContrast({ probability: 0 })),
    );
  });

  it("draws the same transform anew at each place of the list", () => {
    const [first, second] = drawAugmentation([cropZoom(), cropZoom()], size, key);
    expect(first).not.toEqual(second);
  });

  it("resizes to the target, and draws what comes after for that size", () => {
    const augmentation = [resize(), cropZoom({ scale: 0 })];
    const target = { width: 7, height: 5 };
    expect(drawAugmentation(augmentation, size, key, { target })).toEqual([
      { name: "resize", width: 7, height: 5 },
      { name: "cropZoom", left: 0, top: 0, width: 7, height: 5 },
    ]);
    expect(drawAugmentation([resize()], size, key)).toEqual([{ name: "resize", width: 200, height: 100 }]);
  });

  it.each([
    ["width", { width: 0, height: 1 }, key, 1, 0],
    ["height", { width: 1, height: 1.5 }, key, 1, 1.5],
    ["seed", size, { ...key, seed: -1 }, 0, -1],
    ["epoch", size, { ...key, epoch: 0.5 }, 0, 0.5],
    ["row", size, { ...key, row: -2 }, 0, -2],
    ["copy", size, { ...key, copy: -2 }, 0, -2],
  ])("refuses a %s that cannot be", (name, shape, badKey, minimum, value) => {
    expect(() => drawAugmentation(middle, shape, badKey)).toThrow(
      new RangeError(`drawAugmentation: expected \`${name}\` to be an integer >= ${minimum}, got ${value}`),
    );
  });

  it.each([
    ["target.width", { width: 0, height: 1 }, 0],
    ["target.height", { width: 1, height: 2.5 }, 2.5],
  ])("refuses a %s that cannot be", (name, target, value) => {
    expect(() => drawAugmentation([resize()], size, key, { target })).toThrow(
      new RangeError(`drawAugmentation: expected \`${name}\` to be an integer >= 1, got ${value}`),
    );
  });

  it.each([
    ["sigma", { name: "gaussianBlur", kernel: 3, probability: 1 }, "undefined"],
    ["kernel", { name: "motionBlur", kernel: 7, probability: 1 }, "7"],
    ["quality", { name: "jpegCompression", quality: [99], probability: 1 }, "[99]"],
    ["area", { name: "randomErasing", probability: 1 }, "undefined"],
  ])("refuses plain data without a range for %s", (name, transform, value) => {
    expect(() => drawAugmentation([transform as ImageTransform], size, key)).toThrow(
      new RangeError(`drawAugmentation: expected \`${name}\` to be two numbers, got ${value}`),
    );
  });

  it("refuses parameters out of range that no function of a transform has seen", () => {
    const augmentation: Augmentation = [{ name: "horizontalFlip", probability: 2 }];
    expect(() => drawAugmentation(augmentation, size, key)).toThrow(
      new RangeError("drawAugmentation: expected `probability` to be a number from 0 to 1, got 2"),
    );
  });

  it("refuses a name that no transform has", () => {
    const augmentation = [{ name: "sharpen" }] as unknown as Augmentation;
    expect(() => drawAugmentation(augmentation, size, key)).toThrow(
      /^drawAugmentation: expected `name` to be one of .*horizontalFlip.*, got "sharpen"$/,
    );
  });
});
