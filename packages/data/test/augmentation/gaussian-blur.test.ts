import { augmentPixels, gaussianBlur, type Pixels } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { drawnOf, range } from "./draw-helpers.ts";
import { hashedImage } from "./hashed-image.ts";

describe("gaussianBlur", () => {
  it("has the widths of torchvision", () => {
    const expected = { name: "gaussianBlur", kernel: 5, sigma: [0.1, 2], probability: 0.5 };
    expect(gaussianBlur({ kernel: 5 })).toEqual(expected);
  });

  it("takes the mean of neighbors when it is wide, with the image mirrored at its edges", async () => {
    const image: Pixels = {
      data: Uint8Array.of(0, 0, 0, 90, 90, 90, 30, 30, 30),
      width: 3,
      height: 1,
      channels: 3,
    };
    const { data } = await augmentPixels(image, [{ name: "gaussianBlur", kernel: 3, sigma: 100 }]);
    expect([...data]).toEqual([60, 60, 60, 40, 40, 40, 70, 70, 70]);
  });

  it("changes nothing when it is narrow, or its kernel is one pixel", async () => {
    const image = hashedImage(2, 7, 5);
    for (const draw of [
      { kernel: 5, sigma: 0.01 },
      { kernel: 1, sigma: 3 },
    ])
      expect(await augmentPixels(image, [{ name: "gaussianBlur", ...draw }])).toEqual(image);
  });

  it("takes images smaller than its kernel", async () => {
    const flat: Pixels = { data: new Uint8Array(12).fill(77), width: 2, height: 2, channels: 3 };
    expect(await augmentPixels(flat, [{ name: "gaussianBlur", kernel: 9, sigma: 3 }])).toEqual(flat);
  });

  it("fills its range and not more", () => {
    const transform = gaussianBlur({ kernel: 3, sigma: [0.5, 1.5] });
    const [narrowest, widest] = range(drawnOf(transform, { width: 9, height: 9 }).map(({ sigma }) => sigma));
    expect([narrowest! >= 0.5, narrowest! < 0.51, widest! > 1.49, widest! < 1.5]).toEqual(
      Array(4).fill(true),
    );
  });

  it.each([
    ["kernel", { kernel: 0 }, "an integer from 1 to 99", 0],
    ["kernel", { kernel: 4 }, "odd", 4],
    ["sigma[1]", { kernel: 3, sigma: [1, 101] }, "a number from 0.01 to 100", 101],
    ["sigma[0]", { kernel: 3, sigma: [3, 2] }, "a number from 0.01 to 2", 3],
  ])("refuses a %s that cannot be", (name, options, expectation, value) => {
    expect(() => gaussianBlur(options as { kernel: number })).toThrow(
      new RangeError(`gaussianBlur: expected \`${name}\` to be ${expectation}, got ${value}`),
    );
  });
});
