import { augmentPixels, type ImageCodec, jpegCompression, type Pixels } from "@lmk/data";
import { sharpCodec } from "@lmk/data/images";
import { describe, expect, it } from "vitest";
import { countsOf, drawnOf } from "./draw-helpers.ts";
import { hashedImage } from "./hashed-image.ts";

const size = { width: 9, height: 9 };

describe("jpegCompression", () => {
  it("has the numbers of the 2020 and 2021 solutions", () => {
    expect(jpegCompression()).toEqual({ name: "jpegCompression", quality: [99, 100], probability: 0.5 });
  });

  it("draws all qualities equally often, both ends among them", () => {
    const qualities = countsOf(
      drawnOf(jpegCompression({ quality: [97, 100], probability: 1 }), size).map(({ quality }) => quality),
    );
    expect([...qualities.keys()].toSorted()).toEqual([100, 97, 98, 99]);
    for (const count of qualities.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(750));
  });

  it("hands the codec red and blue in each other's place, and the quality", async () => {
    const seen: [number[], number][] = [];
    const codec: ImageCodec = {
      reencodeJpeg: async (pixels, quality) => {
        seen.push([[...pixels.data], quality]);
        return { ...pixels, data: pixels.data.map((value) => value + 1) };
      },
    };
    const image: Pixels = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1, channels: 3 };
    const { data } = await augmentPixels(image, [{ name: "jpegCompression", quality: 42 }], { codec });
    expect(seen).toEqual([[[3, 2, 1, 6, 5, 4], 42]]);
    expect([...data]).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it("refuses to go without a codec", async () => {
    const draws = [{ name: "jpegCompression", quality: 99 }] as const;
    await expect(augmentPixels(hashedImage(2, 3, 3), draws)).rejects.toThrow(
      new TypeError(
        "augmentPixels: expected `codec` to be given for jpegCompression, got undefined; sharpCodec of @lmk/data/images is one",
      ),
    );
  });

  it.each([
    ["quality[1]", [99, 101], "from 1 to 100", 101],
    ["quality[0]", [0, 100], "from 1 to 100", 0],
    ["quality[0]", [100, 99], "from 1 to 99", 100],
    ["quality[0]", [98.5, 99], "from 1 to 99", 98.5],
  ] as const)("refuses a %s of %o", (name, quality, range, value) => {
    expect(() => jpegCompression({ quality: [quality[0], quality[1]] })).toThrow(
      new RangeError(`jpegCompression: expected \`${name}\` to be an integer ${range}, got ${value}`),
    );
  });
});

describe("sharpCodec", () => {
  it("gives an image of the same size, closer for a higher quality", async () => {
    const image = hashedImage(6, 33, 18);
    const errorAt = async (quality: number): Promise<number> => {
      const { data, width, height, channels } = await sharpCodec.reencodeJpeg(image, quality);
      expect({ width, height, channels }).toEqual({ width: 33, height: 18, channels: 3 });
      return data.reduce((sum, value, i) => sum + Math.abs(value - image.data[i]!), 0) / data.length;
    };
    expect(await errorAt(95)).toBeLessThan(await errorAt(40));
  });
});
