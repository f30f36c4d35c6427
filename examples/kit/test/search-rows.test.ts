import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type EmbeddingRows,
  openRunFolder,
  pickedRows,
  readLists,
  readRows,
  rowsOfFile,
  searchRows,
  writeRows,
} from "../src/index.ts";
import { queriesAtOnce } from "../src/search-rows.ts";

let folder = "";
let base: EmbeddingRows;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-search-"));
  const stage = { folder: join(folder, "rows"), key: "rows", seconds: 0 };
  mkdirSync(stage.folder);
  const data = Float32Array.of(1, 0, 0.8, 0.6, 0, 1, -1, 0, 0.6, 0.8);
  await writeRows(stage.folder, { data, rows: 5, columns: 2 });
  base = rowsOfFile(stage, 5);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const contextIn = (name: string): Parameters<typeof searchRows>[0] => ({
  run: openRunFolder(join(folder, name)),
  progress: () => ({ update: () => {}, stop: () => {} }),
  options: { preset: "", provider: "cpu", threads: 1, skipCorrupt: false },
});

it("reads the picked rows, whatever the blocks", async () => {
  const picked = pickedRows(base, Int32Array.of(1, 2, 4));
  expect(picked.rows).toBe(3);
  expect([...(await readRows(picked)).data].map((value) => Math.round(10 * value))).toEqual([
    8, 6, 0, 10, 6, 8,
  ]);
  await using open = await picked.open();
  for (const blockRows of [1, 2, 3]) {
    const rows: number[][] = [];
    for await (const { firstRow, embeddings } of open.blocks({ first: 1, end: 3, blockRows })) {
      const { data, columns } = embeddings;
      for (let row = 0; row < embeddings.rows; row++) {
        rows.push([firstRow + row, Math.round(10 * data[row * columns]!)]);
      }
    }
    expect(rows).toEqual([
      [1, 0],
      [2, 6],
    ]);
  }
});

it("refuses rows that do not ascend or are not there", () => {
  for (const picked of [Int32Array.of(1, 1), Int32Array.of(2, 5), Int32Array.of(-1)]) {
    expect(() => pickedRows(base, picked)).toThrow("to ascend from 0 to below 5, got");
  }
});

it("finds the nearest rows, but for the one that is left out", async () => {
  const database = pickedRows(base, Int32Array.of(0, 2, 3));
  const found = await searchRows(contextIn("all"), { name: "found", queries: base, database, k: 2 });
  expect([...(await readLists(found)).ids]).toEqual([0, 1, 0, 1, 1, 0, 2, 1, 1, 0]);

  const exclude = Int32Array.of(0, -1, 1, 2, -1);
  const options = { name: "found", queries: base, database, k: 9, exclude };
  const others = await readLists(await searchRows(contextIn("others"), options));
  expect(others.k).toBe(3);
  expect([...others.ids]).toEqual([1, 2, -1, 0, 1, 2, 0, 2, -1, 1, 0, -1, 1, 0, 2]);
});

it("searches fewer queries at once where lists are long", () => {
  expect([0, 1, 4096, 4097, 78_959, 2 ** 25].map(queriesAtOnce)).toEqual([4096, 4096, 4096, 4095, 212, 1]);
});
