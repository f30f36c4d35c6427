import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type NamedArrays, toReferenceLayout } from "@lmk/models";
import { writeSafetensors } from "@lmk/train";
import { prepareLandmarks } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toldContext } from "../../kit/test/told-context.ts";
import type { Config } from "../src/config.ts";
import { createNetwork } from "../src/network.ts";
import { presets, withMembers } from "../src/presets.ts";
import { folds } from "../src/stages/folds.ts";
import { trainChains } from "../src/stages/train.ts";
import type { SystemContext, SystemData, SystemOptions } from "../src/system.ts";
import type { MemberName, TrainRun } from "../src/train-run.ts";

const enetType = "tf_efficientnet_b6_ns";

/** Both networks of B6, tiny: of the run that they share one takes the weights after its first epoch. */
function tinyRun(member: MemberName, run: TrainRun): TrainRun {
  const stopAtEpoch = run.trainStep === 1 && member === "b6b" ? 2 : 1;
  return { ...run, imageSize: 32, batchSize: 8, devices: 1, epochs: 3, stopAtEpoch };
}

const pair = withMembers(presets.embedded, ["b6", "b6b"]);
const config: Config = {
  ...pair,
  landmarks: {
    ...pair.landmarks,
    landmarks: 6,
    trainImages: 64,
    testImages: 8,
    longSide: 48,
  },
  chains: pair.chains.map(({ name, runs, ...chain }) => ({
    ...chain,
    name,
    runs: runs.map((run) => tinyRun(name, run)),
  })),
  sizes: { ...pair.sizes, [enetType]: { width: 0.1, depth: 0.1 } },
  standIn: { imageSize: 32, epochs: 1, batchSize: 8, learningRate: 1e-3 },
};

let folder = "";
let context: SystemContext;
let data: SystemData;
const told: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-train-stages-"));
  context = contextOf(config);
  data = await folds(context, await prepareLandmarks(context));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function contextOf(settings: Config, more: Partial<SystemOptions> = {}): SystemContext {
  const options = { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false } as const;
  return toldContext(folder, settings, { ...options, ...more }, told);
}

it("trains what networks share once, and each with the weights of its epoch", async () => {
  const trained = await trainChains(context, data);
  expect([...trained].map(([name, stage]) => [name, basename(stage.folder)])).toEqual([
    ["b6", "b6-step2"],
    ["b6b", "b6-step1"],
  ]);
  expect(readdirSync(join(folder, "train")).sort()).toEqual(["b6-step0", "b6-step1", "b6-step2"]);
  const files = readdirSync(join(folder, "train", "b6-step1"));
  expect(files.filter((name) => !/^(begun|done)\.json$/.test(name)).sort()).toEqual([
    "b6-step1.txt",
    "b6-step1_fold1.history.jsonl",
    "b6-step1_fold1_ep1.safetensors",
    "model.safetensors",
  ]);

  told.length = 0;
  await trainChains(context, data);
  expect(told).toEqual([
    `skip stand-in/${enetType}`,
    ...["skip train/b6-step0", "skip train/b6-step1", "skip train/b6-step2"],
  ]);
});

it("begins with the weights of --init, or says that it has none", async () => {
  const init = join(folder, "b6.safetensors");
  const weights = createNetwork(enetType, config.sizes[enetType]).initialize({ seed: 5 });
  const backbone = Object.entries(weights).filter(([name]) => !name.startsWith("feat."));
  await writeSafetensors(init, toReferenceLayout(Object.fromEntries(backbone) as NamedArrays));
  rmSync(join(folder, "stand-in"), { recursive: true });
  /** The run that both networks begin with, and the next. */
  const begin = (...trainSteps: number[]): Config => ({
    ...config,
    chains: config.chains
      .slice(0, 1)
      .map((chain) => ({ ...chain, runs: trainSteps.map((i) => chain.runs[i]!) })),
  });
  told.length = 0;
  await trainChains(contextOf(begin(0), { maxSteps: 1, init: { [enetType]: init } }), data);
  expect(existsSync(join(folder, "stand-in"))).toBe(false);
  expect(told.filter((line) => line.includes("random"))).toEqual([]);

  await trainChains(contextOf({ ...begin(0, 1), standIn: undefined }, { maxSteps: 1 }), data);
  expect(told.filter((line) => line.includes("random"))).toEqual([
    "b6-step0 begins with random weights; --init brings those learned on ImageNet",
  ]);
});
