import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeClassLandmarksPickle } from "@lmk/data";
import { writeSafetensors } from "@lmk/train";
import {
  type CompletedStage,
  nonLandmarksOf,
  openRunFolder,
  type PreparedData,
  readLists,
  readPredictions,
  textTable,
  writeRows,
} from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { methodsOf, rankedMethod } from "../src/methods.ts";
import { headName } from "../src/network.ts";
import { presets, withMembers } from "../src/presets.ts";
import { resultsTable } from "../src/results-table.ts";
import { evaluate, protocolOf, readScores } from "../src/stages/evaluate.ts";
import { rankClassesAll } from "../src/stages/head.ts";
import { recognizeBy } from "../src/stages/recognize.ts";
import { type Lists, quantilesAll, searchAll } from "../src/stages/search.ts";
import { submit } from "../src/stages/submit.ts";
import type { EmbeddedSystem, SystemContext } from "../src/system.ts";
import type { MemberName } from "../src/train-run.ts";

const members: readonly MemberName[] = ["b7", "b6"];

// Embeddings are directions in a plane, in degrees; of the classes' three centers two look away.
const gallery = { angles: [0, 10, 90, 100], labels: [50, 50, 60, 60] };
/** Of the test images q0, q2, q3 and q4; q1 cannot be read. */
const testAngles = [5, 85, 200, 40];
const classAngles = [5, 8, 95];
const landmarks = [40, 50, 60];

const prepared = {
  data: {
    test: {
      ids: { length: 5, at: (row: number) => `q${row}` },
    },
    recognition: {
      queries: Int32Array.of(0, 1, 2, 3, 4),
      usages: ["Public", "Private", "Private", "Private", "Public"],
      landmarkIds: [[50], [50], [60], [], []].map((ids) => Int32Array.from(ids)),
    },
  },
  sizes: { test: { widths: Int32Array.of(9, 0, 9, 9, 9) } },
} as unknown as PreparedData;

