import {
  type Neighbors,
  type PoolDistance,
  type RerankByKReciprocalOptions,
  rerankByKReciprocal,
  rerankByKReciprocalAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom } from "./fixtures.ts";
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

/** The formulas on full matrices, in sets and arrays of JavaScript. */
function dense({ rows, queries }: Pool, options: RerankByKReciprocalOptions): number[][] {
  const { k1 = 20, k2 = 6, lambda = 0.3, distance, compat = "python" } = options;
  const cosines = allCosines(rows);
  const all = cosines.map((_, row) => row);
  const d = cosines.map((row) => {
    const plain = row.map((s) => Math.max(0, 1 - s) * (distance.kind === "half-cosine" ? 0.5 : 2));
    if (distance.kind === "half-cosine") return plain;
    const powers = plain.map((value) => (distance.kind === "squared-euclidean" ? value : value ** 2));
    return powers.map((value) => value / (Math.max(...powers) || 1));
  });
  const ranks = ranksOf(cosines, rows.rows);
  const mutual = (row: number, length: number): number[] =>
    ranks[row]!.slice(0, length).filter((other) => ranks[other]!.slice(0, length).includes(row));
  const python = k1 % 4 === 1 ? (k1 - 1) / 2 + 1 : Math.ceil(k1 / 2) + 1;
  const smaller = compat === "python" ? python : Math.round((k1 + 1) / 2);
  const encoded = all.map((row) => {
    const set = mutual(row, k1 + 1);
    const expanded = new Set(set);
    for (const member of set) {
      const added = mutual(member, smaller);
      if (added.filter((other) => set.includes(other)).length <= (2 / 3) * added.length + 1e-9) continue;
      for (const other of added) expanded.add(other);
    }
    const weights = all.map((other) => (expanded.has(other) ? Math.exp(-d[row]![other]!) : 0));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
  const averaged = all.map((row) => {
    const nearest = ranks[row]!.slice(0, k2);
    return all.map(
      (column) => nearest.reduce((sum, other) => sum + encoded[other]![column]!, 0) / nearest.length,
    );
  });
  return all.slice(0, queries).map((query) =>
    all.slice(queries).map((row) => {
      const common = all.reduce((sum, i) => sum + Math.min(averaged[query]![i]!, averaged[row]![i]!), 0);
      return 1 - ((1 - lambda) * (1 - common / (2 - common)) + lambda * d[query]![row]!);
    }),
  );
}

// Scores are float32 numbers of at most 1: rounding them takes at most 6e-8.
const rounding = 1e-7;

describe("rerankByKReciprocal", () => {
  it("brings up the row that lists the query in turn", () => {
    const { neighbors, graph } = mutualPool;
    const { ids, scores } = rerankByKReciprocal(neighbors, graph, { distance: half, k1: 2, k2: 1 });
    expect([...ids]).toEqual([1, 0, 2, 3]);
    // V(q) = (a, b) on q and row 2, V(row 2) = (b, a): m = 2 b, b = e^-0.1 / (1 + e^-0.1).
    const m = (2 * Math.exp(-0.1)) / (1 + Math.exp(-0.1));
    const expected = [0.7 * (m / (2 - m)) + 0.3 * 0.9, 0.3 * 0.95, 0.3 * 0.85, 0.3 * 0.8];
    for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 7);
  });

  const pool = poolOf(clusteredRows(1, 90, 8, 9), 7);

  it.each([
    { k1: 20, k2: 6, lambda: 0.3 },
    { k1: 9, k2: 3, lambda: 0.5 },
    { k1: 7, k2: 4, lambda: 0 },
    { k1: 7, k2: 4, lambda: 0, compat: "matlab" },
    { k1: 1, k2: 12, lambda: 0.1 },
    { k1: 200, k2: 2, lambda: 0.3 },
    { k1: 3, k2: 300, lambda: 0.3 },
  ] as const)("equals the formulas on full matrices with %o", (setting) => {
    for (const distance of distances(pool)) {
      const options = { ...setting, distance, embeddings: pool.rows };
      const found = rerankByKReciprocal(pool.neighbors, pool.graph, options);
      expectScores(found, dense(pool, options), rounding);
    }
  });

  it("needs lists of max(k1, k2 - 1) other rows for the same bits, the row in its own list or not", () => {
    const options = { distance: half, k1: 6, k2: 4, embeddings: pool.rows };
    const expected = rerankByKReciprocal(pool.neighbors, pool.graph, options);
    const other = { ...options, k1: 3, k2: 9 };
    const graph7 = withoutSelf(poolOf(pool.rows, 7, { k: 7 }).graph);
    expect(rerankByKReciprocal(pool.neighbors, graph7, options)).toEqual(expected);
    const graph9 = withoutSelf(poolOf(pool.rows, 7, { k: 9 }).graph);
    expect(rerankByKReciprocal(pool.neighbors, graph9, other)).toEqual(
      rerankByKReciprocal(pool.neighbors, pool.graph, other),
    );
  });

  it.each([3, 6, 7, 9])("computes the similarities that are in no list, of rows of %d numbers", (columns) => {
    const short = poolOf(clusteredRows(31, 70, columns, 6), 4, { k: 9 });
    const options = { distance: half, k1: 8, k2: 2, embeddings: short.rows };
    expectScores(rerankByKReciprocal(short.neighbors, short.graph, options), dense(short, options), rounding);
  });

  it("scores candidates alike whatever else is listed", () => {
    const options = { distance: half, k1: 6, k2: 3 };
    const full = scoresById(rerankByKReciprocal(pool.neighbors, pool.graph, options), 83);
    const { neighbors } = poolOf(pool.rows, 7, { depth: 5 });
    const { ids, scores } = rerankByKReciprocal(neighbors, pool.graph, options);
    for (const [i, id] of ids.entries()) expect(scores[i]).toBe(full[Math.floor(i / 5)]![id]);
    expect([...ids.slice(0, 5)].sort()).toEqual([...neighbors.ids.slice(0, 5)].sort());
  });

  it("gives the first order back with lambda 1", () => {
    const found = rerankByKReciprocal(pool.neighbors, pool.graph, {
      distance: half,
      lambda: 1,
      k1: 5,
      k2: 2,
    });
    expect(found.ids).toEqual(pool.neighbors.ids);
  });

  it("follows a permutation of the database", () => {
    const order = Array.from({ length: 83 }, (_, i) => (i * 37) % 83);
    const permuted = permutedDatabase(pool, order);
    const [plain, moved] = [pool, permuted].map((each) => {
      const options = { distance: distances(each)[0]!, k1: 8, k2: 3, embeddings: each.rows };
      return scoresById(rerankByKReciprocal(each.neighbors, each.graph, options), 83);
    });
    for (let query = 0; query < 7; query++) {
      for (const [row, source] of order.entries()) {
        expect(moved![query]![row]).toBeCloseTo(plain![query]![source]!, 6);
      }
    }
  });

  it("scores duplicates alike, in order of ids", () => {
    // Cosines of these rows are exact, so that those of equal rows are 1.
    const rows = pick(signRows(3, 20), [0, 5, 6, 5, 7, 5, 6, 1, 2, 3, 4]);
    const { neighbors, graph } = poolOf(rows, 1);
    const { ids, scores } = rerankByKReciprocal(neighbors, graph, { distance: half, k1: 4, k2: 2 });
    const places = [0, 2, 4].map((id) => ids.indexOf(id));
    expect(places).toEqual([places[0]!, places[0]! + 1, places[0]! + 2]);
    expect(scores[places[0]!]).toBe(scores[places[2]!]);
  });

  it("takes distance 0 where all rows are the same", () => {
    const rows = matrixFrom([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    const { neighbors, graph } = poolOf(rows, 1);
    const distance = { kind: "squared-euclidean", leastSimilarities: Float32Array.of(1, 1, 1) } as const;
    const found = rerankByKReciprocal(neighbors, graph, { distance });
    expect(found).toEqual({ ids: Int32Array.of(0, 1), scores: Float32Array.of(1, 1), rows: 1, k: 2 });
  });

  it("takes no queries, no database, one row and empty places", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    const options = { distance: half };
    expect(rerankByKReciprocal(none, { ...none, k: 1 }, options)).toEqual(none);
    expect(rerankByKReciprocal(none, poolOf(pool.rows, 7).graph, options)).toEqual(none);
    const alone = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const empty = { ids: Int32Array.of(-1, -1), scores: new Float32Array(2).fill(-Infinity), rows: 1, k: 2 };
    expect(rerankByKReciprocal(empty, alone, options)).toEqual(empty);
    const { neighbors, graph } = mutualPool;
    const gap = { ids: Int32Array.of(-1, 1, 0, -1), scores: Float32Array.of(-Infinity, 0.8, 0.9, -Infinity) };
    const found = rerankByKReciprocal({ ...neighbors, ...gap }, graph, { ...options, k1: 2, k2: 1 });
    expect([...found.ids]).toEqual([1, 0, -1, -1]);
    expect([...found.scores.slice(2)]).toEqual([-Infinity, -Infinity]);
  });

  it("has k1 20, k2 6, lambda 0.3 and compat python as defaults", () => {
    const options = { distance: half, embeddings: pool.rows };
    const run = (more: object): Neighbors =>
      rerankByKReciprocal(pool.neighbors, pool.graph, { ...options, ...more });
    expect(run({})).toEqual(run({ k1: 20, k2: 6, lambda: 0.3, compat: "python" }));
    for (const other of [{ k1: 19 }, { k2: 5 }, { lambda: 0.31 }]) expect(run({})).not.toEqual(run(other));
    expect(run({ k1: 7 })).toEqual(run({ k1: 7, compat: "python" }));
    expect(run({ k1: 7 })).not.toEqual(run({ k1: 7, compat: "matlab" }));
  });

  it("leaves its arguments as they were", () => {
    const copy = structuredClone(pool);
    const options = { distance: distances(pool)[0]!, embeddings: pool.rows };
    rerankByKReciprocal(pool.neighbors, pool.graph, options);
    expect(pool).toEqual(copy);
  });
});

describe("rerankByKReciprocal refuses", () => {
  const { neighbors, graph } = mutualPool;
  const options = { distance: half, k1: 2, k2: 1 };
  const refusal = (message: string): RangeError => new RangeError(`rerankByKReciprocal: expected ${message}`);
  const pool = poolOf(clusteredRows(1, 90, 8, 9), 7, { k: 10 });

  it.each([
    [{ k1: 0 }, "`k1` to be a positive integer, got 0"],
    [{ k2: 1.5 }, "`k2` to be a positive integer, got 1.5"],
    [{ lambda: 1.1 }, "`lambda` to be from 0 to 1, got 1.1"],
    [{ compat: "c" }, '`compat` to be "python" or "matlab", got "c"'],
    [
      { distance: { kind: "l2" } },
      '`distance.kind` to be "squared-euclidean" or "squared-euclidean-squared" or "half-cosine", got "l2"',
    ],
    [
      { distance: { kind: "squared-euclidean", leastSimilarities: new Float32Array(4) } },
      "`distance.leastSimilarities` to hold 5 numbers, one per row of `graph`, got 4",
    ],
    [
      { distance: { kind: "squared-euclidean", leastSimilarities: Float32Array.of(0, Number.NaN, 0, 0, 0) } },
      "`distance.leastSimilarities` to be finite, got NaN for row 1",
    ],
    [
      { distance: { kind: "squared-euclidean", leastSimilarities: Float32Array.of(0, 0, 0.75, 0, 0) } },
      "`distance.leastSimilarities` to be at most the row's similarities in `graph`, got 0.75 above 0.5 for row 2",
    ],
    [
      { embeddings: { data: new Float32Array(8), rows: 4, columns: 2 } },
      "`embeddings` to have 5 rows, got 4",
    ],
    [
      { embeddings: { data: new Float32Array(9), rows: 5, columns: 2 } },
      "`embeddings.data` to hold 5 x 2 = 10 numbers, got 9",
    ],
    [{ memoryLimit: 100 }, "to need at most `memoryLimit` = 100 bytes, got 340"],
    [{ memoryLimit: 0 }, "`memoryLimit` to be above 0, got 0"],
  ])("%o", (more, message) => {
    const all = { ...options, ...more } as RerankByKReciprocalOptions;
    const expected = message.startsWith("`memoryLimit` to be")
      ? new RangeError(`rerankByKReciprocal: expected ${message}`)
      : refusal(message);
    expect(() => rerankByKReciprocal(neighbors, graph, all)).toThrow(expected);
  });

  it.each([
    [{ k: 0 }, "`graph.k` to be a positive integer, got 0"],
    [{ rows: 0 }, "`graph.rows` to count the 1 queries and the database, got 0"],
    [{ rows: 4 }, "`graph` to hold 4 x 2 = 8 ids and scores, got 10 and 10"],
    [
      { ids: Int32Array.of(1, 2, 3, 4, 0, 1, 1, 5, 1, 3) },
      "`graph.ids` to be -1 or a row number below 5, got 5 for row 3",
    ],
    [
      {
        scores: Float32Array.of(0.9, 0.8, 0.95, 0.94, Number.POSITIVE_INFINITY, 0.5, 0.95, 0.93, 0.94, 0.93),
      },
      "`graph.scores` to be finite, got Infinity in row 2",
    ],
    [
      { ids: Int32Array.of(1, 2, 3, 4, 0, 1, 1, 4, 1, 4) },
      "`graph` to list at least 2 rows beside itself for every row, got 1 for row 4",
    ],
  ])("the graph with %o", (more, message) => {
    expect(() => rerankByKReciprocal(neighbors, { ...graph, ...more }, options)).toThrow(refusal(message));
  });

  it("lists that hold no number where they hold an id", () => {
    const scores = Float32Array.of(0.9, -Infinity, 0.7, 0.6);
    expect(() => rerankByKReciprocal({ ...neighbors, scores }, graph, options)).toThrow(
      refusal("`neighbors.scores` to be finite, got -Infinity in row 0"),
    );
  });

  it("rows that a list names twice", () => {
    const ids = Int32Array.of(0, 1, 2, 1);
    expect(() => rerankByKReciprocal({ ...neighbors, ids }, graph, options)).toThrow(
      refusal("`neighbors.ids` to differ within a row, got 1 twice in row 0"),
    );
    const lists = {
      ids: Int32Array.of(1, 2, 2, 3, 4, 0, 0, 1, 1, 1, 4, 2, 1, 3, 0),
      scores: new Float32Array(15).fill(0.5),
      rows: 5,
      k: 3,
    };
    expect(() => rerankByKReciprocal(neighbors, lists, options)).toThrow(
      refusal("`graph.ids` to differ within a row, got 2 twice in row 0"),
    );
  });

  it("ids that are no rows of the database", () => {
    const ids = Int32Array.of(0, 1, 2, 4);
    expect(() => rerankByKReciprocal({ ...neighbors, ids }, graph, options)).toThrow(RangeError);
  });

  it("more memory than allowed once the sets are known", () => {
    const fixed = 4 * 90 * (7 + 7 + 11);
    const run = (memoryLimit: number): Neighbors =>
      rerankByKReciprocal(pool.neighbors, pool.graph, {
        distance: half,
        embeddings: pool.rows,
        k1: 6,
        k2: 3,
        memoryLimit,
      });
    expect(() => run(fixed)).toThrow(
      /^rerankByKReciprocal: expected to need at most `memoryLimit` = 9000 bytes, got \d+$/,
    );
    expect(run(fixed + 90 * 7 * 7 * 200)).toEqual(run(Number.POSITIVE_INFINITY));
  });

  it("similarities that are in no list, without the rows", () => {
    const distance = half;
    expect(() => rerankByKReciprocal(pool.neighbors, pool.graph, { distance, k1: 9, k2: 1 })).toThrow(
      refusal(
        "`graph` to list rows 1 and 64 for one another, got neither (44 such pairs); give `embeddings` or longer lists",
      ),
    );
    const embeddings = { ...pool.rows, data: pool.rows.data.map((value) => 3 * value) };
    expect(() =>
      rerankByKReciprocal(pool.neighbors, pool.graph, { distance, k1: 9, k2: 1, embeddings }),
    ).toThrow(
      refusal(
        "`embeddings` to have rows of length 1, got 5.163975715637207 as inner product of rows 1 and 64",
      ),
    );
  });
});

describe("rerankByKReciprocalAsync", () => {
  const pool = poolOf(clusteredRows(5, 400, 8, 20), 30, { k: 11, depth: 60 });
  const { leastSimilarities } = pool;
  const distance = { kind: "squared-euclidean", leastSimilarities } as const;
  const options = { distance, k1: 10, k2: 3, embeddings: pool.rows };

  it.each([0, 1, 2])("gives the same bits with %d threads", async (threads) => {
    const stages = new Set<string>();
    const onProgress = ({ stage }: { readonly stage: string }): void => void stages.add(stage);
    const found = await rerankByKReciprocalAsync(pool.neighbors, pool.graph, {
      ...options,
      threads,
      onProgress,
    });
    expect(found).toEqual(rerankByKReciprocal(pool.neighbors, pool.graph, options));
    expect([...stages]).toEqual([
      "rank reciprocal neighbors",
      "encode reciprocal neighbors",
      "compute missing similarities",
      "weigh reciprocal neighbors",
      "average neighbor rows",
      "score reciprocal neighbors",
    ]);
  });

  it.each([0, 1])("rejects with the signal's reason, with %d threads", async (threads) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = (): void => controller.abort(reason);
    const { signal } = controller;
    const run = rerankByKReciprocalAsync(pool.neighbors, pool.graph, {
      ...options,
      threads,
      onProgress,
      signal,
    });
    await expect(run).rejects.toBe(reason);
  });

  it("rejects what the other form throws", async () => {
    await expect(rerankByKReciprocalAsync(pool.neighbors, pool.graph, { distance, k1: 0 })).rejects.toThrow(
      new RangeError("rerankByKReciprocalAsync: expected `k1` to be a positive integer, got 0"),
    );
  });
});
