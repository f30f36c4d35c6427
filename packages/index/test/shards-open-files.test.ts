// A process of its own (vitest.config.ts says why), as it mocks a module.
// @vitest-environment-options { "alone": "shards-open-files" }
import { mkdtempSync, rmSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mergeShards, searchShard } from "@lmk/index/shards";
import { expect, it, vi } from "vitest";
import { randomMatrix } from "./fixtures.ts";

const files = vi.hoisted(() => ({ open: 0, most: 0 }));
vi.mock(import("node:fs/promises"), async (original) => {
  const actual = await original();
  const open = async (...args: Parameters<typeof actual.open>): Promise<FileHandle> => {
    const handle = await actual.open(...args);
    files.open += 1;
    files.most = Math.max(files.most, files.open);
    const close = handle.close.bind(handle);
    handle.close = () => {
      files.open -= 1;
      return close();
    };
    return handle;
  };
  return { ...actual, open };
});

it("has one file open at a time, however many shards there are", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lmk-shards-"));
  const rows = randomMatrix(1, 40, 3);
  for (let index = 0; index < 20; index++) {
    await searchShard(rows, rows, { folder, shard: { index, count: 20 }, k: 3 });
  }
  Object.assign(files, { open: 0, most: 0 });
  expect((await mergeShards(folder)).rows).toBe(40);
  expect(files).toEqual({ open: 0, most: 1 });
  rmSync(folder, { recursive: true });
});
