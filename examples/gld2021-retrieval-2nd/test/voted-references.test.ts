import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SearchedSystem } from "../src/member-rows.ts";
import { presets } from "../src/presets.ts";
import type { RetrievalContext } from "../src/retrieval-context.ts";
import { readRanking, rerankBy } from "../src/stages/rerank.ts";
import { searchAll } from "../src/stages/search.ts";
import { referencesOfVoted } from "../src/stages/voted-references.ts";
import type { Way } from "../src/way.ts";
import { chainsOf, contextIn, matrixOf, systemOf } from "./retrieval-context.ts";

const networks = ["R50", "SER101ibn"] as const;
const plain: Way = { networks: "ensemble", similarity: "cosine", local: false };
const voted: Way = { ...plain, category: { kind: "voted-references", references: "full" } };

let folder = "";
let system: SearchedSystem;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-voted-"));
  // The query is nearest to the first reference, whose landmark has the second too.
  const rows = {
    queries: matrixOf([[1, 0]]),
    index: matrixOf([
      [0.8, -0.6],
      [0.6, 0.8],
      [0, 1],
      [-1, 0],
    ]),
    references: matrixOf([
      [0.8, 0.6],
      [0, 1],
      [-1, 0],
    ]),
  };
  const labels = { classes: Int32Array.of(7, 7, 8), countries: Int32Array.of(1, 1, 1), trainCount: 3 };
  system = await systemOf(folder, new Map(networks.map((network) => [network, rows])), labels);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function contextOf(depth: number): RetrievalContext {
  const { inference, search } = presets.paper;
  return contextIn(folder, {
    chains: chainsOf(networks),
    inference: { ...inference, VOTE_NUM: 1 },
    search: { ...search, depth },
  });
}

async function rankedBy(way: Way, depth: number) {
  const context = contextOf(depth);
  const method = { name: "way", way };
  const stage = await rerankBy(context, system, await searchAll(context, system, [method]), method);
  return { key: stage.key, ids: [...(await readRanking(stage)).ids].filter((id) => id >= 0) };
}

it("puts images near any reference of the voted landmarks first, of the first ones of each list", async () => {
  expect((await rankedBy(plain, 1000)).ids).toEqual([0, 1, 2, 3]);
  const all = await rankedBy(voted, 1000);
  expect(all.ids).toEqual([1, 2, 0, 3]);
  const first = await rankedBy(voted, 2);
  expect(first.ids).toEqual([1, 0]);
  expect(first.key).not.toBe(all.key);
});

it("does not rank again for another depth where all images are ranked", async () => {
  expect((await rankedBy(plain, 2)).key).toBe((await rankedBy(plain, 1000)).key);
});

it("finds the references of all classes that vote", () => {
  const classes = Int32Array.of(7, 8, 7, 9);
  expect([...referencesOfVoted(Int32Array.of(2, 3, -1), classes)]).toEqual([0, 2, 3]);
});
