import type { Neighbors } from "@lmk/index";
import { rerankByLandmarkAndCountry } from "@lmk/rerank";
import { firstNeighbors } from "@lmk-example/kit";
import { expect, it } from "vitest";
import { submittedSettings } from "../src/inference-settings.ts";
import { localGraph } from "../src/local-graph.ts";
import { weightOf } from "../src/member-rows.ts";
import { namedIds, renumbered, scoredByRank } from "../src/neighbor-rows.ts";
import { rankInBlocks } from "../src/query-blocks.ts";
import { rank } from "../src/rank.ts";
import type { RankInputs } from "../src/rank-inputs.ts";
import type { Way } from "../src/way.ts";

/** The list of one query. */
function listOf(...pairs: readonly (readonly [id: number, score: number])[]): Neighbors {
  return {
    ids: Int32Array.from(pairs, ([id]) => id),
    scores: Float32Array.from(pairs, ([, score]) => score),
    rows: 1,
    k: pairs.length,
  };
}

// Index images 0 to 3 are nearest to references 0 to 3, of landmarks 7, 8, 7 and 9.
const ofIndex: Neighbors = {
  ids: Int32Array.of(0, 1, 2, 3),
  scores: Float32Array.of(1, 1, 1, 1),
  rows: 4,
  k: 1,
};
const lists: Readonly<Record<string, Neighbors>> = {
  "ensemble/index": listOf([1, 0.9], [0, 0.85], [3, 0.4], [2, 0.15]),
  "R50/index": listOf([1, 0.9], [0, 0.8], [3, 0.5], [2, 0.1]),
  "SER101ibn/index": listOf([0, 0.9], [1, 0.9], [3, 0.3], [2, 0.2]),
  "R50/query-full": listOf([0, 0.6], [2, 0.3], [1, 0.1]),
  "SER101ibn/query-full": listOf([3, 0.9], [1, 0.6], [0, 0.5]),
  "R50/index-full": ofIndex,
  "SER101ibn/index-full": ofIndex,
};
const inputs: RankInputs = {
  networks: ["R50", "SER101ibn"],
  references: { classes: Int32Array.of(7, 8, 7, 9), countries: Int32Array.of(1, 1, 1, 2) },
  settings: { ...submittedSettings, MODEL_LIST: ["R50", "SER101ibn"] },
  list: (name) => lists[name]!,
};
const plain: Way = { networks: "ensemble", similarity: "cosine", local: false };
const tags: Way = {
  ...plain,
  category: {
    kind: "tags",
    merge: "before_merge",
    votes: "cosine",
    references: "full",
    landmarkWeight: 1,
    countryWeight: 0.1,
  },
};

function ranked(way: Way, changes: Partial<RankInputs> = {}): [number, number][] {
  const { ids, scores } = rank(way, { ...inputs, ...changes });
  return Array.from(ids, (id, at): [number, number] => [id, Number(scores[at]!.toFixed(5))]).filter(
    ([id]) => id >= 0,
  );
}

it("adds up similarities by their weights", () => {
  expect(ranked(plain)).toEqual([
    [1, 1.8],
    [0, 1.7],
    [3, 0.8],
    [2, 0.3],
  ]);
  expect(ranked({ ...plain, networks: "SER101ibn" })[0]).toEqual([0, 0.9]);
  const settings = { ...inputs.settings, MODEL_WEIGHT: [2, 0.5] };
  expect(ranked(plain, { settings })[0]).toEqual([1, 2.25]);
  expect(weightOf({ MODEL_LIST: ["ResNeSt101"], MODEL_WEIGHT: [3] }, "R50")).toBe(1);
});

it("re-ranks each network's list by its own votes, and adds them up", () => {
  // Of R50 landmark 7 has 0.9 of the votes and 8 has 0.1, all in country 1; of the other 7 has 0.25, 8 has 0.3, 9 has 0.45.
  const expected = [
    [0, 0.8 + 0.9 + 0.9 + 0.25 + 0.1 + 0.055],
    [1, 0.9 + 0.1 + 0.9 + 0.3 + 0.1 + 0.055],
    [2, 0.1 + 0.9 + 0.2 + 0.25 + 0.1 + 0.055],
    [3, 0.5 + 0.3 + 0.45 + 0.045],
  ];
  const found = ranked(tags);
  expect(found.map(([id]) => id)).toEqual([0, 1, 2, 3]);
  for (const [i, [, score]] of expected.entries()) expect(found[i]![1]).toBeCloseTo(score!, 4);
});

