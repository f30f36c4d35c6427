import {
  type Neighbors,
  type PoolDistance,
  type RerankByStmlOptions,
  rerankByStml,
  rerankByStmlAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  allCosines,
  clusteredRows,
  expectScores,
  mutualPool,
  type Pool,
  permutedDatabase,
  pick,
  poolOf,
  ranksOf,
  scoresById,
  signRows,
  withoutSelf,
} from "./pools.ts";

const half = { kind: "half-cosine" } as const;
const distances = ({ leastSimilarities }: Pool): PoolDistance[] => [
  { kind: "squared-euclidean", leastSimilarities },
  { kind: "squared-euclidean-squared", leastSimilarities },
  half,
];

/** The formulas on full matrices, with sets. */
function dense({ rows, queries }: Pool, options: RerankByStmlOptions): number[][] {
  const { neighborCount = 20, sigma = 0.1, distance } = options;
  const cosines = allCosines(rows);
  const all = cosines.map((_, row) => row);
  const pairwise = cosines.map((row) => {
    const d = row.map((s) => {
      if (distance.kind === "half-cosine") return Math.max(0, 1 - s) / 2;
      return (2 * Math.max(0, 1 - s)) ** (distance.kind === "squared-euclidean" ? 1 : 2);
    });
    const largest = distance.kind === "half-cosine" ? 1 : Math.max(...d);
    return d.map((value) => Math.exp(-value / largest / sigma));
  });
  const ranks = ranksOf(cosines, neighborCount);
  const sets = ranks.map((list, row) => list.filter((other) => ranks[other]!.includes(row)));
  const contextual = sets.map((set) =>
    sets.map((other) => set.filter((row) => other.includes(row)).length / set.length),
  );
  const averaged = ranks.map((list) => {
    const nearest = list.slice(0, Math.floor(neighborCount / 2));
    return all.map(
      (column) => nearest.reduce((sum, row) => sum + contextual[row]![column]!, 0) / nearest.length,
    );
  });
  return all.slice(0, queries).map((query) =>
    all.slice(queries).map((row) => {
      const context = (averaged[query]![row]! + averaged[row]![query]!) / 2;
      return (pairwise[query]![row]! + context) / 2;
    }),
  );
}

