import { repeatedBatches } from "@lmk/data";
import { describe, expect, it } from "vitest";

const rows = Int32Array.from({ length: 100 }, (_, row) => row + 7);

describe("repeatedBatches", () => {
  it("holds three copies of each image, those of other images between them", () => {
    const batches = repeatedBatches(rows, { batchSize: 12 });
    expect(batches).toHaveLength(8);
    const seen = new Set<number>();
    for (const { rows: images, copies } of batches) {
      const [first, second, third] = [0, 4, 8].map((start) => [...images.subarray(start, start + 4)]);
      expect(second).toEqual(first);
      expect(third).toEqual(first);
      expect(copies).toEqual(Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2));
      for (const row of first) seen.add(row);
    }
    expect(seen.size).toBe(32);
  });

  it("holds 32 images of three copies by default", () => {
    expect(repeatedBatches(rows).map((batch) => batch.rows.length)).toEqual([96]);
  });

  it("takes as many images as it is told", () => {
    const batches = repeatedBatches(rows, { batchSize: 4, repeats: 2, images: 100 });
    expect(batches).toHaveLength(50);
    expect(new Set(batches.flatMap((batch) => [...batch.rows])).size).toBe(100);
  });

  it.each([
    ["repeats", { repeats: 0 }, "`repeats` to be an integer >= 1, got 0"],
    ["batchSize", { batchSize: 10 }, "`batchSize` to be a multiple of 3, the repeats, got 10"],
    ["images", { batchSize: 9, images: 101 }, "`images` to be an integer from 0 to 100, got 101"],
  ])("refuses a wrong %s", (_, options, message) => {
    expect(() => repeatedBatches(rows, options)).toThrow(
      new RangeError(`repeatedBatches: expected ${message}`),
    );
  });
});
