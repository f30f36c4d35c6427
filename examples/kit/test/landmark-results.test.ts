import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  chooseQueries,
  type PreparedData,
  rankedIds,
  scoreRanking,
  scoreRecognition,
  solutionsOf,
  writeRanking,
  writeRecognition,
} from "../src/index.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-results-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function table(ids: readonly string[]) {
  return {
    ids: { length: ids.length, at: (row: number) => ids[row]!, rowOf: (id: string) => ids.indexOf(id) },
  };
}

/** Three test images, of which the second cannot be read, and three index images, of which the first cannot. */
const prepared = {
  data: {
    test: table(["q0", "q1", "q2"]),
    index: table(["i0", "i1", "i2"]),
    retrieval: {
      queries: Int32Array.of(0, 1, 2),
      usages: ["Private", "Private", "Public"],
      relevant: [Int32Array.of(2), Int32Array.of(1), Int32Array.of(1, 2)],
    },
    recognition: {
      queries: Int32Array.of(0, 1, 2),
      usages: ["Private", "Private", "Public"],
      landmarkIds: [Int32Array.of(7), Int32Array.of(8), Int32Array.of(9)],
    },
  },
  sizes: { test: { widths: Int32Array.of(9, 0, 9) }, index: { widths: Int32Array.of(0, 9, 9) } },
} as unknown as PreparedData;

/** Of q0: i1, i2. Of q2: i2 and nothing more. Ids count the images that can be read. */
const ranking = { ids: Int32Array.of(0, 1, 1, -1), rows: 2, k: 2 };
const recognition = { landmarkIds: [7, -1], scores: [0.5, Number.NEGATIVE_INFINITY] };

it("scores rankings and recognized landmarks, the parts and together", () => {
  const solutions = solutionsOf(prepared.data);
  expect([...rankedIds(prepared, ranking)]).toEqual([
    ["q0", ["i1", "i2"]],
    ["q2", ["i2"]],
  ]);
  const { meanAveragePrecision, averagePrecisions } = scoreRanking(prepared, ranking, solutions);
  // q0: the second is right. q1 has no answer. q2: the first of two.
  expect(averagePrecisions).toEqual({ q0: 0.5, q1: 0, q2: 0.5 });
  expect(meanAveragePrecision).toEqual({ private: 0.25, public: 0.5, all: 1 / 3 });
  expect(scoreRecognition(prepared, recognition, solutions)).toEqual({
    private: 0.5,
    public: 0,
    all: 1 / 3,
  });
});

it("asks for a solution that is not there", () => {
  expect(() => solutionsOf({ ...prepared.data, recognition: undefined })).toThrow(
    "evaluate: expected recognition_solution_v2.1.csv beside test.csv, got none; without it run submit alone",
  );
});

it("writes every test image, also compressed", async () => {
  await writeRanking(folder, "ranking.csv", prepared, ranking);
  const text = readFileSync(join(folder, "ranking.csv"), "utf8");
  expect(text.trim().split("\n")).toEqual(["id,images", "q0,i1 i2", "q1,", "q2,i2"]);
  expect(gunzipSync(readFileSync(join(folder, "ranking.csv.gz"))).toString()).toBe(text);
  await writeRecognition(folder, "recognition.csv", prepared, recognition);
  expect(readFileSync(join(folder, "recognition.csv"), "utf8").trim().split("\n")).toEqual([
    "id,landmarks",
    "q0,7 0.5",
    "q1,",
    "q2,",
  ]);
});

it("chooses the best, the median and the worst queries, of equal ones those that gained most", () => {
  const scores = { a: 1, b: 1, c: 0.5, d: 0.4, e: 0, f: 0, g: 0 };
  const chosen = chooseQueries(scores, { b: 0.3, g: 0.1 }, 2);
  expect(chosen.map(({ ids }) => ids)).toEqual([
    ["b", "a"],
    ["c", "d"],
    ["e", "f"],
  ]);
  expect(chooseQueries({ a: 1, b: 0 }).map(({ ids }) => ids)).toEqual([[], [], []]);
});
