import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { openGldv2 } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { compiledEngine } from "@lmk/train";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNetwork } from "../src/network.ts";
import type { NetworkConfig } from "../src/network-config.ts";
import type { NetworkSize } from "../src/network-size.ts";
import { recipes } from "../src/recipes.ts";
import { finishedSteps, runSettings } from "../src/run-record.ts";
import { runTraining } from "../src/run-training.ts";
import { stepData, stepDataHash } from "../src/step-data.ts";
import { openTrainFolder } from "../src/train-folder.ts";
import type { TrainingOptions } from "../src/training-options.ts";
import { stepMargins } from "../src/training-rows.ts";
import { readWeights } from "../src/weights-file.ts";

/** A transformer alone: the network that draws what it drops. */
const config: NetworkConfig = {
  ...recipes.find(({ member }) => member === "swin-b3")!.steps[0]!.config,
  epochs: 2,
  batch_size: 8,
};
const size: NetworkSize = {
  transformer: {
    name: "swin_base_patch4_window7_224",
    size: 16,
    window: 4,
    width: 8,
    depths: [2],
    heads: [1],
  },
};

let folder = "";
let options: TrainingOptions;
const notices: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-2021-training-"));
  await generateLandmarks(join(folder, "images"), {
    landmarks: 6,
    trainImages: 24,
    indexImages: 1,
    testImages: 1,
    noiseRate: 0.1,
    unseenRate: 0,
    longSide: 32,
    seed: 3,
    workers: 0,
  });
  const gldv2 = await openGldv2(join(folder, "images"));
  const data = stepData(gldv2, "train.csv");
  options = {
    config,
    size,
    data,
    dataHash: stepDataHash(data),
    paths: gldv2.train.paths,
    weights: join(folder, "run", "model.safetensors"),
    folder: join(folder, "run"),
    seed: 0,
    engine: compiledEngine(compiler, { threads: 1, cache: join(folder, "compiled") }),
    onNotice: (line) => notices.push(line),
  };
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("trains, writes its weights, and does not train again", { timeout: 30_000 }, async () => {
  const steps = 2 * Math.floor(options.data.rows.length / 8);
  expect(await runTraining(options)).toEqual({ reason: "finished", step: steps });
  const model = createNetwork(config, size);
  const weights = await readWeights(options.weights, model, config);
  expect(weights["head.weight"]!.shape).toEqual([3 * options.data.landmarkIds.length, 512]);
  const name = "backbone.layers.0.blocks.0.attn.qkv.weight";
  expect(weights[name]!.data).not.toEqual(model.initialize({ seed: 0 })[name]!.data);
  expect(existsSync(join(folder, "run", "checkpoints"))).toBe(false);

  expect(await runTraining(options)).toEqual({ reason: "finished", step: steps });
  expect(notices).toEqual([
    `trained before; remove ${join(folder, "run", "model.finished.json")} to train it again`,
  ]);

  const { classes } = stepMargins(options);
  const doneOf = (data: Partial<TrainingOptions>) =>
    finishedSteps(options.weights, runSettings({ ...options, ...data }, classes));
  expect(doneOf({})).toBe(steps);
  expect(doneOf({ dataHash: "another list" })).toBeUndefined();
});

it("knows the list of a folder by its rows and classes", async () => {
  const { data, dataHash } = await openTrainFolder(join(folder, "images"), "train.csv");
  expect(dataHash).toMatch(/^[0-9a-f]{12}$/);
  expect(stepDataHash(options.data)).toBe(dataHash);
  for (const changed of ["rows", "classIds"] as const) {
    expect(stepDataHash({ ...data, [changed]: data[changed].slice().reverse() })).not.toBe(dataHash);
  }
});
