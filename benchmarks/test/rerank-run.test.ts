import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Matrix, normalizeRows } from "@lmk/index";
import { writeNpy } from "@lmk/index/npy";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClusteredVectors } from "../src/index/clustered-vectors.ts";
import { measureMethods } from "../src/rerank/measure-methods.ts";
import { methodNamed } from "../src/rerank/methods.ts";
import { readRunSet } from "../src/rerank/run-set.ts";

let folder: string;
const made = createClusteredVectors({ columns: 8, seed: 5, clusters: 4 });
const vectors = {
  test: made.queries(3),
  index: made.rows({ rows: 30 }),
  train: made.rows({ rows: 9, firstRow: 50 }),
};
const splits = ["test", "index", "train"] as const;
const embeddingsOf = (split: string) => join(folder, "predict", "v2clean", split, "embeddings.npy");
const idOf = (split: string, i: number) =>
  `${"abc"["test index train".split(" ").indexOf(split)]}${String(i).padStart(15, "0")}`;

/** A run folder of three queries, the second ignored, and 31 index images, of which row 4 cannot be read. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-run-"));
  for (const name of ["data", "prepare", ...splits.map((split) => `predict/v2clean/${split}`)])
    mkdirSync(join(folder, name), { recursive: true });
  const list = (split: string, count: number) => Array.from({ length: count }, (_, i) => idOf(split, i));
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(folder, "data", name), `${lines.join("\n")}\n`);
  write("test.csv", ["id", ...list("test", 3)]);
  write("index.csv", ["id", ...list("index", 31)]);
  write("train.csv", [
    "id,url,landmark_id",
    ...list("train", 9).map((id, i) => `${id},https://example.org/${id}.jpg,${i % 4}`),
  ]);
  write("retrieval_solution_v2.1.csv", [
    "id,images,Usage",
    `${idOf("test", 0)},${idOf("index", 3)} ${idOf("index", 4)} ${idOf("index", 5)},Public`,
    `${idOf("test", 1)},None,Ignored`,
    `${idOf("test", 2)},${idOf("index", 30)},Private`,
  ]);
  const sizes: Matrix = { data: new Float32Array(62).fill(100), rows: 31, columns: 2 };
  sizes.data.fill(0, 8, 10);
  await writeNpy(join(folder, "prepare", "sizes-index.npy"), sizes);
  for (const split of splits) await writeNpy(embeddingsOf(split), vectors[split]);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("reads a run folder, where right images that cannot be read count as not found", async () => {
  const { problems } = await readRunSet("tiny", folder, "v2clean");
  const [{ queries, database, relevant, groups, train, own }] = problems as [(typeof problems)[0]];
  expect(queries).toEqual(normalizeRows(vectors.test));
  expect(database.rows).toBe(30);
  expect(relevant.map((rows) => [...rows])).toEqual([[3, 30 + 4, 4], [], [29]]);
  expect(groups).toEqual(["Public", "Ignored", "Private"]);
  expect([...train!.labels]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0]);
  expect(own).toBeUndefined();
});

it("runs methods in processes of their own", { timeout: 120_000 }, async () => {
  const set = await readRunSet("tiny", folder, "v2clean");
  const methods = ["first search", "label sort", "k-reciprocal"].map(methodNamed);
  const told: string[] = [];
  const work = mkdtempSync(join(tmpdir(), "lmk-work-"));
  const settings = { folder: work, repeats: 1, grid: false, tell: (text: string) => told.push(text) };
  const { rows, set: facts, table2019, notRun } = await measureMethods(set, methods, settings);
  rmSync(work, { recursive: true });
  expect(rows.map(({ name, grid }) => [name, grid.length])).toEqual([
    ["first search", 1],
    ["label sort", 1],
    ["k-reciprocal", 1],
  ]);
  for (const { milliseconds, runs, memory, defaults, groups } of rows) {
    expect(milliseconds).toBeGreaterThan(0);
    expect(runs).toBe(1);
    expect(memory).toBeGreaterThanOrEqual(0);
    expect(Object.keys(groups)).toEqual(["Private", "Public"]);
    expect(defaults.mean).toBeCloseTo((groups.Private! + groups.Public!) / 2, 12);
  }
  expect(told.length).toBe(3);
  expect([facts.queries, facts.scored, facts.relevant]).toEqual([3, 2, [1, 2, 3]]);
  expect(facts.groups.map(({ name }) => name)).toEqual(["Private", "Public"]);
  expect(table2019[0]!.ours).toBe(rows[0]!.defaults.mean);
  expect(table2019[1]!.ours).toBeNull();
  expect(notRun.map(({ name }) => name)).toContain("rerankByRegionalDiffusion");

  const unlabelled = { ...set, problems: set.problems.map((problem) => ({ ...problem, train: undefined })) };
  const folderAgain = mkdtempSync(join(tmpdir(), "lmk-work-"));
  const without = await measureMethods(unlabelled, methods.slice(0, 2), { ...settings, folder: folderAgain });
  rmSync(folderAgain, { recursive: true });
  expect(without.rows.map(({ name }) => name)).toEqual(["first search"]);
  expect(without.notRun).toContainEqual({ name: "label sort", reason: "needs labelled training rows" });
});

it("refuses vectors of other images", async () => {
  await writeNpy(embeddingsOf("test"), made.queries(2));
  await expect(readRunSet("tiny", folder, "v2clean")).rejects.toThrow(
    new Error(`expected the embeddings of test in ${folder} to have 3 rows, got 2`),
  );
});
