import { identityBatches } from "@lmk/data";
import { describe, expect, it } from "vitest";

// Class c has c images; class 0 none.
const labels = Int32Array.from(Array.from({ length: 9 }, (_, label) => Array(label).fill(label)).flat());
const images = 3;

describe("identityBatches", () => {
  it.each(["classes", "images"] as const)("fills batches with P classes of K images, by %s", (pass) => {
    for (const { rows, copies } of identityBatches(labels, { classes: 4, images, pass, seed: 2 })) {
      expect(rows).toHaveLength(12);
      const classes = Array.from({ length: 4 }, (_, i) =>
        [...rows.subarray(3 * i, 3 * i + 3)].map((row) => labels[row]),
      );
      for (const group of classes) expect(new Set(group).size).toBe(1);
      expect(new Set(classes.map(([label]) => label)).size).toBe(4);
      for (const [i, row] of rows.entries()) {
        const copy = copies?.[i] ?? 0;
        expect(labels[row] >= images ? copy === 0 : copy < 3).toBe(true);
      }
    }
  });

  it("takes each class once in a pass over the classes", () => {
    const seen = identityBatches(labels, { classes: 4, images }).flatMap(({ rows }) => [...rows]);
    expect(
      seen
        .map((row) => labels[row])
        .filter((_, i) => i % 3 === 0)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("takes a class as often as it has K images in a pass over the images", () => {
    const equal = Int32Array.from({ length: 60 }, (_, row) => row % 6);
    const batches = identityBatches(equal, { classes: 6, images: 5, pass: "images" });
    expect(batches).toHaveLength(2);
    const rows = batches.flatMap((batch) => [...batch.rows]);
    expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, row) => row));
    expect(batches[0].copies).toBeUndefined();
  });

  it("leaves out small classes and negative labels", () => {
    const some = labels.map((label) => (label === 8 ? -1 : label));
    const seen = identityBatches(some, { classes: 2, images: 2, leastImages: 4 }).flatMap(({ rows }) => [
      ...rows,
    ]);
    expect(new Set(seen.map((row) => labels[row]))).toEqual(new Set([4, 5, 6, 7]));
  });

  it("repeats an image only where its class has too few", () => {
    const [batch] = identityBatches(Int32Array.of(0, 1, 1, 1, 1), { classes: 2, images: 4 });
    expect([...batch.rows].sort()).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
    const first = batch.rows.indexOf(0);
    expect([...(batch.copies as Int32Array).subarray(first, first + 4)]).toEqual([0, 1, 2, 3]);
  });

  it("takes 16 classes of 4 by default", () => {
    const many = Int32Array.from({ length: 400 }, (_, row) => row % 40);
    expect(identityBatches(many).map(({ rows }) => rows.length)).toEqual([64, 64]);
  });

  it.each([
    ["classes", { classes: 0 }, "`classes` to be an integer >= 1, got 0"],
    ["images", { images: 1.5 }, "`images` to be an integer >= 1, got 1.5"],
    ["leastImages", { leastImages: 0 }, "`leastImages` to be an integer >= 1, got 0"],
    ["pass", { pass: "all" as "images" }, '`pass` to be one of classes, images, got "all"'],
    [
      "ranks that split a class",
      { classes: 3, images: 1, shard: { rank: 0, size: 2 } },
      "`classes` to be a multiple of 2, the number of ranks, got 3",
    ],
  ])("refuses a wrong %s", (_, options, message) => {
    expect(() => identityBatches(labels, options)).toThrow(
      new RangeError(`identityBatches: expected ${message}`),
    );
  });
});
