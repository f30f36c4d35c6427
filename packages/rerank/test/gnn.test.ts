import { type Neighbors, type RerankByGnnOptions, rerankByGnn, rerankByGnnAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  allCosines,
  clusteredRows,
  expectScores,
  mutualPool,
  type Pool,
  permutedDatabase,
  poolOf,
  ranksOf,
  scoresById,
  withoutSelf,
} from "./pools.ts";

/** The formulas on full matrices. */
function dense({ rows, queries }: Pool, options: RerankByGnnOptions): number[][] {
  const { k1 = 26, k2 = 7, alpha = 2, layers = 2, compat = "layumi" } = options;
  const { lambda = compat === "layumi" ? 0.3 : 0 } = options;
  const cosines = allCosines(rows);
  const all = cosines.map((_, row) => row);
  const ranks = ranksOf(cosines, Math.max(k1, k2));
  let features: number[][] = ranks.map((list) =>
    all.map((column) => (list.slice(0, k1).includes(column) ? 1 : 0)),
  );
  for (let layer = 0; layer < layers && k2 > 1; layer++) {
    const both = features.map((row, i) => row.map((value, j) => value + features[j]![i]!));
    features = ranks.map((list, row) => {
      const sums = all.map((column) => {
        const own = compat === "jifeiluo" ? both[row]![column]! : 0;
        return list
          .slice(0, k2)
          .reduce((sum, other) => sum + cosines[row]![other]! ** alpha * both[other]![column]!, own);
      });
      const length = Math.hypot(...sums);
      return sums.map((value) => value / length);
    });
  }
  return all.slice(0, queries).map((query) =>
    all.slice(queries).map((row) => {
      const product = all.reduce((sum, i) => sum + features[query]![i]! * features[row]![i]!, 0);
      return (1 - lambda) * product + lambda * cosines[query]![row]!;
    }),
  );
}