describe("rerankByStml", () => {
  it("brings up the row that lists the query in turn", () => {
    const options = { distance: half, neighborCount: 3, sigma: 1 };
    const { ids, scores } = rerankByStml(mutualPool.neighbors, mutualPool.graph, options);
    expect([...ids]).toEqual([1, 0, 2, 3]);
    // Query and row 2 have the same set, so that their contextual similarity is 1; that of the others is 0.
    const expected = [(Math.exp(-0.1) + 1) / 2, Math.exp(-0.05) / 2, Math.exp(-0.15) / 2, Math.exp(-0.2) / 2];
    for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 7);
  });

  const pool = poolOf(clusteredRows(11, 90, 8, 9), 7);

  it.each([{}, { neighborCount: 7, sigma: 0.5 }, { neighborCount: 2 }, { neighborCount: 300, sigma: 0.3 }])(
    "equals the formulas on full matrices with %o",
    (setting) => {
      for (const distance of distances(pool)) {
        const options = { ...setting, distance };
        // Scores are float32 numbers of at most 1: rounding them takes at most 6e-8.
        expectScores(rerankByStml(pool.neighbors, pool.graph, options), dense(pool, options), 1e-7);
      }
    },
  );

  it("needs lists of neighborCount - 1 other rows, the row in its own list or not", () => {
    const options = { distance: half, neighborCount: 6 };
    const graph = withoutSelf(poolOf(pool.rows, 7, { k: 6 }).graph);
    expect(rerankByStml(pool.neighbors, graph, options)).toEqual(
      rerankByStml(pool.neighbors, pool.graph, options),
    );
  });

  it("follows a permutation of the database", () => {
    const order = Array.from({ length: 83 }, (_, i) => (i * 37) % 83);
    const [plain, moved] = [pool, permutedDatabase(pool, order)].map((each) => {
      const options = { distance: distances(each)[1]!, neighborCount: 9 };
      return scoresById(rerankByStml(each.neighbors, each.graph, options), 83);
    });
    for (let query = 0; query < 7; query++) {
      for (const [row, source] of order.entries()) {
        expect(moved![query]![row]).toBeCloseTo(plain![query]![source]!, 6);
      }
    }
  });

  it("scores duplicates alike, in order of ids", () => {
    const rows = pick(signRows(3, 20), [0, 5, 6, 5, 7, 5, 6, 1, 2, 3, 4]);
    const { neighbors, graph } = poolOf(rows, 1);
    const { ids, scores } = rerankByStml(neighbors, graph, { distance: half, neighborCount: 6 });
    const places = [0, 2, 4].map((id) => ids.indexOf(id));
    expect(places).toEqual([places[0]!, places[0]! + 1, places[0]! + 2]);
    expect(scores[places[0]!]).toBe(scores[places[2]!]);
  });

  it("takes no queries, no database, one row and empty places", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    expect(rerankByStml(none, { ...none, k: 1 }, { distance: half })).toEqual(none);
    const alone = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const empty = { ids: Int32Array.of(-1), scores: Float32Array.of(-Infinity), rows: 1, k: 1 };
    expect(rerankByStml(empty, alone, { distance: half })).toEqual(empty);
  });

  it("has neighborCount 20 and sigma 0.1 as defaults", () => {
    const run = (more: object): Neighbors =>
      rerankByStml(pool.neighbors, pool.graph, { distance: half, ...more });
    expect(run({})).toEqual(run({ neighborCount: 20, sigma: 0.1 }));
    for (const other of [{ neighborCount: 21 }, { sigma: 0.11 }]) expect(run({})).not.toEqual(run(other));
  });

  it.each([
    [{ neighborCount: 1 }, "`neighborCount` to be an integer of at least 2, got 1"],
    [{ sigma: 0 }, "`sigma` to be a finite number above 0, got 0"],
    [{ neighborCount: 4 }, "`graph` to list at least 3 rows beside itself for every row, got 2 for row 0"],
    [
      { distance: { kind: "squared-euclidean", leastSimilarities: new Float32Array(3) } },
      "`distance.leastSimilarities` to hold 5 numbers, one per row of `graph`, got 3",
    ],
    [{ memoryLimit: 379 }, "to need at most `memoryLimit` = 379 bytes, got 380"],
  ] as [Partial<RerankByStmlOptions>, string][])("refuses %o", (more, message) => {
    const options = { distance: half, neighborCount: 3, ...more };
    expect(() => rerankByStml(mutualPool.neighbors, mutualPool.graph, options)).toThrow(
      new RangeError(`rerankByStml: expected ${message}`),
    );
  });
});

describe("rerankByStmlAsync", () => {
  const pool = poolOf(clusteredRows(5, 300, 8, 20), 30, { k: 11, depth: 60 });
  const options = { distance: distances(pool)[1]!, neighborCount: 10 };

  it.each([0, 1, 2])("gives the same bits with %d threads", async (threads) => {
    const found = await rerankByStmlAsync(pool.neighbors, pool.graph, { ...options, threads });
    expect(found).toEqual(rerankByStml(pool.neighbors, pool.graph, options));
  });

  it.each([0, 1])("rejects with the signal's reason, with %d threads", async (threads) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = (): void => controller.abort(reason);
    const { signal } = controller;
    const run = rerankByStmlAsync(pool.neighbors, pool.graph, { ...options, threads, onProgress, signal });
    await expect(run).rejects.toBe(reason);
  });

  it("rejects what the other form throws", async () => {
    await expect(rerankByStmlAsync(pool.neighbors, pool.graph, { ...options, sigma: -1 })).rejects.toThrow(
      new RangeError("rerankByStmlAsync: expected `sigma` to be a finite number above 0, got -1"),
    );
  });
});