it("gives the same after the merge, where lists are whole and weights are 1", () => {
  const merged = ranked({ ...tags, category: { ...tags.category, merge: "after_merge" } as never });
  const before = ranked(tags);
  expect(merged.map(([id]) => id)).toEqual(before.map(([id]) => id));
  for (const [i, [, score]] of before.entries()) expect(merged[i]![1]).toBeCloseTo(score, 4);
});

it("puts images of the voted landmark first, and scores by rank", () => {
  const way: Way = {
    ...plain,
    networks: "SER101ibn",
    category: { kind: "label-first", references: "full" },
  };
  // 9 has most votes.
  expect(ranked(way)).toEqual([
    [3, 1],
    [0, 0.75],
    [1, 0.5],
    [2, 0.25],
  ]);
});

it("cuts, numbers and scores lists anew", () => {
  const list = listOf([5, 0.9], [3, 0.8], [-1, -Infinity]);
  expect([...firstNeighbors(list, 1).ids]).toEqual([5]);
  expect([...namedIds(list)]).toEqual([3, 5]);
  expect([...renumbered(list, Int32Array.of(3, 5)).ids]).toEqual([1, 0, -1]);
  expect([...scoredByRank(list).scores].map((score) => Number(score.toFixed(3)))).toEqual([
    1,
    0.667,
    -Infinity,
  ]);
});

it("takes of a graph what some queries need", () => {
  const graph: Neighbors = {
    ids: Int32Array.of(2, 7, 4, 2, 9, 4),
    scores: Float32Array.of(1, 0.5, 1, 0.25, 1, 0.125),
    rows: 3,
    k: 2,
  };
  const local = localGraph(
    listOf([4, 0.9], [2, 0.8]),
    graph,
    new Map([
      [2, 0],
      [4, 1],
      [9, 2],
    ]),
  );
  expect([...local.ids]).toEqual([2, 4, 7]);
  expect([...local.neighbors.ids]).toEqual([1, 0]);
  expect([...local.graph.ids]).toEqual([0, 2, 1, 0, -1, -1]);
  expect([...local.graph.scores]).toEqual([1, 0.5, 1, 0.25, -Infinity, -Infinity]);
});

it("ranks some queries at a time, each with its own lists", () => {
  const three: Neighbors = {
    ids: Int32Array.of(1, 0, 3, 2, 0, 2),
    scores: Float32Array.of(0.9, 0.8, 0.7, 0.6, 0.5, 0.4),
    rows: 3,
    k: 2,
  };
  const asked: Record<string, number[]> = { "R50/index": [], "R50/query-full": [], "R50/index-full": [] };
  const some = { ...inputs, list: (name: string) => (name === "R50/index-full" ? ofIndex : three) };
  const found = rankInBlocks({ ...some, voted: new Map([["R50", three]]) }, 3, 2, ({ list, voted }) => {
    for (const name of Object.keys(asked)) asked[name]!.push(list(name as "R50/index").rows);
    expect(voted!.get("R50")).toEqual(list("R50/index"));
    return list("R50/index");
  });
  expect(asked).toEqual({ "R50/index": [2, 1], "R50/query-full": [2, 1], "R50/index-full": [4, 4] });
  expect(found).toEqual(three);
});

// The example on the authors' slides: 70 % of the votes for one landmark, 90 % for one country.
it.each([
  [1, 0.1],
  [2, 0.5],
])("adds shares of votes by alpha %d and beta %d", (landmarkWeight, countryWeight) => {
  const neighbors = listOf([0, 0.7], [1, 0.6], [2, 0.5], [3, 0.1]);
  const votes = (share: number) => ({
    tags: Int32Array.of(1),
    shares: Float64Array.of(share),
    rows: 1,
    count: 1,
  });
  const evidence = {
    queryLandmarks: votes(0.7),
    queryCountries: votes(0.9),
    indexLandmarks: Int32Array.of(0, 0, 1, 0),
    indexCountries: Int32Array.of(0, 1, 1, 0),
  };
  const { ids, scores } = rerankByLandmarkAndCountry(neighbors, [evidence], {
    landmarkWeight,
    countryWeight,
  });
  const byId = new Map(Array.from(ids, (id, at) => [id, scores[at]!]));
  const expected = [0.7, 0.6 + countryWeight * 0.9, 0.5 + landmarkWeight * 0.7 + countryWeight * 0.9, 0.1];
  for (const [id, score] of expected.entries()) expect(byId.get(id)).toBeCloseTo(score, 6);
});
