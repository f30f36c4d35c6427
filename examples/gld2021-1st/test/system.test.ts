import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gldv2 } from "@lmk/data";
import {
  type CompletedStage,
  openRunFolder,
  prepareLandmarks,
  readJson,
  usableRows,
  writeRows,
} from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MemberName } from "../src/ensembles.ts";
import { labelledIndexOf } from "../src/labelled-index.ts";
import { retrievalMethods } from "../src/methods.ts";
import { withMembers } from "../src/presets.ts";
import { rankUpTo } from "../src/run-up-to.ts";
import { readScores, type Scores } from "../src/stages/evaluate.ts";
import { lists } from "../src/stages/lists.ts";
import { rankBy } from "../src/stages/rank.ts";
import { searchAll } from "../src/stages/search.ts";
import { stepData } from "../src/step-data.ts";
import type { EmbeddedSystem, Part, SystemContext, SystemData } from "../src/system.ts";
import { tinyConfig } from "./tiny-system.ts";

const members: readonly MemberName[] = ["dolg-b5", "effnet-b3", "effnet-b5"];
const columns = 16;

let folder = "";
let context: SystemContext;
let data: SystemData;
let system: EmbeddedSystem;
let scores: Scores;
const notices: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-2021-"));
  context = {
    run: openRunFolder(folder),
    config: tinyConfig(members),
    options: { preset: "embedded", provider: "cpu", threads: 1, skipCorrupt: false },
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: (line) => notices.push(line),
  };
  data = await lists(context, await prepareLandmarks(context));
  const embeddings = new Map<MemberName, Readonly<Record<Part, CompletedStage>>>();
  for (const [i, member] of members.entries()) {
    embeddings.set(member, {
      test: await embedded(`${member}-test`, i, testLandmarks()),
      index: await embedded(`${member}-index`, i, indexLandmarks()),
      gallery: await embedded(
        `${member}-gallery`,
        i,
        [...data.gallery.labels].map((landmark) => [landmark]),
      ),
    });
  }
  system = { data, trained: new Map(), embeddings };
  await rankUpTo("report", context, system);
  scores = readScores({ folder: join(folder, "evaluate") });
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Embeddings that know the landmark: each has a direction of its own, and so has every image without one. */
async function embedded(
  name: string,
  member: number,
  landmarks: readonly (readonly number[])[],
): Promise<CompletedStage> {
  const path = join(folder, "embedded", name);
  mkdirSync(path, { recursive: true });
  const known = [...new Set([...data.gallery.labels, ...testLandmarks().flat()])];
  const rows = new Float32Array(landmarks.length * columns);
  landmarks.forEach((shown, row) => {
    const places = shown.length === 0 ? [columns - 1] : shown.map((landmark) => known.indexOf(landmark));
    // Networks differ in the lengths of their rows, which change nothing.
    for (const place of places) rows[row * columns + place] = member + 1;
    rows[row * columns + columns - 2] = 0.01 * Math.sin(row);
  });
  await writeRows(path, { data: rows, rows: landmarks.length, columns });
  return { folder: path, key: name, seconds: 0 };
}

/** The landmarks of each test image; one that only the index shows has a number of its own below 0. */
function testLandmarks(): number[][] {
  const { recognition, retrieval } = data.prepared.data;
  return [...usableRows(data.prepared, "test")].map((row) => {
    const shown = recognition!.landmarkIds[recognition!.queries.indexOf(row)]!;
    const found = retrieval!.relevant[retrieval!.queries.indexOf(row)]!.length;
    return shown.length === 0 && found > 0 ? [-1 - row] : [...shown];
  });
}

/** The landmark of each index image: that of a query it is right for, of one with a single landmark if there is one. */
function indexLandmarks(): number[][] {
  const { queries, relevant } = data.prepared.data.retrieval!;
  const tests = testLandmarks();
  return [...usableRows(data.prepared, "index")].map((row) => {
    const shown = [...queries].filter((_, i) => relevant[i]!.includes(row)).map((query) => tests[query]!);
    const landmarks = shown.sort((a, c) => a.length - c.length)[0] ?? [];
    return landmarks.slice(-1);
  });
}

it("numbers landmarks, and counts the images of each table", () => {
  const counts = readJson<Record<string, { images: number; landmarks: number }>>(
    join(folder, "lists", "counts.json"),
  )!;
  const { train, clean } = data.prepared.data;
  expect(counts["train.csv"]!.images).toBe(clean!.length);
  expect(counts["train_full.csv"]).toEqual({ images: 48, landmarks: new Set(train.landmarkIds).size });
  expect(counts["train_gldv2x.csv"]!.images).toBe(data.gallery.rows.length);
  expect(counts["train_gldv2x.csv"]!.landmarks).toBe(counts["train.csv"]!.landmarks);
  const lines = readFileSync(join(folder, "lists", "landmark_id2class.csv"), "utf8")
    .trim()
    .split("\n");
  expect([lines[0], lines[1]!.split(",")[1], lines.length]).toEqual([
    "landmark_id,class_id",
    "0",
    counts["train.csv"]!.landmarks + 1,
  ]);
  const landmarks = lines.slice(1).map((line) => Number(line.split(",")[0]));
  expect(landmarks).toEqual([...landmarks].sort((a, b) => a - b));
  // Heads have the same numbers in every table.
  for (const table of ["train.csv", "train_gldv2x.csv", "train_full.csv"] as const) {
    const { landmarkIds, rows, classIds } = stepData(data.prepared.data, table);
    expect([...landmarkIds.subarray(0, landmarks.length)]).toEqual(landmarks);
    expect([...rows].map((row) => train.landmarkIds[row])).toEqual(
      [...classIds].map((id) => landmarkIds[id]),
    );
  }
});

