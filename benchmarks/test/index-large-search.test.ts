import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { measureLargeSearch } from "../src/index/large-search-measurement.ts";

it("searches files in processes of their own", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "lmk-large-search-"));
  try {
    const shape = { rows: 2000, queries: 12, columns: 32, k: 10, sampled: 7, seed: 1, clusters: 50 };
    const { results } = await measureLargeSearch(shape, { steps: 1, folder });
    expect(results.sides.map(({ name }) => name)).toEqual([
      "lmk exactSearchAsync, onnxruntime, float32 file",
      "lmk exactSearchAsync, wasm, float32 file",
      "lmk exactSearchAsync, onnxruntime, float16 file",
      "lmk exactSearchAsync, wasm, float16 file",
    ]);
    for (const { name, recall, peak, loaded } of results.sides) {
      if (name.includes("float32")) expect(recall, name).toBe(1);
      else expect(recall, name).toBeGreaterThan(0.95);
      expect(peak, name).toBeGreaterThan(loaded);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