describe("rerankByGnn", () => {
  it("counts common neighbors where nothing is propagated", () => {
    const { ids, scores } = rerankByGnn(mutualPool.neighbors, mutualPool.graph, { k1: 3, k2: 1 });
    expect([...ids]).toEqual([1, 0, 2, 3]);
    const expected = [0.7 * 3 + 0.3 * 0.8, 0.7 + 0.3 * 0.9, 0.7 + 0.3 * 0.7, 0.7 + 0.3 * 0.6];
    for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 6);
  });

  it.each([
    ["layumi", 0.7 * (0.5 / 1.0625) + 0.3 * 0.5],
    ["jifeiluo", 1 / 4.0625],
  ] as const)("propagates between two rows as %s does", (compat, expected) => {
    const graph = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.5), rows: 2, k: 1 };
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    // Rows (2, 0) and (0, 2) become (w, 1/4) and (1/4, w) times 2, w = 1 or 2.
    const { scores } = rerankByGnn(neighbors, graph, { k1: 1, k2: 2, layers: 1, compat });
    expect(scores[0]).toBeCloseTo(expected, 7);
  });

  const pool = poolOf(clusteredRows(21, 90, 8, 9), 7);

  it.each([
    {},
    { compat: "jifeiluo" },
    { k1: 5, k2: 9, alpha: 1, layers: 3, lambda: 0 },
    { k1: 8, k2: 3, alpha: 0, layers: 1, lambda: 1 },
    { k1: 4, k2: 1 },
    { k1: 6, k2: 4, alpha: 2.5 },
    { k1: 300, k2: 2 },
    { k1: 2, k2: 300 },
  ] as RerankByGnnOptions[])("equals the formulas on full matrices with %o", (options) => {
    // Scores are float32 numbers, of at most 4 where nothing is scaled to length 1.
    expectScores(rerankByGnn(pool.neighbors, pool.graph, options), dense(pool, options), 3e-7);
  });

  it("needs lists of max(k1, k2) - 1 other rows for the same bits, the row in its own list or not", () => {
    for (const options of [
      { k1: 7, k2: 3 },
      { k1: 3, k2: 7 },
    ]) {
      const graph = withoutSelf(poolOf(pool.rows, 7, { k: 7 }).graph);
      expect(rerankByGnn(pool.neighbors, graph, options)).toEqual(
        rerankByGnn(pool.neighbors, pool.graph, options),
      );
    }
  });

  it("scores candidates alike whatever else is listed", () => {
    const full = scoresById(rerankByGnn(pool.neighbors, pool.graph), 83);
    const { neighbors } = poolOf(pool.rows, 7, { depth: 5 });
    const { ids, scores } = rerankByGnn(neighbors, pool.graph);
    for (const [i, id] of ids.entries()) expect(scores[i]).toBe(full[Math.floor(i / 5)]![id]);
  });

  it("follows a permutation of the database and scores duplicates alike", () => {
    const order = Array.from({ length: 83 }, (_, i) => (i * 37) % 83);
    const [plain, moved] = [pool, permutedDatabase(pool, order)].map((each) =>
      scoresById(rerankByGnn(each.neighbors, each.graph), 83),
    );
    for (let query = 0; query < 7; query++) {
      for (const [row, source] of order.entries()) {
        expect(moved![query]![row]).toBeCloseTo(plain![query]![source]!, 6);
      }
      // Pool row 9 repeats row 8.
      expect(plain![query]![2]).toBeCloseTo(plain![query]![1]!, 6);
    }
  });

  it("takes no queries, no database, one row and empty places", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    expect(rerankByGnn(none, { ...none, k: 1 })).toEqual(none);
    const alone = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const empty = { ids: Int32Array.of(-1), scores: Float32Array.of(-Infinity), rows: 1, k: 1 };
    expect(rerankByGnn(empty, alone)).toEqual(empty);
  });

  it("has k1 26, k2 7, alpha 2, 2 layers, compat layumi and its lambda 0.3 as defaults", () => {
    const run = (more: object): Neighbors => rerankByGnn(pool.neighbors, pool.graph, more);
    expect(run({})).toEqual(run({ k1: 26, k2: 7, alpha: 2, layers: 2, lambda: 0.3, compat: "layumi" }));
    expect(run({ compat: "jifeiluo" })).toEqual(run({ compat: "jifeiluo", lambda: 0 }));
    for (const other of [{ k1: 25 }, { k2: 6 }, { alpha: 3 }, { layers: 1 }, { lambda: 0.2 }]) {
      expect(run({})).not.toEqual(run(other));
    }
  });

  it("leaves its arguments as they were", () => {
    const copy = structuredClone(pool);
    rerankByGnn(pool.neighbors, pool.graph);
    expect(pool).toEqual(copy);
  });

  it.each([
    [{ k1: 0 }, "`k1` to be a positive integer, got 0"],
    [{ k2: 0 }, "`k2` to be a positive integer, got 0"],
    [{ alpha: -1 }, "`alpha` to be finite and at least 0, got -1"],
    [{ layers: 0 }, "`layers` to be a positive integer, got 0"],
    [{ lambda: -0.1 }, "`lambda` to be from 0 to 1, got -0.1"],
    [{ compat: "paper" }, '`compat` to be "layumi" or "jifeiluo", got "paper"'],
    [{ k2: 4 }, "`graph` to list at least 3 rows beside itself for every row, got 2 for row 0"],
    [{ memoryLimit: 319 }, "to need at most `memoryLimit` = 319 bytes, got 320"],
    [{ memoryLimit: 320 }, "to need at most `memoryLimit` = 320 bytes, got 3020"],
  ] as [RerankByGnnOptions, string][])("refuses %o", (more, message) => {
    const options = { k1: 3, k2: 2, ...more };
    expect(() => rerankByGnn(mutualPool.neighbors, mutualPool.graph, options)).toThrow(
      new RangeError(`rerankByGnn: expected ${message}`),
    );
  });

  it("refuses a fraction as alpha where similarities are negative", () => {
    const graph = { ids: Int32Array.of(1, 0), scores: Float32Array.of(-0.5, -0.5), rows: 2, k: 1 };
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(-0.5), rows: 1, k: 1 };
    expect(() => rerankByGnn(neighbors, graph, { k1: 1, k2: 2, alpha: 1.5 })).toThrow(
      new RangeError(
        "rerankByGnn: expected `alpha` to be an integer where similarities are negative, got 1.5 and -0.5 for row 0",
      ),
    );
    expect(rerankByGnn(neighbors, graph, { k1: 1, k2: 2, alpha: 3 }).ids).toEqual(Int32Array.of(0));
  });
});

describe("rerankByGnnAsync", () => {
  const pool = poolOf(clusteredRows(5, 300, 8, 20), 30, { k: 11, depth: 60 });
  const options = { k1: 10, k2: 4 };

  it.each([0, 1, 2])("gives the same bits with %d threads", async (threads) => {
    const stages: string[] = [];
    const onProgress = ({ stage }: { readonly stage: string }): void => void stages.push(stage);
    const found = await rerankByGnnAsync(pool.neighbors, pool.graph, { ...options, threads, onProgress });
    expect(found).toEqual(rerankByGnn(pool.neighbors, pool.graph, options));
    expect(new Set(stages)).toEqual(
      new Set(["propagate neighbor rows", "score propagated rows", "rank propagated rows"]),
    );
  });

  it.each([0, 1])("rejects with the signal's reason, with %d threads", async (threads) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = (): void => controller.abort(reason);
    const { signal } = controller;
    const run = rerankByGnnAsync(pool.neighbors, pool.graph, { ...options, threads, onProgress, signal });
    await expect(run).rejects.toBe(reason);
  });

  it("rejects what the other form throws", async () => {
    await expect(rerankByGnnAsync(pool.neighbors, pool.graph, { layers: 0, ...options })).rejects.toThrow(
      new RangeError("rerankByGnnAsync: expected `layers` to be a positive integer, got 0"),
    );
  });
});
