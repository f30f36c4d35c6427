import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@lmk/train";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BlockCosines, headClasses } from "../src/head-classes.ts";
import { openHead } from "../src/head-file.ts";
import { headName } from "../src/network.ts";
import { openHeads } from "../src/open-heads.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-head-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Products instead of cosines: of each class the largest of three. */
function products(rows: number, classes: number): BlockCosines {
  return {
    rows,
    classes,
    run: (embeddings, head) => {
      const columns = embeddings.length / rows;
      expect(head.length).toBe(3 * classes * columns);
      const dot = (row: number, center: number): number => {
        let sum = 0;
        for (let i = 0; i < columns; i++) sum += embeddings[row * columns + i]! * head[center * columns + i]!;
        return sum;
      };
      const found = Array.from({ length: rows * classes }, (_, i) => {
        const [row, id] = [Math.floor(i / classes), i % classes];
        return Math.max(...[0, 1, 2].map((center) => dot(row, 3 * id + center)));
      });
      return Promise.resolve(Float32Array.from(found));
    },
  };
}

/** A head of two numbers a row, whose class `i` has `values[i]` in one of its centers. */
function headOf(values: readonly (readonly [number, number])[]): Float32Array {
  const data = new Float32Array(6 * values.length).fill(-1);
  for (const [i, value] of values.entries()) data.set(value, 6 * i + 2 * (i % 3));
  return data;
}

const first = headOf([
  [0.5, 0],
  [0.25, 0],
  [0, 1],
  [0.75, 0],
  [0, 0.5],
]);
const second = headOf([
  [0, 0.5],
  [0, 0.75],
  [1, 0],
  [0, 0.25],
  [0.5, 0],
]);

const reading = (head: Float32Array) => ({
  dimension: 2,
  read: (from: number, end: number) => Promise.resolve(head.slice(6 * from, 6 * end)),
});

it.each([
  [1, 1],
  [2, 2],
  [3, 4],
  [8, 5],
])("gives the same with %i rows and %i classes at once", async (rows, classes) => {
  // Image 0 looks along the first number of both networks, image 1 along the second, image 2 as image 0.
  const embeddings = { data: Float32Array.of(1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1), rows: 3, columns: 4 };
  const { ids, scores, k } = await headClasses(embeddings, {
    heads: [reading(first), reading(second)],
    classes: 5,
    galleryClasses: Int32Array.of(0, 1, 4),
    classCount: 1,
    cosines: products(rows, classes),
  });
  // Means of image 0: 0.5, 0.5, 0, 0.5 and 0, of which class 3 is not searched. Of image 1: 0, 0, 1, 0 and 0.5.
  expect(k).toBe(1);
  expect([...ids]).toEqual([0, 4, 0]);
  expect([...scores]).toEqual([0.5, 0.5, 0.5]);
});

it("lowers classes without a searched image by 1, and gives all where there are fewer than asked for", async () => {
  const { ids, scores } = await headClasses(
    { data: Float32Array.of(0, 1), rows: 1, columns: 2 },
    {
      heads: [reading(first)],
      classes: 3,
      galleryClasses: Int32Array.of(1),
      classCount: 5,
      cosines: products(4, 3),
    },
  );
  expect([...ids]).toEqual([1, 2, 0]);
  expect([...scores]).toEqual([0, 0, -1]);
});

it("reads classes of a head from the file of weights", async () => {
  const path = join(folder, "model.safetensors");
  const before = { shape: [3], data: Float32Array.of(7, 8, 9) };
  await writeSafetensors(path, { before, [headName]: { shape: [15, 2], data: first } });
  await using head = await openHead(path);
  expect([head.classes, head.dimension]).toEqual([5, 2]);
  expect([...(await head.read(2, 4))]).toEqual([...first.subarray(12, 24)]);
});

it("says so where there is no head", async () => {
  const path = join(folder, "backbone.safetensors");
  await writeSafetensors(path, { before: { shape: [1], data: Float32Array.of(1) } });
  await expect(openHead(path)).rejects.toThrow(
    "expected a head of float32 numbers with 3 rows a class, got none; train the network again",
  );
});

it("says so where a head has fewer classes than there are landmarks", async () => {
  const path = join(folder, "few.safetensors");
  await writeSafetensors(path, { [headName]: { shape: [15, 2], data: first } });
  const options = { classes: 6, rows: 1, engine: { provider: "cpu", threads: 1 } } as const;
  await expect(openHeads([path], options)).rejects.toThrow(
    "few.safetensors: expected a head of at least 6 classes, got 5; train the network again",
  );
});
