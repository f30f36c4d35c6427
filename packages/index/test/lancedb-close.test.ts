import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Table } from "@lancedb/lancedb";
import { createLanceTable, openLanceTable } from "@lmk/index/lancedb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { matrixFrom } from "./fixtures.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-lancedb-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it("is closed at the end of its block", async () => {
  const rows = matrixFrom([[1], [2]]);
  const query = { k: 1 };
  const tables = [];
  {
    using table = await createLanceTable(folder, "t", rows);
    tables.push(table);
    expect([...(await table.search(rows, query)).ids]).toEqual([1, 1]);
  }
  await expect(tables[0]!.search(rows, query)).rejects.toThrow("closed");
});

it("is closed when a later step of creating or opening fails", async () => {
  (await createLanceTable(folder, "t", matrixFrom([[1]]))).close();
  const connection = await connect(folder);
  const table = await connection.openTable("t");
  const methods = Object.getPrototypeOf(table) as Pick<Table, "countRows" | "close">;
  table.close();
  connection.close();

  const close = vi.spyOn(methods, "close");
  vi.spyOn(methods, "countRows").mockRejectedValue(new Error("no count"));
  await expect(openLanceTable(folder, "t")).rejects.toThrow("no count");
  expect(close).toHaveBeenCalledTimes(1);
  await expect(createLanceTable(folder, "u", matrixFrom([[1]]))).rejects.toThrow("no count");
  expect(close).toHaveBeenCalledTimes(2);
});
