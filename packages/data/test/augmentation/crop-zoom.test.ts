import { augmentPixels, cropZoom, type Pixels } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { drawnOf, mean, range } from "./draw-helpers.ts";

const size = { width: 200, height: 100 };

describe("cropZoom", () => {
  it("has the limit of the 2019 solution", () => {
    expect(cropZoom()).toEqual({ name: "cropZoom", scale: 0.2 });
  });

  it("fills the ranges and not more", () => {
    const all = drawnOf(cropZoom({ scale: 0.3 }), size);
    expect(all).toHaveLength(4000);
    expect(range(all.map(({ width }) => width))).toEqual([140, 259]);
    expect(range(all.map(({ height }) => height))).toEqual([70, 129]);
  });

  it("puts crops inside the image, and the image inside larger crops, at even places", () => {
    const all = drawnOf(cropZoom(), size);
    for (const { left, top, width } of all) {
      const after = size.width - left - width;
      expect(width <= size.width ? left >= 0 && after >= 0 : left <= 0 && after <= 0).toBe(true);
      expect(Number.isInteger(left) && Number.isInteger(top)).toBe(true);
    }
    const places = all.filter(({ height }) => height < 95).map(({ top, height }) => top / (100 - height));
    expect(mean(places)).toBeCloseTo(0.46, 1);
    const paddings = all
      .filter(({ height }) => height > 105)
      .map(({ top, height }) => Math.abs(top) / (height - 100));
    expect(mean(paddings)).toBeCloseTo(0.5, 1);
    expect(range(paddings)).toEqual([0, 1]);
  });

  it("keeps at least one pixel", () => {
    const [{ width, height }] = drawnOf(cropZoom({ scale: 0.99 }), { width: 1, height: 1 }, 1);
    expect([width, height]).toEqual([1, 1]);
  });

  it("shows black where the crop lies outside", async () => {
    const white: Pixels = { data: new Uint8Array(8 * 8 * 3).fill(255), width: 8, height: 8, channels: 3 };
    const { data } = await augmentPixels(white, [
      { name: "cropZoom", left: -8, top: 0, width: 16, height: 8 },
    ]);
    expect([...data.subarray(0, 4 * 3)]).toEqual(new Array(12).fill(0));
    expect([...data.subarray(4 * 3, 8 * 3)]).toEqual(new Array(12).fill(255));
  });

  it.each([1, -0.1, Number.NaN])("refuses a scale of %d", (scale) => {
    expect(() => cropZoom({ scale })).toThrow(
      new RangeError(`cropZoom: expected \`scale\` to be a number from 0 to 0.99, got ${scale}`),
    );
  });
});
