import { augmentPixels, type Pixels, shiftScaleRotate } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { drawnOf, range } from "./draw-helpers.ts";

const size = { width: 40, height: 30 };
const still = { name: "shiftScaleRotate", shiftX: 0, shiftY: 0, scale: 1, degrees: 0 } as const;

function gray(width: number, height: number, values: readonly number[]): Pixels {
  return { data: Uint8Array.from(values.flatMap((v) => [v, v, v])), width, height, channels: 3 };
}

async function reds(image: Pixels, draw: Partial<typeof still> | object): Promise<number[]> {
  const { data } = await augmentPixels(image, [{ ...still, ...draw }]);
  return [...data].filter((_, i) => i % 3 === 0);
}

describe("shiftScaleRotate", () => {
  it("has the limits of the 2020 and 2021 solutions", () => {
    const expected = { name: "shiftScaleRotate", shift: 0.2, scale: 0.2, degrees: 10, probability: 0.7 };
    expect(shiftScaleRotate()).toEqual(expected);
  });

  it("shifts to the right and downwards by shares of the sides, with black behind", async () => {
    expect(await reds(gray(4, 1, [10, 20, 30, 40]), { shiftX: 0.5 })).toEqual([0, 0, 10, 20]);
    expect(await reds(gray(1, 4, [10, 20, 30, 40]), { shiftY: -0.25 })).toEqual([20, 30, 40, 0]);
  });

  it("blends neighbors between pixels", async () => {
    expect(await reds(gray(4, 1, [16, 32, 64, 128]), { shiftX: 0.125 })).toEqual([8, 24, 48, 96]);
  });

  it("grows about the corner of four pixels in the middle", async () => {
    // Columns 0 to 3 come from 1, 1.5, 2 and 2.5, rows from 0.5 and 1.
    const [columns, grown] = [
      [16, 32, 64, 128],
      [32, 48, 64, 96],
    ];
    expect(await reds(gray(4, 2, [...columns, ...columns]), { scale: 2 })).toEqual([...grown, ...grown]);
  });

  it("turns counter-clockwise about that corner", async () => {
    // Pixel 3 lies on it, pixel 1 above it and pixel 2 left of it.
    expect(await reds(gray(2, 2, [0, 0, 0, 200]), { degrees: 90 })).toEqual([0, 0, 0, 200]);
    expect(await reds(gray(2, 2, [0, 200, 0, 0]), { degrees: 90 })).toEqual([0, 0, 200, 0]);
    expect(await reds(gray(2, 2, [0, 0, 200, 0]), { degrees: -90 })).toEqual([0, 200, 0, 0]);
    expect(await reds(gray(2, 2, [0, 0, 200, 0]), { degrees: 90 })).toEqual([0, 0, 0, 0]);
  });

  it("fills its ranges and not more, each by itself", () => {
    const all = drawnOf(shiftScaleRotate({ probability: 1 }), size);
    const limits = [
      [all.map(({ shiftX }) => shiftX / 0.2), "shiftX"],
      [all.map(({ shiftY }) => shiftY / 0.2), "shiftY"],
      [all.map(({ scale }) => (scale - 1) / 0.2), "scale"],
      [all.map(({ degrees }) => degrees / 10), "degrees"],
    ] as const;
    for (const [values, name] of limits) {
      const [lowest, highest] = range(values);
      expect([lowest! >= -1.000001, lowest! < -0.99, highest! > 0.99, highest! <= 1.000001], name).toEqual(
        Array(4).fill(true),
      );
      for (const [others, other] of limits) {
        if (other === name) continue;
        const covariance = values.reduce((sum, value, i) => sum + value * others[i]!, 0) / values.length;
        // A third times the correlation; four standard deviations of 4000 draws.
        expect(Math.abs(covariance), `${name} and ${other}`).toBeLessThan((4 / 3) * (1 / Math.sqrt(4000)));
      }
    }
  });

  it.each([
    ["shift", { shift: 1.5 }, 0, 1, 1.5],
    ["scale", { scale: 1 }, 0, 0.99, 1],
    ["degrees", { degrees: -1 }, 0, 180, -1],
  ])("refuses a %s that cannot be", (name, options, minimum, maximum, value) => {
    expect(() => shiftScaleRotate(options)).toThrow(
      new RangeError(
        `shiftScaleRotate: expected \`${name}\` to be a number from ${minimum} to ${maximum}, got ${value}`,
      ),
    );
  });
});
