import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createEmbeddingModel,
  createResNet,
  type EmbeddingModel,
  gem,
  linearNeck,
  type NamedArrays,
  toReferenceLayout,
  withWhitening,
} from "@lmk/models";
import { writeSafetensors } from "@lmk/train";
import { afterAll, describe, expect, it } from "vitest";
import { networkNames } from "../src/checkpoint-names.ts";
import { backboneNames, readCheckpointNetwork } from "../src/checkpoint-network.ts";
import { evaluateCheckpointCommand, revisitedTable } from "../src/evaluate-checkpoint-command.ts";

const root = mkdtempSync(join(tmpdir(), "lmk-evaluate-checkpoint-"));
afterAll(() => rmSync(root, { recursive: true }));

const backbone = createResNet("resnet18", { width: 4 });
const model = createEmbeddingModel({ backbone, neck: linearNeck({ dimension: 8 }) });
const weights = model.initialize({ seed: 1 });

/** Writes arrays under other names. */
async function save(file: string, arrays: NamedArrays, rename = (name: string) => name): Promise<string> {
  const path = join(root, file);
  const renamed = Object.entries(toReferenceLayout(arrays)).map(([name, array]) => [rename(name), array]);
  await writeSafetensors(path, Object.fromEntries(renamed));
  return path;
}

/** A ResNet's names as a list has them: 0 and 1 the first convolution and its batch norm, 4 to 7 the stages. */
function listed(list: string): (name: string) => string {
  return (name) =>
    name
      .replace(/^conv1\./, `${list}.0.`)
      .replace(/^bn1\./, `${list}.1.`)
      .replace(/^layer([1-4])\./, (_, stage: string) => `${list}.${Number(stage) + 3}.`);
}

describe("readCheckpointNetwork", () => {
  it("reads this project's checkpoints, narrow ones as well", async () => {
    const read = await readCheckpointNetwork({
      checkpoint: await save("own", weights),
      backbone: "resnet18",
    });
    expect(read.model.dimension).toBe(8);
    expect(read.weights).toEqual(weights);
  });

  it("reads the 2019 winners' names, and leaves the loss out", async () => {
    const final = { "final.weight": { shape: [3, 8], data: new Float32Array(24) } };
    const rename = (name: string): string =>
      listed("backbone")(name)
        .replace(/^neck\.(fc|bn)\./, "$1.")
        .replace(/^/, "module.");
    const checkpoint = await save("winners", { ...weights, ...final }, rename);
    const read = await readCheckpointNetwork({ checkpoint, backbone: "resnet18" });
    expect(read.weights).toEqual(weights);
  });

  it("knows the lists of ResNets, with and without squeeze and excitation, and leaves other lists alone", () => {
    const excited = networkNames(["module.backbone.0.conv1.weight"], true);
    expect(excited("module.backbone.0.conv1.weight")).toBe("layer0.conv1.weight");
    expect(excited("backbone.4.2.se_module.fc1.bias")).toBe("layer4.2.se_module.fc1.bias");
    const plain = networkNames(["features.0.weight", "features.4.0.conv1.weight"], true);
    expect(plain("features.0.weight")).toBe("conv1.weight");
    expect(plain("features.1.running_var")).toBe("bn1.running_var");
    expect(plain("features.7.1.bn2.bias")).toBe("layer4.1.bn2.bias");
    expect(plain("final.weight")).toBeUndefined();
    const rexnet = networkNames(["features.0.weight"], false);
    expect(rexnet("module.features.3.out.0.weight")).toBe("features.3.out.0.weight");
    expect(rexnet("backbone.bn1.weight")).toBe("bn1.weight");
  });

  it("reads Radenović's names, with his power and whitening", async () => {
    const pooled = createEmbeddingModel({
      backbone,
      pooling: gem({ learnable: true, name: "pool" }),
      neck: null,
    });
    const projection = {
      data: Float32Array.from({ length: 5 * 32 }, (_, i) => Math.sin(i)),
      rows: 5,
      columns: 32,
    };
    const whitened: EmbeddingModel = withWhitening(pooled, {
      mean: new Float32Array(32).fill(0.5),
      projection,
    });
    const arrays = whitened.initialize({ seed: 2 });
    const checkpoint = await save("radenovic", arrays, listed("features"));
    const read = await readCheckpointNetwork({ checkpoint, backbone: "resnet18" });
    expect(read.model.dimension).toBe(5);
    expect(read.weights).toEqual(arrays);
  });

  it("reads a classifier's backbone without the classifier, pooled as it is told", async () => {
    const classifier = {
      "fc.weight": { shape: [10, 32], data: new Float32Array(320) },
      "fc.bias": { shape: [10], data: new Float32Array(10) },
    };
    const checkpoint = await save("classifier", { ...backbone.initialize({ seed: 1 }), ...classifier });
    const read = await readCheckpointNetwork({ checkpoint, backbone: "resnet18", pooling: "mac" });
    expect([read.model.dimension, Object.keys(read.weights).length]).toEqual([
      32,
      Object.keys(backbone.shapes).length,
    ]);
  });

  it("refuses another dimension, and weights of another network", async () => {
    const checkpoint = join(root, "own");
    await expect(readCheckpointNetwork({ checkpoint, backbone: "resnet18", dimension: 512 })).rejects.toThrow(
      `${checkpoint}: expected embeddings of 512 numbers, got a head of 8; leave --dimension out`,
    );
    await expect(readCheckpointNetwork({ checkpoint, backbone: "resnet34" })).rejects.toThrow(
      /layer1\.2\.conv1/,
    );
    expect(backboneNames).toContain("swin_tiny_patch4_window7_224");
  });
});

