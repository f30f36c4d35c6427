import { augmentPixels, type Pixels, padRandomCrop } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { countsOf, drawsOf } from "./draw-helpers.ts";

describe("padRandomCrop", () => {
  it("moves by all places of the padding equally often, and draws nothing where nothing moves", () => {
    const all = drawsOf(padRandomCrop({ padding: 2 }), { width: 9, height: 9 }, 10000);
    const places = countsOf(all.map((draw) => ((draw?.top ?? 0) + 2) * 5 + (draw?.left ?? 0) + 2));
    expect([...places.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    for (const count of places.values()) expect(Math.abs(count - 400)).toBeLessThan(4 * Math.sqrt(400));
    expect(all.filter((draw) => draw === undefined)).toHaveLength(places.get(12)!);
  });

  it("draws nothing without padding", () => {
    expect(drawsOf(padRandomCrop({ padding: 0 }), { width: 9, height: 9 }, 5)).toEqual(
      Array(5).fill(undefined),
    );
  });

  it("shows the padding where the part begins in it", async () => {
    const image: Pixels = {
      data: Uint8Array.from({ length: 12 }, (_, i) => i + 1),
      width: 2,
      height: 2,
      channels: 3,
    };
    const moved = await augmentPixels(image, [{ name: "padRandomCrop", left: -1, top: 1 }]);
    expect([...moved.data]).toEqual([0, 0, 0, 7, 8, 9, 0, 0, 0, 0, 0, 0]);
  });

  it.each([-1, 1.5])("refuses a padding of %d", (padding) => {
    expect(() => padRandomCrop({ padding })).toThrow(
      new RangeError(`padRandomCrop: expected \`padding\` to be an integer >= 0, got ${padding}`),
    );
  });
});