it("ranks and recognizes without a mistake by embeddings that know the landmark", () => {
  expect(scores.retrieval.cosine!.meanAveragePrecision.all).toBe(1);
  const submitted = scores.recognition.submitted!;
  expect([submitted.gap.all, submitted.accuracy]).toEqual([1, 1]);
  expect(notices).toEqual([]);
});

it("misranks by labels what no labelled image shows, and nothing else", () => {
  const { test } = data.prepared.data;
  const unseen = testLandmarks().findIndex(([landmark = 0]) => landmark < 0);
  expect(unseen).toBeGreaterThanOrEqual(0);
  for (const name of ["submitted", "effnet-b5-soft"]) {
    const { [test.ids.at(unseen)]: led, ...others } = scores.retrieval[name]!.averagePrecisions;
    expect(led).toBeLessThan(1);
    expect(new Set(Object.values(others))).toEqual(new Set([1]));
  }
});

it("knows the landmarks of index images by the names of their categories", () => {
  const { places, labels } = data.labelledIndex!;
  const shown = indexLandmarks();
  const known = [...places].map((place, i) => [labels[i], ...shown[place]!]);
  expect(places.length).toBeGreaterThan(0);
  for (const [label, ...landmarks] of known) if (landmarks.length > 0) expect([label]).toEqual(landmarks);
  const listed = new Set(data.gallery.labels);
  const left = shown.filter((_, place) => !places.includes(place)).flat();
  expect(left.filter((landmark) => listed.has(landmark))).toEqual([]);
});

it("says which file lacks a landmark of the index", () => {
  const { landmarkIds, ...none } = (data.prepared.data as Gldv2).indexCategories!;
  const indexCategories = { ...none, landmarkIds: landmarkIds.map((id) => id + 1000) };
  const prepared = { ...data.prepared, data: { ...data.prepared.data, indexCategories } };
  expect(() => labelledIndexOf(prepared)).toThrow(
    /^lists: expected index_label_to_category.csv to name .* got none for \d+\); bring the whole file$/,
  );
});

it("scores what each task has as members, and every way", () => {
  expect(Object.keys(scores.retrieval)).toEqual([
    ...["cosine", "hard", "submitted", "soft-train", "soft-mean3", "soft-sum3"],
    ...["dolg-b5", "effnet-b5"].flatMap((name) => [`${name}-cosine`, `${name}-hard`, `${name}-soft`]),
  ]);
  expect(Object.keys(scores.recognition)).toEqual([
    ...["A", "A-B", "submitted", "quantiles", "dolg-mean", "effnet-mean"],
    ...["dolg-b5", "effnet-b3"],
  ]);
});

it("writes both submissions and the report", () => {
  const linesOf = (name: string) =>
    readFileSync(join(folder, "submit", name), "utf8")
      .trim()
      .split("\n");
  const tests = data.prepared.data.test.ids.length;
  const [ranked, recognized] = [linesOf("submission-retrieval.csv"), linesOf("submission-recognition.csv")];
  expect([ranked.length, recognized.length]).toEqual([tests + 1, tests + 1]);
  expect([ranked[0], recognized[0]]).toEqual(["id,images", "id,landmarks"]);
  expect(existsSync(join(folder, "submit", "submission-retrieval.csv.gz"))).toBe(true);
  const page = readFileSync(join(folder, "report", "report.html"), "utf8");
  for (const part of ["Networks and ensembles", "Retrieval: best queries", "Recognition: best answers"]) {
    expect(page).toContain(part);
  }
});

it("ranks by short lists as by those of the whole index, and says where that is not proven", async () => {
  const ranked: Scores["retrieval"][] = [];
  for (const mostListed of [1000, 4]) {
    const retrieval = { ...context.config.retrieval, mostListed, kept: 3 };
    const config = { ...withMembers(context.config, ["dolg-b5"]), retrieval };
    await rankUpTo("evaluate", { ...context, config }, system);
    ranked.push(readScores({ folder: join(folder, "evaluate") }).retrieval);
  }
  const [whole, short] = ranked;
  expect(short!.submitted).toEqual(whole!.submitted);
  expect(notices.splice(0)).toEqual([
    expect.stringMatching(
      /^dolg-b5: scores of 12 index images are changed .* for 4 test images another one might be among the first 3$/,
    ),
    expect.stringContaining("dolg-b5: scores of 12"),
    expect.stringContaining("dolg-b5: scores of 12"),
    expect.stringContaining("dolg-b5: scores of 12"),
  ]);
}, 60_000);

it("says it too of parts that another process made", async () => {
  const retrieval = { ...context.config.retrieval, mostListed: 4, kept: 3, up: 0.9 };
  const own = { ...context, config: { ...context.config, retrieval } };
  const { labelledIndex } = data;
  const methods = retrievalMethods(own.config, { labelledIndex: true });
  const sources = { lists: await searchAll(own, system, { methods, labelledIndex }), labelledIndex };
  const { way } = methods.find(({ name }) => name === "dolg-b5-soft")!;
  const rank = (run: SystemContext["run"]) =>
    rankBy({ ...own, run }, system, sources, { member: "dolg-b5", way, given: 100 });
  await rank({ ...own.run, sharing: { target: "rank", shard: { index: 0, count: 1 } } });
  expect(notices).toEqual([]);
  for (let i = 0; i < 2; i++) await rank(own.run);
  expect(notices).toEqual([expect.stringMatching(/for \d+ test images another one/)]);
}, 30_000);