describe("evaluate-revisited", () => {
  const generated = {
    landmarks: 1,
    queriesPerLandmark: 1,
    easyPerLandmark: 1,
    hardPerLandmark: 1,
    junkPerLandmark: 0,
  };
  const run = join(root, "run");
  const lines: string[] = [];
  const stages: string[] = [];
  const command = (...args: string[]): Promise<unknown> =>
    evaluateCheckpointCommand({
      say: (text) => lines.push(text),
      progress: () => ({ update: () => {}, stop: () => {} }),
      onStage: (name, { kind }) => stages.push(`${name} ${kind}`),
      generated: { ...generated, distractors: 1, longSide: 64 },
    }).parseAsync(["--checkpoint", join(root, "own"), "--backbone", "resnet18", "--run", run, ...args], {
      from: "user",
    });

  it("makes a set where none is given and says so, scores the checkpoint, and skips all of it the next time", async () => {
    await command("--scales", "single", "--threads", "1");
    expect(lines[0]).toBe(
      `no --data: a set of generated landmarks in the same format, in ${join(run, "revisited-generated-data-1")}; ` +
        "its scores are not those of Oxford or Paris",
    );
    expect(lines[1]).toBe("generated: own, resnet18, embeddings of 8 numbers");
    const scores = JSON.parse(readFileSync(join(run, "revisited-generated-scores", "scores.json"), "utf8"));
    expect([scores.images, scores.queries]).toEqual([3, 1]);
    expect(scores.protocols.map(({ queries }: { queries: number }) => queries)).toEqual([1, 1, 1]);
    expect(lines[2]).toBe(revisitedTable(scores));

    await command("--scales", "single", "--threads", "1");
    expect(stages.slice(-2)).toEqual(["revisited-generated skip", "revisited-generated-scores skip"]);
    expect(lines[5]).toBe(lines[2]);
  });

  it("finds the set that a folder holds, and refuses what it cannot score with the way out", async () => {
    await expect(command("--set", "rparis6k")).rejects.toThrow(
      "--set rparis6k: expected a folder that holds it, got none; pass --data DIR, or leave --set out for a generated set",
    );
    await expect(command("--data", root)).rejects.toThrow(
      `${root}: expected one file gnd_<set>.pkl or gnd_<set>.json, got none; pass --set`,
    );
    const truth = {
      imlist: ["a"],
      qimlist: ["q"],
      gnd: [{ bbx: [0, 0, 9, 9], easy: [0], hard: [], junk: [] }],
    };
    writeFileSync(join(root, "gnd_roxford5k.json"), JSON.stringify(truth));
    await expect(command("--data", root)).rejects.toThrow(
      `fetch the set by prepare --download roxford5k --data ${root}`,
    );
    await expect(command("--scales", "0.5,none")).rejects.toThrow(/or factors above 0 and below 16/);
    await expect(command("--backbone", "resnet19")).rejects.toThrow(/expected one of resnet18, resnet34/);
  });
});

describe("revisitedTable", () => {
  it("shows percent with two decimals", () => {
    const protocol = {
      protocol: "hard",
      meanAveragePrecision: 0.5993,
      meanPrecisions: [1, 0.25],
      queries: 70,
    } as const;
    const table = revisitedTable({
      set: "roxford5k",
      images: 4993,
      queries: 70,
      ranks: [1, 5],
      protocols: [protocol],
    });
    expect(table).toContain("│ hard      │      70 │ 59.93 │ 100.00 │ 25.00 │");
    expect(table.split("\n").at(-1)).toBe("70 queries, 4993 images; in percent");
  });
});
