import {
  type Augmentation,
  augmentations,
  augmentNormalized,
  augmentPixels,
  drawAugmentation,
  gld2021SecondAugmentation,
  type Pixels,
} from "@lmk/data";
import { gld2021SecondNormalization, sharpCodec } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import { goldenImage } from "./golden-images.ts";

const ofTwoYears = [
  { name: "horizontalFlip", probability: 0.5 },
  { name: "jpegCompression", quality: [99, 100], probability: 0.5 },
  { name: "shiftScaleRotate", shift: 0.2, scale: 0.2, degrees: 10, probability: 0.7 },
  { name: "resize" },
  { name: "cutout", holes: 1, fraction: 0.4, fill: 0, probability: 0.5 },
];

const brightness = {
  name: "brightnessContrast",
  brightness: 0.1,
  contrast: 0,
  brightnessBy: "mean",
  probability: 0.5,
};

/** Twelve draws of an augmentation, done to an image. */
function augmentTwelve(augmentation: Augmentation, image: Pixels, side: number): Promise<Pixels[]> {
  const target = { width: side, height: side };
  return Promise.all(
    Array.from({ length: 12 }, (_, row) => {
      const draws = drawAugmentation(augmentation, image, { seed: 2, epoch: 0, row }, { target });
      return augmentPixels(image, draws, { codec: sharpCodec });
    }),
  );
}

describe("augmentations", () => {
  it("hold the numbers of the solutions", () => {
    expect(augmentations).toEqual({
      none: [],
      soft: [brightness, { name: "cropZoom", scale: 0.2 }],
      middle: [
        { name: "shear", degrees: 4, probability: 0.5 },
        { ...brightness, contrast: 0.1 },
        { name: "cropZoom", scale: 0.3 },
      ],
      gld2019V7: [{ name: "cropZoom", scale: 0.1 }, brightness, { name: "horizontalFlip", probability: 0.5 }],
      gld2020Third: ofTwoYears,
      gld2021First: ofTwoYears,
    });
  });

  it.each(["soft", "middle", "gld2019V7"] as const)(
    "%s changes an image of the batch's size",
    async (name) => {
      const image = goldenImage(["vivid", 32, 32]);
      const results = await augmentTwelve(augmentations[name], image, 32);
      for (const { width, height } of results) expect([width, height]).toEqual([32, 32]);
      expect(new Set(results.map(({ data }) => data.join())).size).toBe(12);
    },
  );

  it.each(["gld2020Third", "gld2021First"] as const)(
    "%s changes a stored image and warps it",
    async (name) => {
      const results = await augmentTwelve(augmentations[name], goldenImage(["vivid", 41, 29]), 32);
      for (const { width, height } of results) expect([width, height]).toEqual([32, 32]);
      expect(new Set(results.map(({ data }) => data.join())).size).toBeGreaterThan(9);
    },
  );

  it("change nothing by the name of none", async () => {
    const image = goldenImage(["vivid", 8, 8]);
    expect(await augmentTwelve(augmentations.none, image, 8)).toEqual(
      Array.from({ length: 12 }, () => image),
    );
  });
});

describe("gld2021SecondAugmentation", () => {
  it.each([
    [256, 10],
    [384, 15],
    [448, 18],
    [512, 20],
    [32, 1],
  ])("pads %d by %d", (side, padding) => {
    expect(gld2021SecondAugmentation(side)).toEqual([
      { name: "horizontalFlip", probability: 0.5 },
      { name: "padRandomCrop", padding },
      {
        name: "randomErasing",
        area: [0.02, 0.2],
        aspect: [0.3, 1 / 0.3],
        attempts: 100,
        fill: 0,
        probability: 1,
      },
    ]);
  });

  it("changes bytes, and erases from what was normalized", async () => {
    const image = goldenImage(["vivid", 64, 64]);
    const size = { width: 64, height: 64 };
    const draws = drawAugmentation(gld2021SecondAugmentation(64), size, { seed: 1, epoch: 0, row: 0 });
    const { width, height } = await augmentPixels(image, draws);
    expect([width, height]).toEqual([64, 64]);
    const normalized = new Float32Array(64 * 64 * 3).fill(1);
    augmentNormalized(normalized, size, draws);
    const erased = normalized.filter((value) => value === 0).length / normalized.length;
    expect(erased).toBeGreaterThan(0.015);
    expect(erased).toBeLessThan(0.21);
  });

  it("goes with a normalization of its own", () => {
    expect(gld2021SecondNormalization).toEqual({
      mean: [0.485, 0.456, 0.406],
      std: [57 / 255, 57 / 255, 57 / 255],
    });
    expect(gld2021SecondNormalization.std[0]).toBe(0.2235294117647059);
  });

  it.each([0, 2.5, Number.NaN])("refuses a side of %d", (side) => {
    expect(() => gld2021SecondAugmentation(side)).toThrow(
      new RangeError(`gld2021SecondAugmentation: expected \`side\` to be an integer >= 1, got ${side}`),
    );
  });
});
