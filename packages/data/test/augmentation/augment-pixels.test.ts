import { augmentNormalized, augmentPixels, type Pixels, type TransformDraw } from "@lmk/data";
import { describe, expect, it } from "vitest";

const size = { width: 23, height: 17 };
const pixels: Pixels = {
  data: Uint8Array.from({ length: 23 * 17 * 3 }, (_, i) => (i * i * 7 + 13 * i) % 256),
  ...size,
  channels: 3,
};
const flip: TransformDraw = { name: "horizontalFlip" };

describe("augmentPixels", () => {
  it("gives the image itself when nothing was drawn", async () => {
    expect(await augmentPixels(pixels, [])).toBe(pixels);
  });

  it("leaves its input as it was", async () => {
    const before = pixels.data.slice();
    const draws: TransformDraw[] = [
      { name: "shear", degrees: 9 },
      { name: "brightnessContrast", gain: 2, offset: 0 },
      { name: "cropZoom", left: -2, top: 3, width: 30, height: 11 },
      flip,
    ];
    const changed = await augmentPixels(pixels, draws);
    expect([changed.width, changed.height, changed.channels]).toEqual([23, 17, 3]);
    expect(pixels.data).toEqual(before);
  });

  it("does one after the other", async () => {
    const crop: TransformDraw = { name: "cropZoom", left: -4, top: 0, width: 27, height: 17 };
    const both = await augmentPixels(pixels, [crop, flip]);
    expect(both).toEqual(await augmentPixels(await augmentPixels(pixels, [crop]), [flip]));
    expect(both).not.toEqual(await augmentPixels(pixels, [flip, crop]));
  });

  it("mirrors", async () => {
    const mirrored = await augmentPixels(pixels, [flip]);
    expect([...mirrored.data.subarray(0, 3)]).toEqual([...pixels.data.subarray(22 * 3, 23 * 3)]);
    expect(await augmentPixels(mirrored, [flip])).toEqual(pixels);
  });

  it("multiplies, adds, rounds down and clips", async () => {
    const two: Pixels = { data: Uint8Array.of(0, 100, 255, 10, 20, 30), width: 2, height: 1, channels: 3 };
    const changed = await augmentPixels(two, [{ name: "brightnessContrast", gain: 1.1, offset: -3.5 }]);
    expect([...changed.data]).toEqual([0, 106, 255, 7, 18, 29]);
  });

  it("refuses pixels that do not fit the sides", async () => {
    const refused = (image: Partial<Pixels>): Promise<Pixels> => augmentPixels({ ...pixels, ...image }, []);
    await expect(refused({ data: pixels.data.subarray(3) })).rejects.toThrow(
      new RangeError("augmentPixels: expected `data` to have 1173 elements, got 1170"),
    );
    await expect(refused({ width: 0 })).rejects.toThrow(
      new RangeError("augmentPixels: expected `width` to be an integer >= 1, got 0"),
    );
    await expect(refused({ height: 1.5 })).rejects.toThrow(
      new RangeError("augmentPixels: expected `height` to be an integer >= 1, got 1.5"),
    );
  });
});

describe("augmentNormalized", () => {
  it("refuses an image that does not fit its size", () => {
    expect(() => augmentNormalized(new Float32Array(23 * 17), size, [])).toThrow(
      new RangeError("augmentNormalized: expected `image` to have 1173 elements, got 391"),
    );
  });
});
