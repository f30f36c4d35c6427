import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { createSizeTemplate, type ImageBatch } from "@lmk/data";
import { compiledEngine, constantSchedule, type LossResult, sgd } from "@lmk/train";
import { type TrainEmbeddingOptions, trainEmbedding } from "@lmk-example/kit";
import { mean, mul, type Scalar, sum, type Tensor } from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-train-embedding-"));
  const background = { r: 9, g: 9, b: 9 };
  const created = sharp({ create: { width: 4, height: 4, channels: 3, background } });
  await created.toFile(join(folder, "image.png"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The sum of a step's labels, and of `w`, which stays 0. */
function labelSum(
  { w }: Readonly<Record<string, Tensor>>,
  { labels }: Readonly<Record<string, Tensor>>,
): LossResult {
  const zero = mul(mean(w!), 0) as Scalar;
  return { loss: zero, metrics: { labels: sum(labels!) } };
}

/** Trains on five images whose labels are powers of two, and gives the labels of each step as their sum. */
async function labelsOfSteps(name: string, more: Partial<TrainEmbeddingOptions>): Promise<readonly number[]> {
  const sums: number[] = [];
  await trainEmbedding({
    folder: join(folder, name),
    paths: Array.from({ length: 5 }, () => join(folder, "image.png")),
    sizeGroups: new Int32Array(5),
    classes: Int32Array.of(1, 2, 4, 8, 16),
    template: createSizeTemplate([], [{ width: 4, height: 4 }]),
    augmentation: [],
    seed: 1,
    epochs: 2,
    batchSize: 2,
    schedule: () => constantSchedule({ base: 0.1 }),
    loss: labelSum,
    optimizer: sgd({ momentum: 0, weightDecay: 0 }),
    parameters: { w: { shape: [1], data: Float32Array.of(0) } },
    engine: compiledEngine(compiler, { threads: 1 }),
    callbacks: [{ onStep: ({ metrics }) => void sums.push(metrics!.labels!) }],
    onNotice: () => {},
    ...more,
  });
  return sums;
}

function batchesOf(...rows: readonly (readonly number[])[]): readonly ImageBatch[] {
  return rows.map((some) => ({ group: 0, rows: Int32Array.from(some) }));
}

it("goes over all rows in each epoch, in full batches", async () => {
  const sums = await labelsOfSteps("all", {});
  expect(sums).toHaveLength(4);
  for (const epoch of [sums.slice(0, 2), sums.slice(2)]) {
    const seen = epoch[0]! + epoch[1]!;
    // One of the five is left over.
    expect([1, 2, 4, 8, 16].map((label) => 31 - label)).toContain(seen);
  }
});

it("takes batches of its caller, epoch by epoch, as many as the first has", async () => {
  const epochs = [batchesOf([0, 1], [0, 1]), batchesOf([2, 3], [4, 4], [0, 0])];
  expect(await labelsOfSteps("given", { batches: (epoch) => epochs[epoch]! })).toEqual([3, 3, 12, 32]);
});

it("takes the same steps where several batches make one", async () => {
  const epochs = [batchesOf([0, 1], [2, 3]), batchesOf([3, 3], [4, 4])];
  const batches = (epoch: number) => epochs[epoch]!;
  const sums = await labelsOfSteps("parts", { batches, accumulate: 2 });
  expect(sums).toEqual([(3 + 12) / 2, (16 + 32) / 2]);
});

it("refuses an epoch with fewer batches than the first", async () => {
  const batches = (epoch: number) => batchesOf(...[[0], [1], [2]].slice(epoch));
  await expect(labelsOfSteps("fewer", { batches, batchSize: 1 })).rejects.toThrow(
    "train: expected 3 batches in each epoch, as in the first, got 2 in epoch 2; take another sampler, or smaller batches",
  );
});
