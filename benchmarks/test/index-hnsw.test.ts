import { expect, it } from "vitest";
import { createClusteredVectors } from "../src/index/clustered-vectors.ts";
import { measureHnsw } from "../src/index/hnsw-measurement.ts";

it("builds and searches every graph, with the fewest candidates that suffice", {
  timeout: 60_000,
}, async () => {
  const vectors = createClusteredVectors({ columns: 32, seed: 1, clusters: 50 });
  const task = {
    queries: vectors.queries(30),
    database: vectors.rows({ rows: 1500 }),
    k: 10,
    m: 16,
    efConstruction: 100,
  };
  const { sides } = await measureHnsw(task, { builds: 1, steps: 1, warmup: 0, least: 0.9 });
  expect(sides.map(({ name, dtype, threads }) => `${name}, ${dtype}, ${threads}`)).toEqual([
    "lmk, hnswlib-node, float32, 1",
    "lmk, usearch, float32, 1",
    "lmk, usearch, float32, 2",
    "lmk, usearch, float16, 2",
    "lmk, usearch, int8, 2",
  ]);
  for (const { name, recall, ef, stall, build, search } of sides) {
    expect(recall, name).toBeGreaterThanOrEqual(0.9);
    expect(ef, name).toBeGreaterThanOrEqual(10);
    expect(stall, name).toBeGreaterThan(0);
    expect(build.median, name).toBeGreaterThan(0);
    expect(search.median, name).toBeGreaterThan(0);
  }
});
