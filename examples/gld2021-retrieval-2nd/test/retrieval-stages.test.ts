import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CompletedStage,
  openRunFolder,
  prepareLandmarks,
  readEmbeddings,
  readLists,
  runStage,
  textTable,
} from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { chains, type NetworkName } from "../src/chains.ts";
import { readComparedScores } from "../src/compare.ts";
import type { Config } from "../src/config.ts";
import { configs } from "../src/configs.ts";
import { methodsOf, submittedMethod } from "../src/methods.ts";
import { createNetwork, initialParameters } from "../src/network.ts";
import { weightsFile } from "../src/network-weights.ts";
import { presets } from "../src/presets.ts";
import { rankedIdsOf } from "../src/ranked-ids.ts";
import { resultsTable } from "../src/results-table.ts";
import { type RetrieveOptions, retrieve } from "../src/retrieve.ts";
import { embedAll, embedParts, type SearchableSystem } from "../src/stages/embed.ts";
import { evaluate, evaluateStage, readScores } from "../src/stages/evaluate.ts";
import { lists } from "../src/stages/lists.ts";
import { datasetLine, report } from "../src/stages/report.ts";
import { readRanking, rerankAll } from "../src/stages/rerank.ts";
import { searchAll } from "../src/stages/search.ts";
import { submit } from "../src/stages/submit.ts";
import { graphAll, voteAll } from "../src/stages/tags.ts";
import type { SystemContext } from "../src/system.ts";
import { writeWeights } from "../src/weights-file.ts";

const networks: readonly NetworkName[] = ["R50", "SER101ibn"];
const size = { width: 8, depths: [1, 1, 1, 1] };

const config: Config = {
  ...presets.embedded,
  landmarks: {
    landmarks: 6,
    trainImages: 60,
    indexImages: 30,
    testImages: 16,
    noiseRate: 0.1,
    sceneDifficulty: 0,
    longSide: 48,
  },
  images: { ...presets.paper.images, check: "decode" },
  chains: networks.map((network) => ({ ...chains[network], runs: [{ name: chains[network].published }] })),
  runs: {
    R50_256: configs.R50_256,
    SER101ibn_512_all: configs.SER101ibn_512_all,
  },
  sizes: { R50: size, SER101ibn: size, RXt101ibn: size, ResNeSt101: size, ResNeSt269: size },
  validation: { contestShare: 1 },
  inference: { ...presets.embedded.inference, IMAGE_SIZE: 32, BATCH_SIZE: 16 },
};

let folder = "";
let context: SystemContext;
let system: SearchableSystem;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-retrieval-"));
  const options = { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false } as const;
  context = {
    run: openRunFolder(folder),
    config,
    options,
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: () => {},
  };
  const trained = new Map<NetworkName, CompletedStage>();
  for (const [seed, network] of networks.entries()) {
    trained.set(network, await randomNetwork(network, seed));
  }
  system = await embedAll(context, await lists(context, await prepareLandmarks(context)), trained);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function randomNetwork(network: NetworkName, seed: number): Promise<CompletedStage> {
  const yml = config.runs[chains[network].published]!;
  return runStage(context.run, `train/${network}`, { settings: { seed } }, async (path) => {
    const parameters = initialParameters(createNetwork(yml, size), { classes: 6, seed });
    await writeWeights(join(path, weightsFile), parameters);
  });
}

it("embeds queries, the index and all references of the list", async () => {
  const { searched, embeddings, data } = system;
  const { test, index, train } = data.prepared.data;
  expect([...searched.queries]).toEqual([...data.expand.queries].sort((a, b) => a - b));
  expect(searched.images.length).toBe(index.ids.length);
  // Train images first, then those of the index whose landmark train images show.
  expect(searched.references.trainCount).toBe(train.ids.length);
  expect(searched.references.rows.length).toBeGreaterThan(train.ids.length);
  expect(searched.references.classes.every((classId) => classId >= 0)).toBe(true);
  for (const network of networks) {
    const { queries, references } = embeddings.get(network)!;
    const rows = await readEmbeddings(queries);
    expect([rows.rows, rows.columns]).toEqual([searched.queries.length, 512]);
    expect((await readEmbeddings(references!)).rows).toBe(searched.references.rows.length);
  }
  expect(searched.queries.length).toBeLessThanOrEqual(test.ids.length);
});

