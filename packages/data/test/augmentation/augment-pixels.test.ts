import { type AugmentationDraw, augmentations, augmentPixels, drawAugmentation } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { augmentLiterally } from "./augment-literally.ts";

const size = { width: 23, height: 17 };
const pixels = Uint8Array.from({ length: 23 * 17 * 3 }, (_, i) => (i * i * 7 + 13 * i) % 256);
const same: AugmentationDraw = {
  shearDegrees: 0,
  gain: 1,
  offset: 0,
  crop: { left: 0, top: 0, ...size },
  flip: false,
};

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe("augmentPixels", () => {
  it("changes nothing when nothing was drawn, and leaves its input as it was", () => {
    const before = pixels.slice();
    expect(augmentPixels(pixels, size, same)).toEqual(pixels);
    augmentPixels(pixels, size, { ...same, shearDegrees: 9, gain: 2, flip: true });
    expect(pixels).toEqual(before);
  });

  it("mirrors", () => {
    const mirrored = augmentPixels(pixels, size, { ...same, flip: true });
    expect([...mirrored.subarray(0, 3)]).toEqual([...pixels.subarray(22 * 3, 23 * 3)]);
    expect(augmentPixels(mirrored, size, { ...same, flip: true })).toEqual(pixels);
  });

  it("multiplies, adds, rounds down and clips", () => {
    const bytes = Uint8Array.of(0, 100, 255, 10, 20, 30);
    const two = { width: 2, height: 1 };
    const crop = { left: 0, top: 0, ...two };
    expect([...augmentPixels(bytes, two, { ...same, crop, gain: 1.1, offset: -3.5 })]).toEqual([
      0, 106, 255, 7, 18, 29,
    ]);
  });

  it("shows black where the crop lies outside", () => {
    const white = new Uint8Array(8 * 8 * 3).fill(255);
    const crop = { left: -8, top: 0, width: 16, height: 8 };
    const result = augmentPixels(white, { width: 8, height: 8 }, { ...same, crop });
    expect([...result.subarray(0, 4 * 3)]).toEqual(new Array(12).fill(0));
    expect([...result.subarray(4 * 3, 8 * 3)]).toEqual(new Array(12).fill(255));
  });

  it("keeps the middle row in place when it shears, and moves the others", () => {
    const image = new Uint8Array(9 * 9 * 3);
    for (let y = 0; y < 9; y++) image.fill(255, (y * 9 + 4) * 3, (y * 9 + 5) * 3);
    const square = { width: 9, height: 9 };
    const result = augmentPixels(image, square, {
      ...same,
      crop: { left: 0, top: 0, ...square },
      shearDegrees: 14.04,
    });
    expect([3, 4, 5].map((x) => result[(4 * 9 + x) * 3])).toEqual([0, 255, 0]);
    expect([4, 5].map((x) => result[(1 * 9 + x) * 3] > 100)).toEqual([false, true]);
    expect([4, 3].map((x) => result[(7 * 9 + x) * 3] > 100)).toEqual([false, true]);
  });

  it("agrees with the formulas applied pixel by pixel", () => {
    const wild = {
      ...augmentations.middle,
      shearDegrees: 30,
      cropScale: 0.6,
      contrast: 0.5,
      horizontalFlip: 0.5,
    };
    for (let row = 0; row < 60; row++) {
      const draw = drawAugmentation(row % 2 === 0 ? wild : augmentations.soft, size, {
        seed: 5,
        epoch: 1,
        row,
      });
      expect(
        largestDifference(augmentPixels(pixels, size, draw), augmentLiterally(pixels, size, draw)),
      ).toBeLessThan(2);
    }
  });

  it("refuses pixels of another size", () => {
    expect(() => augmentPixels(pixels.subarray(3), size, same)).toThrow(
      new RangeError("augmentPixels: expected `pixels` to have 1173 elements, got 1170"),
    );
  });
});
