import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddingRows, readRows, rowsOfFile, writeRows } from "@lmk-example/kit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sideBySide } from "../src/side-by-side.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-side-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rowsOf(name: string, columns: number, data: readonly number[]): Promise<EmbeddingRows> {
  const stage = { folder: join(folder, name), key: name, seconds: 0 };
  mkdirSync(stage.folder);
  const rows = data.length / columns;
  await writeRows(stage.folder, { data: Float32Array.from(data), rows, columns });
  return rowsOfFile(stage, rows);
}

it("puts rows of several widths side by side as they are, whatever the blocks", async () => {
  const joined = sideBySide([await rowsOf("wide", 2, [1, 2, 3, 4, 5, 6]), await rowsOf("one", 1, [7, 8, 9])]);
  expect(joined.stages.map(({ key }) => key)).toEqual(["wide", "one"]);
  expect([...(await readRows(joined)).data]).toEqual([1, 2, 7, 3, 4, 8, 5, 6, 9]);
  await using open = await joined.open();
  expect(open.columns).toBe(3);
  for (const blockRows of [1, 2, 5]) {
    const found: number[] = [];
    for await (const { firstRow, embeddings } of open.blocks({ first: 1, end: 3, blockRows })) {
      expect(firstRow).toBe(1 + found.length / 3);
      found.push(...embeddings.data);
    }
    expect(found).toEqual([3, 4, 8, 5, 6, 9]);
  }
});
