import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type NamedArrays, toReferenceLayout } from "@lmk/models";
import { writeSafetensors } from "@lmk/train";
import { prepareLandmarks } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toldContext } from "../../kit/test/told-context.ts";
import { runConfig } from "../src/chain-runs.ts";
import { chains } from "../src/chains.ts";
import type { Config } from "../src/config.ts";
import { createNetwork } from "../src/network.ts";
import { readNetworkWeights } from "../src/network-weights.ts";
import { presets } from "../src/presets.ts";
import { readableClasses } from "../src/readable-images.ts";
import { lists } from "../src/stages/lists.ts";
import { trainChains } from "../src/stages/train.ts";
import type { SystemContext, SystemData, SystemOptions } from "../src/system.ts";
import { readStart } from "../src/weights-file.ts";
import { tinyConfig } from "./tiny-training.ts";

/** Both runs of ResNet-50, tiny: the second begins with the second of three epochs, and draws by continent. */
const { R50 } = chains;
const second = { ...R50.runs[1]!, from: { run: "R50_256", epoch: 2 } } as const;
const preset = presets.embedded;
const config: Config = {
  ...preset,
  landmarks: {
    ...preset.landmarks,
    landmarks: 6,
    trainImages: 48,
    indexImages: 12,
    testImages: 8,
    longSide: 48,
  },
  chains: [{ ...R50, runs: [R50.runs[0]!, second] }],
  runs: Object.fromEntries(
    R50.runs.map(({ name }) => {
      const { MODEL, ...yml } = tinyConfig(presets.paper.runs[name]);
      return [name, { ...yml, MODEL: { ...MODEL, DEVICE_ID: "0" } }];
    }),
  ),
  sizes: { ...preset.sizes, R50: { width: 8, depths: [1, 1, 1, 1] } },
  standIn: { imageSize: 32, epochs: 1, batchSize: 8, learningRate: 1e-3 },
};

let folder = "";
let context: SystemContext;
let data: SystemData;
const told: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-train-stages-"));
  context = contextOf(config);
  data = await lists(context, await prepareLandmarks(context));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function contextOf(settings: Config, more: Partial<SystemOptions> = {}): SystemContext {
  const options = { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false } as const;
  return toldContext(folder, settings, { ...options, ...more }, told);
}

it("trains a chain run by run, from weights in the place of ImageNet's", async () => {
  const trained = await trainChains(context, data);
  expect([...trained].map(([name, stage]) => [name, basename(stage.folder)])).toEqual([
    ["R50", "R50_256_finetune"],
  ]);
  const files = readdirSync(join(folder, "train", "R50_256"));
  expect(files.filter((name) => !/^(begun|done)\.json$/.test(name)).sort()).toEqual([
    "history.jsonl",
    "model.safetensors",
    "resnet50_2.safetensors",
    "train_log.txt",
  ]);
  const model = createNetwork(runConfig(config, "R50_256"), config.sizes.R50);
  const last = join(trained.get("R50")!.folder, "model.safetensors");
  expect(Object.keys(await readNetworkWeights(last, model))).toEqual(Object.keys(model.shapes));
  const standIn = await readStart(join(folder, "stand-in", "R50", "model.safetensors"));
  expect(Object.keys(standIn)).not.toContain("fcneck_bn.bias");

  told.length = 0;
  await trainChains(context, data);
  expect(told).toEqual(["skip stand-in/R50", "skip train/R50_256", "skip train/R50_256_finetune"]);

  // A kill between the last weights and the mark.
  rmSync(join(trained.get("R50")!.folder, "done.json"));
  const before = statSync(last).mtimeMs;
  await trainChains(context, data);
  expect(statSync(last).mtimeMs).toBe(before);
});

it("begins with the weights of --init, or says that it has none", async () => {
  const init = join(folder, "r50.safetensors");
  const model = createNetwork(runConfig(config, "R50_256"), config.sizes.R50);
  const backbone = Object.entries(model.initialize({ seed: 5 })).filter(
    ([name]) => !name.startsWith("fcneck"),
  );
  // torchvision has no means before the shortcuts of the second and third stage.
  const published = backbone.map(
    ([name, array]) =>
      [
        name.replace(
          /^(layer[23]\.0\.downsample)\.([12])/,
          (_, at: string, place: string) => `${at}.${Number(place) - 1}`,
        ),
        array,
      ] as const,
  );
  await writeSafetensors(init, toReferenceLayout(Object.fromEntries(published) as NamedArrays));
  rmSync(join(folder, "stand-in"), { recursive: true });
  told.length = 0;
  const first = { ...config, chains: [{ ...R50, runs: [R50.runs[0]!] }] };
  await trainChains(contextOf(first, { maxSteps: 1, init: { resnet50: init } }), data);
  expect(told).toEqual(["begin train/R50_256", "done train/R50_256"]);
  told.length = 0;
  // Another setting is another run.
  const withGates = contextOf(first, { maxSteps: 1, init: { resnet50: init }, loadSeFc: true });
  await trainChains(withGates, data);
  expect(told).toEqual(["begin train/R50_256", "done train/R50_256"]);
  told.length = 0;
  await trainChains(contextOf({ ...first, standIn: undefined }, { maxSteps: 1 }), data);
  expect(told).toContain("R50_256 begins with random weights; --init brings those learned on ImageNet");
});

it("leaves images out that cannot be read, of all tables", () => {
  const widths = (...values: number[]) => ({ widths: Int32Array.from(values), heights: new Int32Array(2) });
  const sizes = { train: widths(8, 0), index: widths(0, 8), test: widths(8, 8) };
  const set = {
    tables: Uint8Array.of(0, 0, 1, 1, 2),
    rows: Int32Array.of(0, 1, 0, 1, 1),
    classIds: Int32Array.of(3, 4, 5, 6, -1),
  };
  expect([...readableClasses(set, { sizes })]).toEqual([3, -1, -1, 6, -1]);
});
