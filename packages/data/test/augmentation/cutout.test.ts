import { augmentPixels, cutout, type Rectangle } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { drawnOf } from "./draw-helpers.ts";
import { hashedImage } from "./hashed-image.ts";

describe("cutout", () => {
  it("has the numbers of the 2020 and 2021 solutions", () => {
    expect(cutout()).toEqual({ name: "cutout", holes: 1, fraction: 0.4, fill: 0, probability: 0.5 });
  });

  it.each([
    [256, 102],
    [512, 204],
    [544, 217],
    [576, 230],
    [672, 268],
    [704, 281],
    [768, 307],
  ])("makes holes in images of %d pixels that are %d wide and high", (side, hole) => {
    const drawn = drawnOf(cutout({ probability: 1 }), { width: side, height: side }, 200);
    expect(Math.max(...drawn.map(({ holes }) => holes[0]!.width))).toBe(hole);
    expect(Math.max(...drawn.map(({ holes }) => holes[0]!.height))).toBe(hole);
  });

  it("keeps holes whole near the top and the left, and cuts them off near the bottom and the right", () => {
    // 7 of 18 rows and 4 of 10 columns.
    const drawn = drawnOf(cutout({ probability: 1 }), { width: 10, height: 18 }, 8000);
    const expectedRows = literally(18, 7);
    const expectedColumns = literally(10, 4);
    const count = (key: (hole: Rectangle) => string): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const { holes } of drawn) counts.set(key(holes[0]!), (counts.get(key(holes[0]!)) ?? 0) + 1);
      return counts;
    };
    const rows = count(({ top, height }) => `${top}+${height}`);
    const columns = count(({ left, width }) => `${left}+${width}`);
    for (const [actual, expected] of [
      [rows, expectedRows],
      [columns, expectedColumns],
    ] as const) {
      expect(new Set(actual.keys())).toEqual(new Set(expected.keys()));
      for (const [place, share] of expected) {
        const deviation = Math.sqrt(8000 * share * (1 - share));
        expect(Math.abs(actual.get(place)! - 8000 * share), place).toBeLessThan(4 * deviation);
      }
    }
  });

  it("makes as many holes as it is told, and draws none where all are empty", () => {
    const many = drawnOf(cutout({ holes: 3, probability: 1 }), { width: 40, height: 40 }, 50);
    expect(many.every(({ holes }) => holes.length === 3)).toBe(true);
    expect(drawnOf(cutout({ fraction: 0.4, probability: 1 }), { width: 2, height: 2 }, 50)).toEqual([]);
    expect(drawnOf(cutout({ fraction: 0, probability: 1 }), { width: 40, height: 40 }, 50)).toEqual([]);
  });

  it("fills the hole and nothing else", async () => {
    const image = hashedImage(2, 4, 3);
    const holes = [{ left: 1, top: 1, width: 2, height: 2 }];
    const { data } = await augmentPixels(image, [{ name: "cutout", holes, fill: 7 }]);
    const expected = [...image.data];
    for (const pixel of [5, 6, 9, 10]) expected.splice(pixel * 3, 3, 7, 7, 7);
    expect([...data]).toEqual(expected);
  });

  it.each([
    ["holes", { holes: 0 }, "an integer >= 1", 0],
    ["fraction", { fraction: 1.1 }, "a number from 0 to 1", 1.1],
    ["fill", { fill: 256 }, "an integer from 0 to 255", 256],
  ])("refuses %s that cannot be", (name, options, expectation, value) => {
    expect(() => cutout(options)).toThrow(
      new RangeError(`cutout: expected \`${name}\` to be ${expectation}, got ${value}`),
    );
  });
});

/** What albumentations 0.4.6 does for each middle from 0 to `side`: place and length of the hole, and their share. */
function literally(side: number, length: number): Map<string, number> {
  const shares = new Map<string, number>();
  for (let middle = 0; middle <= side; middle++) {
    const from = Math.min(Math.max(middle - Math.floor(length / 2), 0), side);
    const to = Math.min(Math.max(from + length, 0), side);
    const place = `${from}+${to - from}`;
    shares.set(place, (shares.get(place) ?? 0) + 1 / (side + 1));
  }
  return shares;
}
