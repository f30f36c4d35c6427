import { augmentPixels, type Pixels, shear } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { drawnOf, drawsOf, range } from "./draw-helpers.ts";

const size = { width: 20, height: 10 };

describe("shear", () => {
  it("has the limit of the 2019 solution", () => {
    expect(shear()).toEqual({ name: "shear", degrees: 4, probability: 0.5 });
  });

  it("fills its range and not more", () => {
    const [lowest, highest] = range(drawnOf(shear(), size).map(({ degrees }) => degrees));
    expect([lowest > -4, lowest < -3.98, highest > 3.98, highest < 4]).toEqual([true, true, true, true]);
  });

  it("changes the share of images that it is given", () => {
    for (const probability of [0, 0.3, 1]) {
      const drawn = drawsOf(shear({ probability }), size).filter((draw) => draw !== undefined).length;
      expect(drawn / 4000).toBeCloseTo(probability, 1);
    }
  });

  it("keeps the middle row in place, and moves the others", async () => {
    const data = new Uint8Array(9 * 9 * 3);
    for (let y = 0; y < 9; y++) data.fill(255, (y * 9 + 4) * 3, (y * 9 + 5) * 3);
    const line: Pixels = { data, width: 9, height: 9, channels: 3 };
    const result = (await augmentPixels(line, [{ name: "shear", degrees: 14.04 }])).data;
    expect([3, 4, 5].map((x) => result[(4 * 9 + x) * 3])).toEqual([0, 255, 0]);
    expect([4, 5].map((x) => result[(1 * 9 + x) * 3] > 100)).toEqual([false, true]);
    expect([4, 3].map((x) => result[(7 * 9 + x) * 3] > 100)).toEqual([false, true]);
  });

  it.each([
    ["degrees", { degrees: -1 }, 45, -1],
    ["degrees", { degrees: 46 }, 45, 46],
    ["probability", { probability: 1.5 }, 1, 1.5],
  ])("refuses %s of %o", (name, options, maximum, value) => {
    expect(() => shear(options)).toThrow(
      new RangeError(`shear: expected \`${name}\` to be a number from 0 to ${maximum}, got ${value}`),
    );
  });
});