it("embeds and scores anew where the validation set is another", async () => {
  const less = { ...context, config: { ...config, validation: { contestShare: 0.5 } } };
  const data = await lists(less, system.data.prepared);
  const { expand } = data;
  const [all, contest] = [system.data.expand.images.length, Math.ceil(system.data.expand.images.length / 2)];
  expect(expand.images.length).toBeLessThan(all);
  expect(expand.added).toBe(expand.images.length - contest);
  expect(expand.added).toBeGreaterThan(0);
  const keys = (await embedAll({ ...less, run: openRunFolder(join(folder, "less")) }, data, system.trained))
    .embeddings;
  const [now, before] = [keys.get("R50")!, system.embeddings.get("R50")!];
  expect(now.index.key).not.toBe(before.index.key);
  expect([now.queries.key, now.references!.key]).toEqual([before.queries.key, before.references!.key]);
});

it("embeds an index image that is a reference as the same", async () => {
  const { searched, embeddings } = system;
  const { index, references } = embeddings.get("R50")!;
  const [a, b] = [await readEmbeddings(index), await readEmbeddings(references!)];
  const { trainCount, paths, rows } = searched.references;
  const file = paths.at(rows[trainCount]!);
  const place = searched.images.findIndex((row) => system.data.prepared.data.index.paths.at(row) === file);
  const rowOf = (data: Float32Array, row: number): number[] => [...data.subarray(row * 512, row * 512 + 4)];
  for (const [i, value] of rowOf(a.data, place).entries()) {
    expect(rowOf(b.data, trainCount)[i]).toBeCloseTo(value, 5);
  }
});

it("ranks by every method, scores it, writes the submission and the report", async () => {
  const methods = methodsOf(config);
  const found = await searchAll(context, system, methods);
  const graphs = await graphAll(context, system, found, methods);
  const voted = await voteAll(context, system, found, { graphs, methods });
  const reranked = await rerankAll(context, system, voted, methods);
  expect([...reranked.keys()]).toEqual(methods.map(({ name }) => name));

  // An index image is its own nearest reference, if it is one.
  const nearest = await readLists(voted.get("R50/index-index_train")!);
  expect(nearest.k).toBe(1);
  expect(nearest.ids.filter((id) => id >= system.searched.references.trainCount).length).toBeGreaterThan(0);
  const ofTrain = await readLists(voted.get("R50/index-full")!);
  expect(Math.max(...ofTrain.ids)).toBeLessThan(system.searched.references.trainCount);

  for (const stage of reranked.values()) {
    const { ids, rows, k } = await readRanking(stage);
    expect(rows).toBe(system.searched.queries.length);
    const first = [...ids.subarray(0, k)].filter((id) => id >= 0);
    expect(first.sort((a, b) => a - b)).toEqual([...system.searched.images.keys()]);
  }
  const scoresOf = async (name: string): Promise<number[]> => [
    ...(await readRanking(reranked.get(name)!)).scores.subarray(0, 5),
  ];
  const merged = await scoresOf("after-merge");
  for (const [i, score] of (await scoresOf("submitted")).entries()) expect(score).toBeCloseTo(merged[i]!, 4);

  const evaluated = await evaluate(context, system, reranked);
  const scores = readScores(evaluated);
  expect(Object.keys(scores)).toEqual(methods.map(({ name }) => name));
  // All images are listed, so no query has 0, and no query has more than a hundred right images.
  for (const { validation, challenge } of Object.values(scores)) {
    expect(validation).toBeGreaterThan(0);
    expect(validation).toBeCloseTo(challenge.all, 10);
  }
  expect(textTable(resultsTable(methods, scores, "tiny"))).toContain("published: random erasing");
  expect(readComparedScores(folder, config).map(({ name, title }) => [name, title])[3]).toEqual([
    "submitted",
    "as submitted: landmark and country before merge",
  ]);
  expect(evaluated.folder).toBe(join(folder, evaluateStage));

  const submitted = await submit(context, system.searched, reranked.get(submittedMethod(config).name)!);
  const lines = readFileSync(join(submitted.folder, "submission.csv"), "utf8").trim().split("\n");
  const { test, index } = system.data.prepared.data;
  expect(lines[0]).toBe("id,images");
  expect(lines.length).toBe(1 + test.ids.length);
  const query = test.ids.at(system.searched.queries[0]!);
  const ranking = await readRanking(reranked.get("submitted")!);
  const images = [...ranking.ids.subarray(0, ranking.k)].filter((id) => id >= 0);
  expect(lines.find((line) => line.startsWith(query))).toBe(
    `${query},${images.map((id) => index.ids.at(system.searched.images[id]!)).join(" ")}`,
  );

  const written = await report(context, { system, methods, reranked, evaluated });
  const page = readFileSync(join(written.folder, "report.html"), "utf8");
  for (const text of [
    "Google Landmark Retrieval 2021, 2nd place",
    "Networks: R50, SER101ibn; seed 1.",
    datasetLine(context, system),
    "as submitted: landmark and country before merge · average precision",
    "Worst queries",
  ]) {
    expect(page).toContain(text);
  }
});

