import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lanceCases, measureLance } from "../src/index/lancedb-measurement.ts";

it("builds and searches tables in processes of their own", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "lmk-lancedb-"));
  try {
    const shape = {
      rows: 3000,
      queries: 9,
      columns: 64,
      k: 10,
      sampled: 6,
      singles: 3,
      seed: 1,
      clusters: 50,
    };
    const cases = lanceCases(shape.rows).map(({ index, settings }) => {
      return { index, settings: settings.filter(({ exact, refineFactor }) => exact || refineFactor) };
    });
    const { tables } = await measureLance(shape, cases, { steps: 1, folder });
    expect(tables.map(({ index }) => index.kind)).toEqual(["ivf-pq", "ivf-hnsw-sq"]);
    for (const { index, rowBytes, allBytes, peak, writePeak, searches } of tables) {
      expect(rowBytes, index.kind).toBeGreaterThan(3000 * 64 * 4);
      expect(allBytes, index.kind).toBeGreaterThan(rowBytes);
      expect(peak, index.kind).toBeGreaterThanOrEqual(writePeak);
      expect(Math.max(...searches.map(({ recall }) => recall)), index.kind).toBeGreaterThan(0.9);
      for (const { latency, p95, queries, setting } of searches) {
        expect(latency).toBeLessThanOrEqual(p95);
        expect(queries).toBe(setting.exact ? 6 : 9);
      }
    }
    expect(tables[0]!.searches.find(({ setting }) => setting.exact)!.recall).toBe(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
