import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@lmk/index/npy";
import { type Ensemble, readLists } from "@lmk-example/gld2019-kit";
import { type CompletedStage, openRunFolder, writeNeighbors } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { presets, type RetrievalContext } from "../src/config.ts";
import { findAsInContest } from "../src/stages/contest.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-contest-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const scaled = (a: Vector, by: number): number[] => a.map((value) => value * by);
const added = (a: Vector, b: Vector): number[] => a.map((value, i) => value + b[i]!);
const unit = (a: Vector): number[] => scaled(a, 1 / Math.sqrt(dot(a, a)));

/** Numbers from -1 to 1 that are the same in every run. */
function createDraw(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}

const draw = createDraw();
const vectors = (count: number): number[][] =>
  Array.from({ length: count }, () => unit([1 + draw(), 1 + draw(), 1 + draw(), 1 + draw()]));
const sets = { test: vectors(4), index: vectors(9), train: vectors(8) };
const labels = [1, 1, 1, 2, 2, 2, 3, 3];
const clean = [0, 1, 3, 4, 6, 7];
/** From 0 to 199 inliers of each row with each row. */
const inliers = (rows: number, others: number): number[][] =>
  Array.from({ length: rows }, () => Array.from({ length: others }, () => Math.floor(100 + 100 * draw())));
const verified = {
  "test-train": inliers(4, 8),
  "test-index": inliers(4, 9),
  "index-index": inliers(9, 9),
};

/** The mean of a vector and of those five that agree with it best, weighed by their similarity. */
function expanded(own: Vector, others: readonly { readonly vector: Vector; readonly count: number }[]) {
  const best = others
    .filter(({ count }) => count >= 90)
    .sort((a, b) => b.count - a.count)
    .slice(0, 5);
  const total = best.reduce((sum, { vector }) => sum + dot(own, vector), 1);
  const sum = best.reduce((all, { vector }) => added(all, scaled(vector, dot(own, vector))), own);
  return scaled(sum, 1 / total);
}

function nearest(query: Vector, rows: readonly Vector[], score: (a: Vector, b: Vector) => number): number[] {
  return [...rows.keys()].sort((a, b) => score(query, rows[b]!) - score(query, rows[a]!));
}

const minusDistance = (a: Vector, b: Vector): number =>
  -dot(added(a, scaled(b, -1)), added(a, scaled(b, -1)));

async function stageOf(name: string, write: (folder: string) => Promise<void>): Promise<CompletedStage> {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  await write(path);
  return { folder: path, key: name, seconds: 0 };
}

function embedded(split: "test" | "index" | "train"): Promise<CompletedStage> {
  const data = Float32Array.from(sets[split].flat());
  return stageOf(split, (path) =>
    writeNpy(join(path, "embeddings.npy"), { data, rows: sets[split].length, columns: 4 }),
  );
}

function counted(name: keyof typeof verified): Promise<CompletedStage> {
  const counts = verified[name];
  const k = counts[0]!.length;
  const ids = Int32Array.from(counts.flatMap(() => [...Array(k).keys()]));
  const lists = { ids, scores: Float32Array.from(counts.flat()), rows: counts.length, k };
  return stageOf(name, (path) => writeNeighbors(join(path, "lists"), lists));
}

it("averages by inliers and by labels, as written out one by one", async () => {
  const sizes = Object.fromEntries(
    Object.entries(sets).map(([split, { length }]) => [split, { widths: new Int32Array(length).fill(9) }]),
  );
  const stage = await stageOf("clean", () => Promise.resolve());
  const ensemble = {
    data: { v2: { stage, data: { train: { landmarkIds: Int32Array.from(labels) } }, sizes } },
    predictions: new Map([
      [
        "one",
        { test: await embedded("test"), index: await embedded("index"), train: await embedded("train") },
      ],
    ]),
    lists: {
      stages: new Map([["clean-40-5", stage]]),
      rows: new Map([["clean-40-5", Int32Array.from(clean)]]),
    },
  } as unknown as Ensemble;
  const context: RetrievalContext = {
    run: openRunFolder(join(folder, "run")),
    config: { ...presets.paper, members: [{ job: "one", weight: 1 }] },
    options: { preset: "paper", provider: "cpu", threads: 1, skipCorrupt: false },
    progress: () => ({ update() {}, stop() {} }),
    notice() {},
  };
  const found = await findAsInContest(context, ensemble, {
    "test-train": await counted("test-train"),
    "test-index": await counted("test-index"),
    "index-index": await counted("index-index"),
  });

  const { test, index, train } = sets;
  const queries = test.map((own, row) =>
    expanded(own, [
      ...index.map((vector, i) => ({ vector, count: verified["test-index"][row]![i]! })),
      ...train.map((vector, i) => ({ vector, count: verified["test-train"][row]![i]! })),
    ]),
  );
  const augmented = index.map((vector) => [...vector]);
  for (const row of augmented.keys()) {
    const others = augmented.map((vector, i) => ({ vector, count: verified["index-index"][row]![i]! }));
    augmented[row] = expanded(
      augmented[row]!,
      others.filter((_, i) => i !== row),
    );
  }
  const voters = train.map((own, row) => {
    if (!clean.includes(row)) return own;
    const near = nearest(
      own,
      clean.map((i) => train[i]!),
      dot,
    )
      .slice(0, 3)
      .map((place) => clean[place]!);
    const same = near.filter((i) => labels[i] === labels[row]);
    return unit(
      same.reduce((sum, i) => added(sum, scaled(train[i]!, dot(own, train[i]!) ** 3)), [0, 0, 0, 0]),
    );
  });

  const rowsOf = async (of: CompletedStage): Promise<number[][]> => {
    const { ids, rows, k } = await readLists(of);
    return Array.from({ length: rows }, (_, row) => [...ids.subarray(row * k, (row + 1) * k)]);
  };
  expect(await rowsOf(found.index)).toEqual(queries.map((query) => nearest(query, augmented, minusDistance)));
  expect(await rowsOf(found.train)).toEqual(test.map((query) => nearest(query, voters, dot).slice(0, 3)));
  expect(await rowsOf(found.indexTrain!)).toEqual(index.map((row) => nearest(row, voters, dot).slice(0, 3)));
  // The averages matter: without them other images are found.
  expect(await rowsOf(found.index)).not.toEqual(test.map((query) => nearest(query, index, dot)));
  expect(await rowsOf(found.train)).not.toEqual(test.map((query) => nearest(query, train, dot).slice(0, 3)));
});
