import { describe, expect, it } from "vitest";
import { runConfig, trainingsOf } from "../src/chain-runs.ts";
import type { NetworkName } from "../src/chains.ts";
import { listOfFile } from "../src/lists/list-of-file.ts";
import { createNetwork } from "../src/network.ts";
import { configOf } from "../src/options-config.ts";
import { type PresetName, presets, withMembers } from "../src/presets.ts";
import { referenceSetOf } from "../src/reference-set.ts";
import { requireSupported } from "../src/require-supported.ts";
import { searchDepth } from "../src/search-depth.ts";
import { multiScale } from "../src/stages/embed.ts";
import { extraction, verification } from "../src/stages/match-locally.ts";

const names = Object.keys(presets) as PresetName[];

describe.each(names)("%s", (preset) => {
  const config = presets[preset];

  it("has the four networks that were handed in, each with its four runs", () => {
    const runs = config.chains.map((chain) => [chain.network, chain.runs.length]);
    expect(runs).toEqual([
      ["SER101ibn", 4],
      ["RXt101ibn", 4],
      ["ResNeSt101", 4],
      ["ResNeSt269", 4],
    ]);
  });

  it("trains each run from weights that are kept", () => {
    for (const { runs } of withMembers(preset, ["R50", "SER101ibn", "RXt101ibn", "ResNeSt101", "ResNeSt269"])
      .chains) {
      for (const [place, { name, from }] of runs.entries()) {
        const yml = runConfig(config, name);
        requireSupported(yml);
        expect(listOfFile(yml.DATALOADER.CACHE_LIST)).toBe((["clean", "c2f", "full", "all"] as const)[place]);
        if (from === undefined) continue;
        const { MAX_EPOCHS, CHECKPOINT_PERIOD } = runConfig(config, from.run).SOLVER;
        expect(from.epoch).toBeLessThanOrEqual(MAX_EPOCHS);
        expect(from.epoch % CHECKPOINT_PERIOD).toBe(0);
      }
    }
  });

  it("keeps the network of a chain from run to run", () => {
    for (const { network, runs } of config.chains) {
      const shapes = runs.map(
        ({ name }) => createNetwork(runConfig(config, name), config.sizes[network]).shapes,
      );
      for (const one of shapes) expect(one).toEqual(shapes[0]);
    }
  });
});

it("is published in the preset paper: sizes of images, batches and epochs of the last runs", () => {
  const { chains, sizes } = presets.paper;
  const last = chains.map(({ runs }) => runConfig(presets.paper, runs.at(-1)!.name));
  expect(last.map(({ INPUT }) => INPUT.SIZE_TRAIN[0])).toEqual([512, 512, 512, 512]);
  expect(last.map(({ SOLVER }) => SOLVER.IMS_PER_BATCH)).toEqual([18, 18, 40, 6]);
  expect(last.map(({ SOLVER }) => SOLVER.MAX_EPOCHS)).toEqual([4, 4, 2, 2]);
  expect(Object.values(sizes)).toEqual([{}, {}, {}, {}, {}]);
});

it("trains networks of more layers first, each in a process of its own", () => {
  expect(trainingsOf(presets.paper).map(({ options }) => options[1])).toEqual([
    "ResNeSt269",
    "ResNeSt101",
    "SER101ibn",
    "RXt101ibn",
  ]);
  expect(trainingsOf(presets.embedded).map(({ name }) => name)).toContain("train/RXt101ibn_512_all");
});

it("lists the whole index for the paper's validation set, and not for all test images of 2019", () => {
  const { depth } = presets.paper.search;
  expect(searchDepth(depth, 1129, 78_959)).toBe(78_959);
  expect(searchDepth(depth, 117_577, 761_757)).toBe(1141);
  expect(searchDepth(depth, 1_000_000, 761_757)).toBe(1000);
  expect(searchDepth(depth, 1_000_000, 500)).toBe(500);
});

it("votes and matches local features by the numbers of the original", () => {
  expect(presets.paper.search).toEqual({
    depth: 1000,
    referenceDepth: 30,
    references: "index_train",
    imagesPerPart: 1024,
  });
  expect(extraction).toEqual({ limit: 1024, maxSide: 800 });
  expect(verification.estimation).toEqual({
    maxError: 4,
    confidence: 0.99,
    maxIterations: 1000,
    minimumInliers: 5,
  });
});

it.each([
  [512, [352, 512, 720]],
  [384, [256, 384, 528]],
])("has three sizes of an image of %d pixels, multiples of 16", (side, sides) => {
  expect(multiScale.scales!.map((scale) => Math.floor((side * scale) / 16) * 16)).toEqual(sides);
  expect([multiScale.sides, multiScale.minimumSide]).toEqual(["stride", 16]);
});

it("has the references that REF_SET_LIST names", () => {
  expect(referenceSetOf({ REF_SET_LIST: "anywhere/cache_full_list.pkl" })).toBe("full");
  expect(() => referenceSetOf({ REF_SET_LIST: "cache_all_list.pkl" })).toThrow(
    "REF_SET_LIST: expected cache_full_list.pkl or cache_index_train_list.pkl, got cache_all_list.pkl; set it to one of them",
  );
});

describe("what the command line changes", () => {
  it("is the networks, in the order of the original", () => {
    const { chains } = configOf({ preset: "embedded", members: ["ResNeSt101", "R50"] });
    expect(chains.map(({ network, runs }) => [network, runs.length])).toEqual([
      ["R50", 1],
      ["ResNeSt101", 4],
    ]);
  });

  it("is the size of images for ResNet-50 alone, which has its own", () => {
    const sizeOf = (...members: NetworkName[]): number => withMembers("paper", members).inference.IMAGE_SIZE;
    expect([sizeOf("R50"), sizeOf("SER101ibn"), sizeOf("R50", "SER101ibn")]).toEqual([256, 512, 512]);
  });

  it("is the epochs, and those that the next runs begin with", () => {
    const { chains, runs } = configOf({ preset: "paper", epochs: 1 });
    expect(chains[0]!.runs.map(({ from }) => from?.epoch)).toEqual([undefined, 1, 1, 1]);
    expect(runs.SER101ibn_384!.SOLVER).toMatchObject({ MAX_EPOCHS: 1, CHECKPOINT_PERIOD: 1 });
  });

  it("is the batch of a step, and the seed", () => {
    const { runs, seed } = configOf({ preset: "paper", batchSize: 12, seed: 7 });
    expect(runs.ResNeSt269_512_all!.SOLVER.IMS_PER_BATCH).toBe(12);
    expect(runs.ResNeSt269_512_all!.MODEL.DEVICE_ID).toBe("0");
    expect(seed).toBe(7);
  });
});
