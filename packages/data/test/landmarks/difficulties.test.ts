import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Names, openGldv2 } from "@lmk/data";
import { generateLandmarks, landmarkDifficulties } from "@lmk/data/landmarks";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recipeFrom } from "../../src/landmarks/dataset/options.ts";

const side = 32;
const cells = 8;
const sizes = { landmarks: 20, trainImages: 34, indexImages: 100, testImages: 40, longSide: 48 };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lmk-difficulties-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Gradient directions in each of 8 × 8 cells and a histogram of colours: knows places, not landmarks. */
async function describeImage(path: string): Promise<Float32Array> {
  const pixels = await sharp(path).resize(side, side, { fit: "fill" }).raw().toBuffer();
  const gradients = new Float32Array(cells * cells * 8);
  const colors = new Float32Array(512);
  const gray = (x: number, y: number): number => {
    const at = 3 * (y * side + x);
    return pixels[at]! + pixels[at + 1]! + pixels[at + 2]!;
  };
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const dx = gray(x + 1, y) - gray(x - 1, y);
      const dy = gray(x, y + 1) - gray(x, y - 1);
      const direction = Math.floor((Math.atan2(dy, dx) / (2 * Math.PI) + 1) * 8) % 8;
      const cell = Math.floor((y * cells) / side) * cells + Math.floor((x * cells) / side);
      gradients[8 * cell + direction] += Math.sqrt(Math.hypot(dx, dy));
    }
  }
  for (let at = 0; at < pixels.length; at += 3) {
    colors[(pixels[at]! >> 5) * 64 + (pixels[at + 1]! >> 5) * 8 + (pixels[at + 2]! >> 5)] += 1;
  }
  const length = Math.hypot(...gradients) || 1;
  const color = Array.from(colors, (count) => 0.7 * Math.sqrt(count / (side * side)));
  return Float32Array.from([...gradients.map((value) => value / length), ...color]);
}

async function describeAll(paths: Names): Promise<Float32Array[]> {
  return Promise.all(Array.from({ length: paths.length }, (_, row) => describeImage(paths.at(row))));
}

function averagePrecision(query: Float32Array, index: readonly Float32Array[], relevant: Int32Array): number {
  const ranked = index
    .map((vector, row) => ({ row, score: vector.reduce((sum, value, i) => sum + value * query[i]!, 0) }))
    .sort((a, b) => b.score - a.score);
  let hits = 0;
  let sum = 0;
  for (const [rank, { row }] of ranked.entries()) {
    if (!relevant.includes(row)) continue;
    hits += 1;
    sum += hits / (rank + 1);
  }
  return sum / relevant.length;
}

async function meanAveragePrecisionOf(difficulty: keyof typeof landmarkDifficulties): Promise<number> {
  const folder = join(root, difficulty);
  await generateLandmarks(folder, { ...landmarkDifficulties[difficulty], ...sizes });
  const { index, test, retrieval } = await openGldv2(folder);
  const [known, queries] = await Promise.all([describeAll(index.paths), describeAll(test.paths)]);
  const precisions = retrieval!.relevant.flatMap((relevant, i) =>
    relevant.length === 0 ? [] : [averagePrecision(queries[retrieval!.queries[i]!]!, known, relevant)],
  );
  return precisions.reduce((a, b) => a + b, 0) / precisions.length;
}

describe("landmarkDifficulties", () => {
  it("has the defaults as medium", () => {
    expect(recipeFrom(landmarkDifficulties.medium)).toEqual(recipeFrom({}));
  });

  it("orders by what a plain descriptor finds", async () => {
    const easy = await meanAveragePrecisionOf("easy");
    const medium = await meanAveragePrecisionOf("medium");
    const hard = await meanAveragePrecisionOf("hard");
    expect(easy).toBeGreaterThan(1.2 * medium);
    expect(medium).toBeGreaterThan(1.2 * hard);
    expect(hard).toBeGreaterThan(0);
  }, 60_000);
});
