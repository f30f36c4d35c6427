import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSearch, type Metric } from "@lmk/index";
import {
  createHnswIndex,
  hnswUnavailableReason,
  IndexFileError,
  isHnswAvailable,
  loadHnswIndex,
} from "@lmk/index/hnsw";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

// Without a C++ compiler the native module is absent: these tests are then reported as skipped, not as passed.
const missing = await hnswUnavailableReason();

it("says in two ways whether it is there", async () => {
  expect(await isHnswAvailable()).toBe(missing === undefined);
});

describe.skipIf(missing !== undefined)("createHnswIndex", () => {
  const rows = matrixFrom([
    [1, 2, 3],
    [2, 3, 4],
    [3, 4, 5],
  ]);
  const query = matrixFrom([[1, 2, 5]]);

  it.each([
    ["l2", [1, 0], [-3, -4]],
    ["dot", [2, 1], [36, 28]],
    ["cosine", [0, 1], [20 / Math.sqrt(14 * 30), 28 / Math.sqrt(29 * 30)]],
  ] as const)("finds what is worked out by hand (%s)", async (metric, ids, scores) => {
    const index = await createHnswIndex({ dimension: 3, metric });
    await index.add(rows);
    const found = index.search(query, { k: 2 });
    expect([...found.ids]).toEqual(ids);
    for (const [i, score] of scores.entries()) expect(found.scores[i]).toBeCloseTo(score, 5);
  });

  it("fills up with -1 and -Infinity where it holds fewer rows, also when empty", async () => {
    const index = await createHnswIndex({ dimension: 3, metric: "l2" });
    expect([...index.search(query, { k: 2 }).ids]).toEqual([-1, -1]);
    expect(index.rows).toBe(0);
    await index.add(slice(rows, 0, 1));
    const found = index.search(query, { k: 2 });
    expect([...found.ids, ...found.scores]).toEqual([0, -1, -4, -Infinity]);
  });

  it("gives equal scores to the smaller id first", async () => {
    const index = await createHnswIndex({ dimension: 2 });
    await index.add(matrixFrom(Array.from({ length: 20 }, () => [1, 1])));
    const { ids } = index.search(matrixFrom([[1, 1]]), { k: 20 });
    expect([...ids]).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  it.each(["dot", "cosine", "l2"] as const)(
    "finds 95 of 100 of the 10 nearest with ef 40 (%s)",
    async (metric: Metric) => {
      const database = clusteredMatrix(1, 3000, 32, 60);
      const queries = clusteredMatrix(2, 100, 32, 60);
      const index = await createHnswIndex({ dimension: 32, metric });
      await index.add(database);
      const exact = exactSearch(queries, database, { k: 10, metric });
      const found = index.search(queries, { k: 10, ef: 40 });
      let shared = 0;
      for (let row = 0; row < 100; row++) {
        const truth = new Map<number, number>();
        for (let i = row * 10; i < row * 10 + 10; i++) truth.set(exact.ids[i]!, exact.scores[i]!);
        for (let i = row * 10; i < row * 10 + 10; i++) {
          const score = truth.get(found.ids[i]!);
          if (score === undefined) continue;
          shared += 1;
          expect(found.scores[i]).toBeCloseTo(score, 5);
        }
      }
      expect(shared / 1000).toBeGreaterThanOrEqual(0.95);
    },
  );

  it("grows past its first capacity and numbers rows over several additions", async () => {
    const database = randomMatrix(3, 1500, 8);
    const index = await createHnswIndex({ dimension: 8, metric: "l2" });
    const additions = [slice(database, 0, 700), slice(database, 700, 1100), slice(database, 1100, 1500)];
    await Promise.all(additions.map((part) => index.add(part)));
    expect(index.rows).toBe(1500);
    const { ids } = index.search(slice(database, 690, 710), { k: 1, ef: 200 });
    expect([...ids]).toEqual(Array.from({ length: 20 }, (_, i) => 690 + i));
  });

  it("makes the same index from the same rows, order and seed", async () => {
    const database = randomMatrix(4, 500, 16);
    const queries = randomMatrix(5, 50, 16);
    const answer = async (seed: number) => {
      const index = await createHnswIndex({ dimension: 16, seed, m: 4, efConstruction: 8 });
      await index.add(database);
      return index.search(queries, { k: 5, ef: 5 });
    };
    expect(await answer(1)).toEqual(await answer(1));
    expect(await answer(1)).not.toEqual(await answer(2));
  });

  it("is a cosine index with ef 64 unless told otherwise", async () => {
    const database = randomMatrix(6, 800, 16);
    const queries = randomMatrix(7, 40, 16);
    const plain = await createHnswIndex({ dimension: 16 });
    const explicit = await createHnswIndex({
      dimension: 16,
      metric: "cosine",
      m: 16,
      efConstruction: 200,
      seed: 100,
    });
    await Promise.all([plain.add(database), explicit.add(database)]);
    expect(plain.metric).toBe("cosine");
    expect(plain.search(queries, { k: 5 })).toEqual(explicit.search(queries, { k: 5, ef: 64 }));
    expect(plain.search(queries, { k: 5, ef: 5 })).not.toEqual(explicit.search(queries, { k: 5, ef: 64 }));
  });

  it("refuses what does not fit, and adds nothing then", async () => {
    const refusal = (message: string) => new RangeError(message);
    await expect(createHnswIndex({ dimension: 0 })).rejects.toThrow(
      refusal("createHnswIndex: expected `dimension` to be a positive integer, got 0"),
    );
    await expect(createHnswIndex({ dimension: 1, m: 1 })).rejects.toThrow(
      refusal("createHnswIndex: expected `m` to be an integer of at least 2, got 1"),
    );
    await expect(createHnswIndex({ dimension: 1, efConstruction: 0 })).rejects.toThrow(
      refusal("createHnswIndex: expected `efConstruction` to be a positive integer, got 0"),
    );
    await expect(createHnswIndex({ dimension: 1, seed: -1 })).rejects.toThrow(
      refusal("createHnswIndex: expected `seed` to be a whole number below 4294967296, got -1"),
    );
    await expect(createHnswIndex({ dimension: 1, metric: "ip" as Metric })).rejects.toThrow(
      refusal('createHnswIndex: expected `metric` to be "dot", "cosine" or "l2", got "ip"'),
    );
    const index = await createHnswIndex({ dimension: 2 });
    await expect(index.add(rows)).rejects.toThrow(
      refusal("HnswIndex.add: expected `matrix` to have 2 columns like the index, got 3"),
    );
    await expect(
      index.add(
        matrixFrom([
          [1, 0],
          [0, 0],
        ]),
      ),
    ).rejects.toThrow(
      refusal("HnswIndex.add: expected row 1 of `matrix` to have a direction, got a row of zeros"),
    );
    expect(index.rows).toBe(0);
    expect(() => index.search(matrixFrom([[Number.NaN, 1]]), { k: 1 })).toThrow(
      refusal("HnswIndex.search: expected row 0 of `queries` to hold finite numbers, got NaN in column 0"),
    );
    expect(() => index.search(matrixFrom([[1, 1]]), { k: 0 })).toThrow(
      refusal("HnswIndex.search: expected `k` to be a positive integer, got 0"),
    );
    expect(() => index.search(matrixFrom([[1, 1]]), { k: 1, ef: 0.5 })).toThrow(
      refusal("HnswIndex.search: expected `ef` to be a positive integer, got 0.5"),
    );
  });
});

describe.skipIf(missing !== undefined)("save and loadHnswIndex", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lmk-hnsw-"));
    path = join(folder, "embeddings.hnsw");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function saved(seed = 1) {
    const index = await createHnswIndex({ dimension: 8, metric: "dot", m: 8, efConstruction: 50, seed: 3 });
    await index.add(randomMatrix(seed, 300, 8));
    await index.save(path);
    return index;
  }
  const graphName = (): string => readdirSync(folder).find((name) => name.endsWith(".graph"))!;

  it("answers the same after saving and loading, and can grow", async () => {
    const index = await saved();
    const loaded = await loadHnswIndex(path);
    const queries = randomMatrix(2, 30, 8);
    expect([loaded.rows, loaded.dimension, loaded.metric]).toEqual([300, 8, "dot"]);
    expect(loaded.search(queries, { k: 7 })).toEqual(index.search(queries, { k: 7 }));
    await loaded.add(randomMatrix(3, 2000, 8));
    expect(loaded.rows).toBe(2300);
  });

  it("saves an empty index, and waits for rows that are being added", async () => {
    const index = await createHnswIndex({ dimension: 8 });
    await index.save(path);
    const empty = await loadHnswIndex(path);
    expect(empty.rows).toBe(0);
    const adding = index.add(randomMatrix(1, 200, 8));
    await index.save(path);
    await adding;
    expect((await loadHnswIndex(path)).rows).toBe(200);
  });

  it("replaces a saved index and leaves nothing of the old one", async () => {
    await saved(1);
    const before = graphName();
    await saved(2);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(graphName()).not.toBe(before);
    expect((await loadHnswIndex(path)).rows).toBe(300);
  });

  it("leaves nothing behind where it cannot write", async () => {
    const index = await createHnswIndex({ dimension: 8 });
    await expect(index.save(join(folder, "no", "where.hnsw"))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a graph that is missing, cut off or changed", async () => {
    await saved();
    const graph = join(folder, graphName());
    const bytes = readFileSync(graph);
    const { sha256 } = JSON.parse(readFileSync(path, "utf8")).graph as { sha256: string };

    const changed = Buffer.from(bytes);
    changed[1000]! ^= 1;
    writeFileSync(graph, changed);
    await expectRefusal(
      graph,
      "wrong-checksum",
      new RegExp(`to have the checksum ${sha256}, got [0-9a-f]{64}$`),
    );
    writeFileSync(graph, bytes.subarray(0, -1));
    const size = `to have ${bytes.length} bytes, got ${bytes.length - 1}`;
    await expectRefusal(graph, "wrong-size", new RegExp(`${size}$`));
    rmSync(graph);
    await expectRefusal(graph, "wrong-size", /to be there, got no file$/);
  });

  it("refuses a file that is not an index, of a newer version, or incomplete", async () => {
    writeFileSync(path, "\u0000\u0001");
    await expectRefusal(path, "not-this-format", /to be JSON, got something else$/);
    writeFileSync(path, '{ "format": "other" }');
    await expectRefusal(path, "not-this-format", /to have the format "lmk-hnsw", got "other"$/);
    writeFileSync(path, "null");
    await expectRefusal(path, "not-this-format", /to have the format "lmk-hnsw", got undefined$/);
    await saved();
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, version: 2 }));
    await expectRefusal(path, "unsupported-version", /to be of version 1, got 2$/);
    writeFileSync(path, JSON.stringify({ ...manifest, graph: { file: "../x", bytes: 1, sha256: "" } }));
    await expectRefusal(path, "bad-header", /to describe an index, got \{/);
  });

  async function expectRefusal(at: string, code: string, message: RegExp): Promise<void> {
    const error = await loadHnswIndex(path).catch((reason: unknown) => reason);
    expect(IndexFileError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code, path: at });
    const prefix = `loadHnswIndex: expected ${at} `;
    expect((error as Error).message.startsWith(prefix)).toBe(true);
    expect((error as Error).message.slice(prefix.length)).toMatch(message);
  }
});