function retrieveOptions(set: readonly string[], out: string): RetrieveOptions {
  return {
    imageDir: join(folder, "data"),
    modelDir: join(folder, "models"),
    cache: join(folder, "lists"),
    set: ["MODEL_LIST=['R50']", "IMAGE_SIZE=32", "BATCH_SIZE=16", ...set],
    depth: 1000,
    out: join(folder, out),
    run: join(folder, "retrieve"),
    provider: "cpu",
    threads: 1,
    skipCorrupt: false,
  };
}

it("ranks a competition's folder as the system does, with what was trained and listed elsewhere", async () => {
  const shown = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  mkdirSync(join(folder, "models"));
  copyFileSync(
    join(system.trained.get("R50")!.folder, weightsFile),
    join(folder, "models", "R50_256.safetensors"),
  );
  await retrieve(retrieveOptions([], "tagged.csv"), { R50: size });
  shown.mockClear();
  await retrieve(retrieveOptions(["CATEGORY_RERANK=off"], "plain.csv"), { R50: size });
  // What was embedded is not embedded again.
  expect(shown.mock.calls.map(([line]) => line)).toContain("embed/R50/index: complete\n");
  shown.mockRestore();

  const methods = methodsOf(config).filter(({ name }) => name === "R50" || name === "R50-tags");
  const found = await searchAll(context, system, methods);
  const graphs = await graphAll(context, system, found, methods);
  const voted = await voteAll(context, system, found, { graphs, methods });
  const reranked = await rerankAll(context, system, voted, methods);
  const { prepared } = system.data;
  for (const [name, file] of [
    ["R50-tags", "tagged.csv"],
    ["R50", "plain.csv"],
  ] as const) {
    const lines = readFileSync(join(folder, file), "utf8").trim().split("\n");
    // All test images are ranked, not the queries of a solution alone.
    expect(lines.length).toBe(1 + prepared.data.test.ids.length);
    const images = new Map(lines.slice(1).map((line) => line.split(",") as [string, string]));
    for (const [id, ranked] of rankedIdsOf(system.searched, await readRanking(reranked.get(name)!))) {
      expect(images.get(id)).toBe(ranked.join(" "));
    }
  }
});

it("embeds at three sizes with MULTI_SCALE_FEAT", async () => {
  const few = { queries: system.searched.queries.subarray(0, 2), images: Int32Array.of(0) };
  const references = { ...system.searched.references, rows: new Int32Array() };
  const inference = { ...config.inference, MULTI_SCALE_FEAT: true, BATCH_SIZE: 2 };
  const scaled = {
    ...context,
    run: openRunFolder(join(folder, "scaled")),
    config: { ...config, chains: config.chains.slice(0, 1), inference },
  };
  const found = await embedParts(scaled, { ...system.searched, ...few, references }, system.trained);
  expect(Object.keys(found.get("R50")!)).toEqual(["queries", "index"]);
  const [rows, before] = [
    await readEmbeddings(found.get("R50")!.queries),
    await readEmbeddings(system.embeddings.get("R50")!.queries),
  ];
  expect(rows.rows).toBe(2);
  const cosine = rows.data.subarray(0, 512).reduce((sum, value, i) => sum + value * before.data[i]!, 0);
  expect(cosine).toBeGreaterThan(0.5);
  expect(cosine).toBeLessThan(0.9999);
});

it("says what is missing before it begins", async () => {
  const none = join(folder, "nowhere");
  await expect(retrieve({ ...retrieveOptions([], "x.csv"), modelDir: none }, { R50: size })).rejects.toThrow(
    `${none}: expected the weights of R50 as R50_256.pth or R50_256.safetensors, got none; check --model-dir, or leave the network out of MODEL_LIST`,
  );
  await expect(retrieve({ ...retrieveOptions([], "x.csv"), cache: none })).rejects.toThrow(
    `${join(none, "cache_index_train_list.pkl")}: expected a file of generate-list, got none; run it, or name its folder by --cache`,
  );
  await expect(retrieve({ ...retrieveOptions([], "x.csv"), imageDir: none })).rejects.toThrow(
    `${join(none, "test")}: expected a folder of images, got none; name the folder that has test and index by --image-dir`,
  );
  await expect(retrieve(retrieveOptions(["MODEL_LIST=['R101ibn']"], "x.csv"))).rejects.toThrow(
    "MODEL_LIST: expected networks among R50, SER101ibn, RXt101ibn, ResNeSt101, ResNeSt269, got R101ibn; correct it",
  );
  await expect(retrieve(retrieveOptions(["REF_SET_LIST=cache_all_list.pkl"], "x.csv"))).rejects.toThrow(
    "set REF_SET_LIST to cache_index_train_list.pkl or cache_full_list.pkl",
  );
});
