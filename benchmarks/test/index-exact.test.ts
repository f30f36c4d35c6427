import { expect, it } from "vitest";
import { createClusteredVectors } from "../src/index/clustered-vectors.ts";
import { measureExact } from "../src/index/exact-measurement.ts";
import { exactTables } from "../src/index/exact-tables.ts";
import { measureGraph } from "../src/index/graph-measurement.ts";
import { graphTables } from "../src/index/graph-tables.ts";

const vectors = createClusteredVectors({ columns: 32, seed: 1, clusters: 50 });
const run = {
  date: "2026-01-01",
  machine: { cpu: "a processor", cores: 2, memoryBytes: 2 ** 30, loadBefore: 0 },
  threads: 2,
  warmup: 0,
  steps: 1,
  commit: "0123456789",
  uncommittedChanges: false,
  versions: { node: "v20" },
  failures: [],
};

it("measures exact search, whose float32 sides find all and agree in every bit", {
  timeout: 60_000,
}, async () => {
  const task = { queries: vectors.queries(20), database: vectors.rows({ rows: 1500 }), k: 10 };
  const results = await measureExact(task, { steps: 1, warmup: 0, singles: 2 });
  expect(results.differing).toEqual([]);
  for (const { name, precision, recall, median } of results.sides) {
    expect(median, name).toBeGreaterThan(0);
    if (precision === "float32") expect(recall, name).toBe(1);
    else expect(recall, name).toBeGreaterThan(0.9);
  }
  expect(results.singles.map(({ threads, searches }) => [threads, searches])).toEqual([
    [1, 2],
    [1, 2],
    [2, 2],
    [2, 2],
  ]);
  const text = exactTables({ ...run, results });
  expect(text).toContain("### Exact search, 20 × 1,500 × 32, k 10");
  expect(text).toContain("to the last bit");
});

it("measures the graph of neighbors", { timeout: 60_000 }, async () => {
  const task = { database: vectors.rows({ rows: 800 }), k: 8, sampled: 100 };
  const results = await measureGraph(task, { steps: 1, warmup: 0 });
  expect(results.enginesDiffer).toBe(false);
  expect(results.sides.map(({ recall }) => recall)).toEqual([1, 1]);
  expect(graphTables({ ...run, results })).toContain("### Graph of neighbors, 800 × 32, k 8");
});
