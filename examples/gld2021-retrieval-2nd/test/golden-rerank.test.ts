import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSearch, type Matrix, type Neighbors } from "@lmk/index";
import { rerankByFastKReciprocal } from "@lmk/rerank";
import { readLists } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { evidenceOf } from "../src/evidence.ts";
import type { SearchedSystem } from "../src/member-rows.ts";
import type { Method } from "../src/method.ts";
import type { RetrievalContext } from "../src/retrieval-context.ts";
import { readRanking, rerankBy } from "../src/stages/rerank.ts";
import { type Lists, searchAll } from "../src/stages/search.ts";
import { graphAll, voteAll } from "../src/stages/tags.ts";
import type { Way } from "../src/way.ts";
import { chainsOf, contextIn, matrixOf, systemOf } from "./retrieval-context.ts";

// Twelve landmarks of four in a country, five references of each, one of which has a wrong label. The numbers below are what
// the authors' own functions give.
const centers = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 8 }, (_, j) => Math.sin(1 + 8 * i + j)),
);
const references = Array.from({ length: 60 }, (_, i) =>
  centers[Math.floor(i / 5)]!.map((value, j) => value + 0.35 * Math.sin(7 + 1.7 * (8 * i + j))),
);
const classes = Int32Array.from({ length: 60 }, (_, i) => (i === 21 ? 9 : Math.floor(i / 5)));
const index = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8].map((landmark, i) =>
  centers[landmark]!.map((value, j) => value + 0.3 * Math.cos(3 + 2.3 * (8 * i + j))),
);
const query = centers[0]!.map((value, j) => value + 0.93 * centers[8]![j]! + 0.1 * centers[9]![j]!);

const way = (category: Partial<Way["category"]> = {}): Way => ({
  networks: "ensemble",
  similarity: "cosine",
  local: false,
  category: {
    kind: "tags",
    merge: "before_merge",
    votes: "k-reciprocal",
    references: "index_train",
    landmarkWeight: 1,
    countryWeight: 0.1,
    ...category,
  } as NonNullable<Way["category"]>,
});

let folder = "";
let context: RetrievalContext;
let system: SearchedSystem;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-golden-"));
  context = contextIn(folder, { chains: chainsOf(["R50"]) });
  const rows = { queries: matrixOf([query]), index: matrixOf(index), references: matrixOf(references) };
  system = await systemOf(folder, new Map([["R50", rows]]), {
    classes,
    countries: classes.map((classId) => Math.floor(classId / 4)),
    trainCount: 60,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listsOf(method: Pick<Method, "way">): Promise<Lists> {
  const lists = await searchAll(context, system, [method]);
  const graphs = await graphAll(context, system, lists, [method]);
  return voteAll(context, system, lists, { graphs, methods: [method] });
}

function byId({ ids, scores }: Neighbors): number[] {
  const sorted = Array.from(ids, (id, at) => [id, scores[at]!] as const).filter(([id]) => id >= 0);
  return sorted.sort(([a], [b]) => a - b).map(([, score]) => score);
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
}

it("ranks references by k-reciprocal neighbors, and has them vote, as the authors do", async () => {
  const lists = await listsOf({ way: way() });
  expectClose(
    byId(await readLists(lists.get("R50/index")!)),
    [0.793298, 0.794232, 0.369753, -0.935494, -0.107124, 0.96287, -0.201405, -0.941091, 0.545354, 0.817137],
  );
  const ofQueries = await readLists(lists.get("R50/votes-index_train")!);
  expect([...ofQueries.ids.subarray(0, 5)]).toEqual([24, 20, 21, 23, 22]);
  expectClose(ofQueries.scores.subarray(0, 5), [0.878574, 0.872783, 0.856548, 0.853224, 0.781644]);

  const ofIndex = await readLists(lists.get("R50/index-index_train")!);
  const { references } = system.searched;
  const evidence = evidenceOf({ ofQueries, ofIndex, references, voteCount: 3 });
  expect([...evidence.indexLandmarks]).toEqual([0, 0, 1, 2, 3, 9, 5, 6, 7, 8]);
  expect([...evidence.indexCountries]).toEqual([0, 0, 0, 0, 0, 2, 1, 1, 1, 2]);
  expect([...evidence.queryLandmarks.tags]).toEqual([4, 9, -1]);
  expectClose(evidence.queryLandmarks.shares, [0.671557, 0.328443, 0]);
  expect([...evidence.queryCountries.tags]).toEqual([1, 2, -1]);
  expectClose(evidence.queryCountries.shares, [0.671557, 0.328443, 0]);
});

it.each(["before_merge", "after_merge"] as const)(
  "adds landmarks and countries as the authors do, %s",
  async (merge) => {
    const method = { name: merge, way: way({ merge }) };
    const ranking = await readRanking(await rerankBy(context, system, await listsOf(method), method));
    expect([...ranking.ids].filter((id) => id >= 0)).toEqual([5, 9, 1, 0, 8, 2, 4, 6, 7, 3]);
    expectClose(
      byId(ranking),
      [0.793298, 0.794232, 0.369753, -0.935494, -0.107124, 1.324158, -0.134249, -0.873935, 0.61251, 0.849982],
    );
  },
);

it("adds nothing for a country without its weight", async () => {
  const method = { name: "landmark-only", way: way({ countryWeight: 0 }) };
  const ranking = await readRanking(await rerankBy(context, system, await listsOf(method), method));
  const scores = byId(ranking);
  expect(scores[5]).toBeCloseTo(0.96287 + 0.328443, 5);
  expect(scores[9]).toBeCloseTo(0.817137, 5);
});

it("compares a query with references by their k-reciprocal neighbors as the authors do", () => {
  const [queries, rows] = [unitRows([query]), unitRows(references.slice(0, 20))];
  const neighbors = exactSearch(queries, rows, { k: 20 });
  const graph = exactSearch(rows, rows, { k: 20 });
  const ranked = rerankByFastKReciprocal(queries, rows, neighbors, graph, { expansionCount: 20, lambda: 0 });
  const near = Array.from({ length: 5 }, () => 0.866786);
  expectClose(
    byId(ranked).map((score) => 1 - score),
    [
      ...[0.242297, 0.242297, 0.252549, 0.2618, 0.2618, ...near, 0.926513, 0.926513, 0.943963, 0.909285],
      ...[0.909285, 0.447005, 0.447005, 0.435094, 0.431771, 0.442353],
    ],
  );
});

function unitRows(rows: readonly (readonly number[])[]): Matrix {
  return matrixOf(rows.map((row) => row.map((value) => value / Math.hypot(...row))));
}