let folder = "";
let context: SystemContext;
let system: EmbeddedSystem;
const notices: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-recognition-"));
  const folds = stage("folds");
  await writeClassLandmarksPickle(join(folds.folder, "idx2landmark_id.pkl"), Int32Array.from(landmarks));
  const trained = new Map<MemberName, CompletedStage>();
  const embeddings = new Map<
    MemberName,
    EmbeddedSystem["embeddings"] extends ReadonlyMap<MemberName, infer Parts> ? Parts : never
  >();
  for (const [i, member] of members.entries()) {
    // Networks differ in the lengths of their rows, which change nothing.
    const length = i + 2;
    const weights = stage(`weights-${member}`);
    const head = classAngles.flatMap((angle) => [200, angle, 210]);
    await writeSafetensors(join(weights.folder, "model.safetensors"), {
      [headName]: { shape: [head.length, 2], data: vectors(head, length) },
    });
    trained.set(member, weights);
    const [test, found] = [stage(`test-${member}`), stage(`gallery-${member}`)];
    await writeRows(test.folder, { data: vectors(testAngles, length), rows: 4, columns: 2 });
    await writeRows(found.folder, { data: vectors(gallery.angles, length), rows: 4, columns: 2 });
    embeddings.set(member, { test, gallery: found });
  }
  const data = {
    prepared: { ...prepared, stage: stage("prepare") },
    folds,
    gallery: { rows: Int32Array.of(0, 1, 2, 3), labels: Int32Array.from(gallery.labels) },
  };
  system = { data, trained, embeddings };
  context = {
    run: openRunFolder(join(folder, "run")),
    config: withMembers(presets.paper, members),
    options: { preset: "paper", provider: "cpu", threads: 1, skipCorrupt: false },
    progress: () => ({ update: () => {}, stop: () => {} }),
    notice: (line) => notices.push(line),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stage(name: string): CompletedStage {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return { folder: path, key: name, seconds: 0 };
}

function vectors(angles: readonly number[], length: number): Float32Array {
  return Float32Array.from(angles.flatMap((angle) => [length * cosine(angle), length * cosine(angle - 90)]));
}

function cosine(degrees: number): number {
  return Math.cos((degrees * Math.PI) / 180);
}

async function listsOf(): Promise<Lists> {
  const methods = methodsOf(context.config, { nonLandmarks: true });
  const nonLandmarks = nonLandmarksOf(system.data.prepared);
  await quantilesAll(context, system, methods);
  const found = await searchAll(context, system, { methods, nonLandmarks });
  return new Map([...found, ...(await rankClassesAll(context, system, methods))]);
}

it("knows the test images without a landmark that can be read", () => {
  expect([...nonLandmarksOf(system.data.prepared)!]).toEqual([2, 3]);
  const ignored = { ...prepared.data.recognition!, usages: Array<"Ignored">(5).fill("Ignored") };
  expect(nonLandmarksOf({ ...prepared, data: { ...prepared.data, recognition: ignored } })).toBeUndefined();
  expect(nonLandmarksOf({ ...prepared, data: { ...prepared.data, recognition: undefined } })).toBeUndefined();
});

it("lists what is nearest, and the best classes", async () => {
  const lists = await listsOf();
  const near = await readLists(lists.get("ensemble/test-gallery")!);
  expect(near.k).toBe(4);
  expect([...near.ids.subarray(4, 8)]).toEqual([2, 3, 1, 0]);
  expect(near.scores[4]).toBeCloseTo(cosine(5), 6);

  // The two images without a landmark find each other, not themselves.
  const others = await readLists(lists.get("ensemble/test-non-landmarks")!);
  expect([...others.ids]).toEqual([1, 0, 1, 0, 1, -1, 0, -1]);
  expect(others.scores[4]).toBeCloseTo(cosine(160), 6);

  const head = await readLists(lists.get("ensemble/test-classes")!);
  expect(head.k).toBe(3);
  // Landmark 40 is nearer to q0 than 50, but no searched image shows it.
  expect(head.ids[0]).toBe(50);
  expect(head.scores[0]).toBeCloseTo(cosine(3), 6);
  // q3 looks where the two other centers of every class do.
  expect([...head.ids.subarray(6, 9)]).toEqual([50, 60, 40]);
  for (const [i, expected] of [1, 1, 0].entries()) expect(head.scores[6 + i]).toBeCloseTo(expected, 6);
});

it("recognizes in every way, scores it as the challenge does, and writes the submission", async () => {
  const lists = await listsOf();
  const methods = methodsOf(context.config, { nonLandmarks: true });
  const recognized = new Map<string, CompletedStage>();
  for (const method of methods)
    recognized.set(method.name, await recognizeBy(context, system, lists, method));
  expect(notices).toEqual([]);

  const submitted = await readPredictions(recognized.get("submitted")!);
  expect(submitted.map(({ id, label }) => [id, label])).toEqual([
    ["q0", 50],
    ["q2", 60],
    ["q3", 60],
    ["q4", 50],
  ]);
  const scores = submitted.map((prediction) => prediction.score);
  const expected = [
    2 * cosine(5) ** 9 * cosine(3) ** 10,
    (cosine(5) ** 9 + cosine(15) ** 9) * cosine(10) ** 10,
    0,
    (cosine(40) ** 9 + cosine(30) ** 9) * cosine(32) ** 10,
  ];
  for (const [i, value] of expected.entries()) expect(scores[i]).toBeCloseTo(value, 5);

  const penalized = await readPredictions(recognized.get("fusion-rules")!);
  // Only two images without a landmark are known, so the third is near to none.
  for (const [i, value] of expected.entries()) {
    expect(penalized[i]!.score).toBeCloseTo(value ** (1 / 19), 5);
  }

  const evaluated = await evaluate(context, system, recognized);
  const all = readScores(evaluated);
  expect(Object.keys(all)).toEqual(methods.map(({ name }) => name));
  // Of q0, q1 and q2 the first and the third are right, before both distractors.
  const share = expect.closeTo(2 / 3, 12);
  expect(all.submitted).toEqual({
    gap: { private: 0.5, public: 1, all: share },
    protocol: share,
    accuracy: share,
  });

  const { folder: output } = await submit(context, recognized.get("submitted")!);
  const lines = readFileSync(join(output, "submission.csv"), "utf8").trim().split("\n");
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    "id,landmarks",
    "q0,50",
    "q1,",
    "q2,60",
    "q3,60",
    "q4,50",
  ]);

  const table = textTable(resultsTable(methods, all, "five images"));
  expect(table).toContain("fusion as submitted: neighbors^9 × head^10");
  expect(table).toContain("published: nine networks");
});

it("says where A − B of the whole gallery might be another", async () => {
  const { recognition } = context.config;
  const { fusion, nonLandmarkRanking } = recognition;
  const config = {
    ...context.config,
    recognition: {
      ...recognition,
      fusion: { ...fusion, neighborCount: 1 },
      nonLandmarkRanking: { ...nonLandmarkRanking, neighborCount: 1, shortlist: { least: 1, most: 1 } },
    },
  };
  const said: string[] = [];
  const short: SystemContext = {
    ...context,
    run: openRunFolder(join(folder, "short")),
    config,
    notice: (line) => said.push(line),
  };
  const method = rankedMethod(config);
  const nonLandmarks = nonLandmarksOf(system.data.prepared);
  const lists = new Map([
    ...(await searchAll(short, system, { methods: [method], nonLandmarks })),
    ...(await rankClassesAll(short, system, [method])),
  ]);
  expect((await readLists(lists.get("ensemble/test-gallery")!)).k).toBe(1);
  await recognizeBy(short, system, lists, method);
  // Of one image alone nothing is proven, for none of the four test images.
  expect(said).toEqual([
    "fusion with A − B − C: A − B was looked at for the nearest 1 of 4 searched images; in 4 lists one farther off might rank higher",
  ]);
});

it("scores by the protocol with first landmarks, and without those that have no class", () => {
  const solution = [
    { id: "a", landmarks: [1, 2], usage: "Public" as const },
    { id: "b", landmarks: [3], usage: "Public" as const },
    { id: "c", landmarks: [], usage: "Private" as const },
  ];
  expect(protocolOf(solution, new Set([1, 2])).map(({ id, landmarks }) => [id, ...landmarks])).toEqual([
    ["a", 1],
    ["c"],
  ]);
});
