// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2020-recognition notebook" }
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGldv2, writeClassLandmarksPickle } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { readNpy } from "@lmk/index/npy";
import type { NamedArrays } from "@lmk/models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chains } from "../src/chains.ts";
import { notebookCommand } from "../src/commands/notebook.ts";
import type { Config } from "../src/config.ts";
import { findWeights, weightsNamesOf } from "../src/find-weights.ts";
import { createNetwork, headName, initialParameters } from "../src/network.ts";
import { type NotebookOptions, runNotebook } from "../src/notebook.ts";
import { presets, withMembers } from "../src/presets.ts";
import { lastRun } from "../src/train-run.ts";
import { writeWeights } from "../src/weights-file.ts";
import { weightsName } from "../src/weights-name.ts";

const narrow = withMembers(presets.embedded, ["b3", "rex20"]);
const config: Config = {
  ...narrow,
  chains: narrow.chains.map((chain, i) => ({ ...chain, inferenceSize: [48, 32][i]! })),
};
const [b3, rex20] = config.chains;

let folder = "";
let landmarkIds: number[] = [];
const heads = new Map<string, NamedArrays[string]>();

const at = (...names: string[]): string => join(folder, ...names);

function optionsOf(changes: Partial<NotebookOptions> = {}): NotebookOptions {
  return {
    data: at("photos"),
    modelDir: at("weights"),
    idx2landmarkId: at("idx2landmark_id.pkl"),
    out: at("submission.csv"),
    run: at("run"),
    commitRun: "auto",
    provider: "cpu",
    threads: 1,
    skipCorrupt: false,
    ...changes,
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-notebook-"));
  const images = { trainImages: 32, indexImages: 4, testImages: 7 };
  const rates = { unseenRate: 0, distractorRate: 0, noiseRate: 0 };
  await generateLandmarks(at("photos"), { landmarks: 8, ...images, ...rates, longSide: 64, workers: 0 });
  const { train, test } = await openGldv2(at("photos"));
  const sample = Array.from({ length: test.ids.length }, (_, row) => `${test.ids.at(row)},1 0.5\n`);
  writeFileSync(at("photos", "sample_submission.csv"), `id,landmarks\n${sample.join("")}`);

  // Three more than train images show.
  landmarkIds = [...new Set([...train.landmarkIds, 900_001, 900_002, 900_003])].sort((a, b) => a - b);
  await writeClassLandmarksPickle(at("idx2landmark_id.pkl"), Int32Array.from(landmarkIds));
  mkdirSync(at("weights", "a-data-set"), { recursive: true });
  const files = [join("a-data-set", `${b3!.publishedCheckpoint}.safetensors`), weightsName(lastRun(rex20!))];
  for (const [i, chain] of config.chains.entries()) {
    const { enetType } = lastRun(chain);
    const model = createNetwork(enetType, config.sizes[enetType]);
    const parameters = { ...initialParameters(model, { classes: landmarkIds.length, seed: 7 + i }) };
    // All images are much the same to fresh weights: without a bias their embeddings differ more.
    parameters["feat.bias"] = { ...parameters["feat.bias"]!, data: new Float32Array(512) };
    heads.set(chain.name, parameters[headName]!);
    await writeWeights(at("weights", files[i]!), parameters);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function unit(row: readonly number[]): number[] {
  const length = Math.sqrt(dot(row, row));
  return row.map((value) => value / length);
}

/** Rows of length 1. */
async function rowsOf(file: string): Promise<number[][]> {
  const { data, rows, columns } = await readNpy(file);
  return Array.from({ length: rows }, (_, i) => unit([...data.subarray(i * columns, (i + 1) * columns)]));
}

/** What the notebook gives for the embeddings that the run wrote: cells 17 and 25, in double precision. */
async function expectedRows(): Promise<{ landmark: number; score: number }[]> {
  const { train } = await openGldv2(at("photos"));
  const labels = [...train.landmarkIds];
  const members = await Promise.all(
    [...heads].map(async ([name, head]) => ({
      test: await rowsOf(at("run", "embed", name, "test", "embeddings.npy")),
      gallery: await rowsOf(at("run", "embed", name, "gallery", "embeddings.npy")),
      centers: Array.from({ length: head.shape[0]! }, (_, i) =>
        unit([...head.data.subarray(i * 512, (i + 1) * 512)]),
      ),
    })),
  );
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
  return members[0]!.test.map((_, row) => {
    const classes = landmarkIds.map((landmark, c) => {
      const cosines = members.map(({ test, centers }) =>
        Math.max(...[0, 1, 2].map((k) => dot(test[row]!, centers[3 * c + k]!))),
      );
      return { landmark, q: mean(cosines) - (labels.includes(landmark) ? 0 : 1) };
    });
    const best = classes.sort((a, b) => b.q - a.q).slice(0, 5);
    const neighbors = labels
      .map((landmark, i) => ({
        landmark,
        p: mean(members.map(({ test, gallery }) => dot(test[row]!, gallery[i]!))),
      }))
      .sort((a, b) => b.p - a.p);
    const sums = new Map<number, number>();
    for (const { landmark, p } of neighbors.slice(0, 5)) {
      const q = best.find((one) => one.landmark === landmark)?.q ?? 1e-8;
      sums.set(landmark, (sums.get(landmark) ?? 0) + Math.max(0, p) ** 9 * Math.max(0, q) ** 10);
    }
    const [landmark, score] = [...sums].sort((a, b) => b[1] - a[1])[0]!;
    return { landmark, score };
  });
}

interface Row {
  readonly id: string;
  readonly landmark: number;
  readonly score: number;
}

function submission(file: string): Row[] {
  const [header, ...lines] = readFileSync(file, "utf8").trim().split("\n");
  expect(header).toBe("id,landmarks");
  return lines.map((line) => {
    const [id, landmark, score] = line.split(/[, ]/);
    return { id: id!, landmark: Number(landmark), score: Number(score) };
  });
}

describe("runNotebook", () => {
  it("hands in what the notebook's formula gives for the embeddings", async () => {
    await runNotebook(optionsOf(), config);
    const rows = submission(at("submission.csv"));
    const { test } = await openGldv2(at("photos"));
    expect(rows.map(({ id }) => id)).toEqual(
      Array.from({ length: test.ids.length }, (_, i) => test.ids.at(i)),
    );
    for (const [i, { landmark, score }] of (await expectedRows()).entries()) {
      expect(rows[i]!.landmark).toBe(landmark);
      expect(Math.abs(rows[i]!.score - score)).toBeLessThanOrEqual(1e-3 * score);
    }
  });

  it("lowers what looks like photos without landmarks, and hands in the same images", async () => {
    const out = at("lowered.csv");
    await runNotebook(optionsOf({ out, run: at("run-2"), nonLandmarks: at("photos", "index") }), config);
    const rows = submission(out);
    const plain = submission(at("submission.csv"));
    expect(rows.map(({ id }) => id)).toEqual(plain.map(({ id }) => id));
    expect(rows.some(({ score }, i) => score !== plain[i]!.score)).toBe(true);
  });

  it("hands in what another method says, and refuses one that there is not", async () => {
    const out = at("rules.csv");
    const options = { out, run: at("run-2"), nonLandmarks: at("photos", "index") };
    await runNotebook(optionsOf({ ...options, method: "fusion-rules" }), config);
    const plain = submission(at("submission.csv"));
    const rows = submission(out);
    expect(rows.map(({ landmark }) => landmark)).toEqual(plain.map(({ landmark }) => landmark));
    // The rules only take away, from the root of the product of nine cosines and ten of the head.
    const taken = rows.map(({ score }, i) => plain[i]!.score ** (1 / 19) - score);
    expect(Math.min(...taken)).toBeGreaterThan(-1e-6);
    expect(Math.max(...taken)).toBeGreaterThan(0.1);
    await expect(runNotebook(optionsOf({ method: "fusion-rules" }), config)).rejects.toThrow(
      /^--method: expected one of head, nearest, .*, got fusion-rules; others need --non-landmarks$/,
    );
  });

  it("takes some of the networks", async () => {
    const out = at("alone.csv");
    await runNotebook(optionsOf({ out, run: at("run-3"), members: ["rex20"] }), config);
    expect(submission(out)).toHaveLength(7);
    expect(existsSync(at("run-3", "embed", "b3"))).toBe(false);
  });

  it("refuses weights with other classes, and folders without weights", async () => {
    await writeClassLandmarksPickle(at("two.pkl"), Int32Array.of(5, 9));
    await expect(
      runNotebook(optionsOf({ idx2landmarkId: at("two.pkl"), run: at("run-4") }), config),
    ).rejects.toThrow(/expected a head of 2 classes.*, got one of 11;/);
    mkdirSync(at("empty"));
    await expect(runNotebook(optionsOf({ modelDir: at("empty"), run: at("run-5") }), config)).rejects.toThrow(
      /expected the weights of b3 as .*\.pth or /,
    );
  });
});

describe("findWeights", () => {
  it("takes the published file before that of train", () => {
    const chain = chains.find(({ name }) => name === "b3")!;
    const names = weightsNamesOf(chain);
    expect(names).toEqual([
      "b3ns_final_768_300w_f1_load29_5ep5ep_fold1_ep5.pth",
      "b3ns_final_768_300w_f1_load29_5ep5ep_fold1_ep5.safetensors",
      "b3ns_final_768_300w_f1_load29_5ep5ep_fold1.safetensors",
    ]);
    const models = at("models");
    mkdirSync(models);
    for (const name of [...names].reverse()) {
      writeFileSync(join(models, name), "");
      expect(findWeights(models, chain)).toBe(join(models, name));
    }
  });

  it("refuses a file in place of the folder", () => {
    expect(() => findWeights(at("idx2landmark_id.pkl"), b3!)).toThrow(
      "expected a folder with weights, got none; check --model-dir",
    );
  });

  it("takes of the longer run of B6 its last epoch", () => {
    const names = weightsNamesOf(chains.find(({ name }) => name === "b6b")!);
    expect(names.slice(1)).toEqual([
      "b6ns_DDP_final_512_300w_f1_40ep_fold1_ep36.safetensors",
      "b6ns_DDP_final_512_300w_f1_40ep_fold1.safetensors",
    ]);
  });
});

describe("notebook", () => {
  it("is a command whose networks are the published ones", async () => {
    mkdirSync(at("nothing"));
    const args = ["--data", at("photos"), "--model-dir", at("nothing"), "--run", at("run-6")];
    const members = ["--members", "nest101,rex20", "--idx2landmark-id", at("idx2landmark_id.pkl")];
    await expect(notebookCommand.parseAsync([...args, ...members], { from: "user" })).rejects.toThrow(
      /nothing: expected the weights of nest101 as nest101_final_768_300w_f4_load16_19ep_load1_16ep_fold4_ep5\.pth or /,
    );
  });
});
