import { augmentPixels, type Pixels } from "@lmk/data";
import { describe, expect, it } from "vitest";

function gray(width: number, height: number, values: readonly number[]): Pixels {
  return { data: Uint8Array.from(values.flatMap((v) => [v, v, v])), width, height, channels: 3 };
}

async function resized(image: Pixels, width: number, height: number): Promise<number[]> {
  const { data } = await augmentPixels(image, [{ name: "resize", width, height }]);
  return [...data].filter((_, i) => i % 3 === 0);
}

describe("resize", () => {
  it("places pixels by their middles and repeats the edges", async () => {
    expect(await resized(gray(2, 1, [0, 100]), 4, 1)).toEqual([0, 25, 75, 100]);
  });

  it("passes over pixels when it shrinks, without a filter", async () => {
    expect(await resized(gray(6, 1, [0, 90, 0, 0, 60, 0]), 2, 1)).toEqual([90, 60]);
  });

  it("takes means of four when it halves both sides", async () => {
    expect(await resized(gray(2, 2, [0, 10, 20, 31]), 1, 1)).toEqual([15]);
  });

  it("gives the image itself when it has the size", async () => {
    const image = gray(2, 1, [1, 2]);
    expect(await augmentPixels(image, [{ name: "resize", width: 2, height: 1 }])).toBe(image);
  });
});
