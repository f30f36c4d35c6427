import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CompletedStage,
  type EmbeddingRows,
  neededRows,
  readRows,
  replaceRows,
  rowsOfFile,
  stackedRows,
  takeRows,
  writeRows,
} from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Ensemble } from "../src/ensemble.ts";
import { rowsOf } from "../src/member-rows.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-rows-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stage that wrote these rows. */
async function stageOf(name: string, rows: readonly (readonly number[])[]): Promise<CompletedStage> {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const data = Float32Array.from(rows.flat());
  await writeRows(path, { data, rows: rows.length, columns: rows[0]!.length });
  return { folder: path, key: name, seconds: 0 };
}

async function fileOf(name: string, rows: readonly (readonly number[])[]): Promise<EmbeddingRows> {
  return rowsOfFile(await stageOf(name, rows), rows.length);
}

/** The rows of a matrix as lists of numbers with three decimals. */
function listsOf({ data, columns }: { data: Float32Array; columns: number }): number[][] {
  const rounded = [...data].map((value) => Math.round(1000 * value) / 1000);
  return Array.from({ length: data.length / columns }, (_, row) =>
    rounded.slice(row * columns, (row + 1) * columns),
  );
}

it("joins networks by their weights, from rows of any length", async () => {
  const first = await stageOf("first", [
    [3, 4],
    [0, 2],
  ]);
  const second = await stageOf("second", [[5], [-1]]);
  const ensemble = {
    data: { v2: { sizes: { test: { widths: Int32Array.of(8, 0, 8) } } } },
    predictions: new Map([
      ["a", { test: first }],
      ["b", { test: second }],
    ]),
  } as unknown as Ensemble;
  const members = [
    { job: "a", weight: 3 },
    { job: "b", weight: 4 },
  ];
  const rows = rowsOf(ensemble, members, "test");
  expect(rows.rows).toBe(2);
  // 3 (0.6, 0.8) beside 4 (1), over 5.
  expect(listsOf(await readRows(rows))).toEqual([
    [0.36, 0.48, 0.8],
    [0, 0.6, -0.8],
  ]);
  expect(() => rowsOf(ensemble, members, "train")).toThrow("expected embeddings of train by a, got none");
});

it("reads some rows, stacks rows, and puts others in their place, whatever the blocks", async () => {
  const front = await fileOf("front", [
    [1, 1],
    [2, 2],
  ]);
  const back = await fileOf("back", [
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
  const all = stackedRows([front, back]);
  expect(listsOf(await readRows(all, { first: 1, end: 4 }))).toEqual([
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  expect(listsOf(await takeRows(all, Int32Array.of(0, 3)))).toEqual([
    [1, 1],
    [4, 4],
  ]);
  const others = await stageOf("others", [
    [-2, -2],
    [-5, -5],
  ]);
  const replaced = replaceRows(all, Int32Array.of(1, 4), others);
  for (const blockRows of [1, 2, 3, 10]) {
    await using source = await replaced.open();
    const found: number[] = [];
    for await (const { embeddings } of source.blocks({ first: 1, end: 5, blockRows })) {
      found.push(...Array.from(embeddings.data).filter((_, i) => i % 2 === 0));
    }
    expect(found).toEqual([-2, 3, 4, -5]);
  }
  expect(replaced.stages.map(({ key }) => key)).toEqual(["front", "back", "others"]);
});

it("takes the rows that lists name, and numbers them anew", async () => {
  const rows = await fileOf("named", [[10], [11], [12], [13]]);
  const lists = {
    ids: Int32Array.of(3, 1, -1, 3),
    scores: Float32Array.of(9, 8, 0, 7),
    rows: 2,
    k: 2,
  };
  const { database, lists: renumbered } = await neededRows(rows, lists);
  expect([...database.data]).toEqual([11, 13]);
  expect([...renumbered.ids]).toEqual([1, 0, -1, 1]);
  expect(renumbered.scores).toEqual(lists.scores);
});

it("refuses rows that do not ascend, and rows that are not there", async () => {
  const rows = await fileOf("few", [[1], [2], [3]]);
  await expect(takeRows(rows, Int32Array.of(0, 3))).rejects.toThrow(
    new RangeError("takeRows: expected `wanted` to ascend from 0 to below 3, got 3"),
  );
  await expect(takeRows(rows, Int32Array.of(2, 1))).rejects.toThrow(
    new RangeError("takeRows: expected `wanted` to ascend from 0 to below 3, got 1"),
  );
});
