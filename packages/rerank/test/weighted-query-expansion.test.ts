import {
  augmentDatabase,
  augmentDatabaseAsync,
  expandQueries,
  expandQueriesAsync,
  expandQueriesDiscriminatively,
  expandQueriesDiscriminativelyAsync,
  expandQueriesWithDecay,
  expandQueriesWithDecayAsync,
  expandQueriesWithWeights,
  expandQueriesWithWeightsAsync,
  type RunOptions,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };

const queries = matrixFrom([[1, 0]]);
const database = matrixFrom([
  [0, 1],
  [0.6, 0.8],
]);
const neighbors = neighborsFrom([[1, 0]]);

describe("expandQueriesWithWeights", () => {
  it("asks for the weight of each neighbor, in the example of its documentation", () => {
    const asked: [number, number][] = [];
    const { data } = expandQueriesWithWeights(queries, database, neighbors, {
      weights: (rank, similarity) => {
        asked.push([rank, similarity]);
        return similarity > 0.5 ? 0.5 : 0;
      },
    });
    expect(data[0]).toBeCloseTo(1.3 / Math.hypot(1.3, 0.4), 6);
    expect(data[1]).toBeCloseTo(0.4 / Math.hypot(1.3, 0.4), 6);
    expect(asked).toEqual([
      [0, Math.fround(0.6)],
      [1, 0],
    ]);
  });

  it("takes numbers by place, weighs the query, and need not scale the sum", () => {
    const weights = [0.5, -0.25];
    const { data } = expandQueriesWithWeights(queries, database, neighbors, {
      weights,
      ownWeight: 2,
      normalize: false,
    });
    expect(data[0]).toBeCloseTo(2.3, 6);
    expect(data[1]).toBeCloseTo(0.4 - 0.25, 6);
    const first = expandQueriesWithWeights(queries, database, neighbors, { weights, neighborCount: 1 });
    expect(first).toEqual(expandQueriesWithWeights(queries, database, neighbors, { weights: [0.5] }));
  });

  it("makes the other expansions", () => {
    const q = randomUnitRows(1, 5, 8);
    const x = randomUnitRows(2, 30, 8);
    const found = search(q, x, 12);
    const cubes = (_: number, similarity: number): number => similarity ** 3;
    expect(expandQueriesWithWeights(q, x, found, { weights: cubes, neighborCount: 10 })).toEqual(
      expandQueries(q, x, found),
    );
    const decay = Array.from({ length: 8 }, (_, j) => (8 - j) / 9);
    expect(expandQueriesWithWeights(q, x, found, { weights: decay })).toEqual(
      expandQueriesWithDecay(q, x, found),
    );
    expect(expandQueriesWithWeights(q, x, found, { weights: () => 1 })).toEqual(
      expandQueries(q, x, found, { neighborCount: 12, alpha: 0 }),
    );
  });

  it("keeps the weights of places where a neighbor is missing, and queries that are cancelled out", () => {
    const gap = neighborsFrom([[-1, 0]]);
    const { data } = expandQueriesWithWeights(queries, database, gap, { weights: [5, 1] });
    expect(data[1]).toBeCloseTo(Math.SQRT1_2, 6);
    const asked: number[] = [];
    const weights = (rank: number): number => {
      asked.push(rank);
      return 1;
    };
    expandQueriesWithWeights(queries, database, gap, { weights });
    expect(asked).toEqual([1]);
    const same = matrixFrom([[1, 0]]);
    const away = { weights: [-1] };
    expect([...expandQueriesWithWeights(queries, same, neighborsFrom([[0]]), away).data]).toEqual([1, 0]);
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const q = randomUnitRows(3, 3, 8);
    const x = randomUnitRows(4, 20, 8);
    const found = search(q, x, 2);
    const padded = neighborsFrom(
      [0, 1, 2].map((row) => [...found.ids.subarray(row * 2, row * 2 + 2), -1, -1]),
    );
    const asked: number[] = [];
    const byPlace = (rank: number, similarity: number): number => {
      asked.push(rank);
      return similarity / (1 + rank);
    };
    for (const weights of [[1, 0.5, 0.25, 0.125], byPlace]) {
      for (const normalize of [true, false]) {
        const options = { weights, neighborCount: 4, ownWeight: 2, normalize };
        expect(expandQueriesWithWeights(q, x, found, options)).toEqual(
          expandQueriesWithWeights(q, x, padded, options),
        );
      }
    }
    expect(new Set(asked)).toEqual(new Set([0, 1]));
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`expandQueriesWithWeights: ${message}`);
    expect(() =>
      expandQueriesWithWeights(queries, database, neighbors, { weights: [1], neighborCount: 2 }),
    ).toThrow(refusal("expected `weights` to hold at least `neighborCount` = 2 numbers, got 1"));
    expect(() => expandQueriesWithWeights(queries, database, neighbors, { weights: [1, Infinity] })).toThrow(
      refusal("expected `weights` to be finite, got Infinity at 1"),
    );
    expect(() =>
      expandQueriesWithWeights(queries, database, neighbors, { weights: () => Number.NaN }),
    ).toThrow(refusal("expected `weights` to give finite numbers, got NaN for query 0"));
    expect(() =>
      expandQueriesWithWeights(queries, database, neighbors, { weights: [1], ownWeight: Number.NaN }),
    ).toThrow(refusal("expected `ownWeight` to be a finite number, got NaN"));
  });
});

describe("expandQueries", () => {
  // Sums of float32 rows: the original adds them in float32.
  it("equals the expansion of the Python program beside EGT, with alpha 0", () => {
    const q = unitRows(originals.input.queriesRaw);
    const gallery = unitRows(originals.input.galleryRaw);
    const options = { neighborCount: 2, alpha: 0 };
    const expanded = expandQueries(q, gallery, search(q, gallery, 2), options);
    for (const [row, expected] of originals.egtPyQE_k2.entries()) {
      for (const [i, value] of expected.entries()) {
        expect(Math.abs(rowOf(expanded, row)[i]! - value)).toBeLessThan(1e-6);
      }
    }
  });

  it("checks the length of rows that are used, and of no others", () => {
    const long = matrixFrom([
      [0, 1],
      [3, 4],
    ]);
    const first = neighborsFrom([[0, 1]]);
    expect(() => expandQueries(queries, long, first, { neighborCount: 1 })).not.toThrow();
    expect(() => expandQueries(queries, long, first, { neighborCount: 2 })).toThrow(
      new RangeError(
        "expandQueries: expected rows of `database` to have length 1, got 5 in row 1; scale them first",
      ),
    );
  });
});

describe("async expansions", () => {
  const q = randomUnitRows(3, 23, 16);
  const x = randomUnitRows(4, 90, 16);
  const found = search(q, x, 40);
  const graph = search(x, x, 10);
  const few = { neighborCount: 3, negativeCount: 5 };
  const weights = (rank: number, similarity: number): number => similarity / (1 + rank);
  const twins: readonly [string, () => unknown, (options: RunOptions) => Promise<unknown>][] = [
    ["expandQueries", () => expandQueries(q, x, found), (run) => expandQueriesAsync(q, x, found, run)],
    [
      "expandQueriesWithDecay",
      () => expandQueriesWithDecay(q, x, found),
      (run) => expandQueriesWithDecayAsync(q, x, found, run),
    ],
    [
      "expandQueriesWithWeights",
      () => expandQueriesWithWeights(q, x, found, { weights }),
      (run) => expandQueriesWithWeightsAsync(q, x, found, { weights, ...run }),
    ],
    [
      "expandQueriesDiscriminatively",
      () => expandQueriesDiscriminatively(q, x, found, few),
      (run) => expandQueriesDiscriminativelyAsync(q, x, found, { ...few, ...run }),
    ],
    ["augmentDatabase", () => augmentDatabase(x, graph), (run) => augmentDatabaseAsync(x, graph, run)],
  ];

  it.each(twins)("give the same bits with any number of threads: %s", async (_, sync, async) => {
    const expected = sync();
    for (const threads of [0, 1, 2]) expect(await async({ threads })).toEqual(expected);
  });

  it.each(twins)("reject with the reason of their signal: %s", async (_, __, async) => {
    const reason = new Error("enough");
    await expect(async({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("tell how far they are", async () => {
    const told: string[] = [];
    await expandQueriesAsync(q, x, found, {
      threads: 0,
      onProgress: ({ stage, done, total }) => told.push(`${stage} ${done}/${total}`),
    });
    expect(told).toEqual(["check lengths 23/23", "check lengths 90/90", "add neighbors 23/23"]);
  });

  it("reject under their own names", async () => {
    const none = { neighborCount: 0 };
    const message = (name: string) =>
      new RangeError(`${name}: expected \`neighborCount\` to be a positive integer, got 0`);
    await expect(expandQueriesAsync(q, x, found, none)).rejects.toThrow(message("expandQueriesAsync"));
    await expect(expandQueriesWithDecayAsync(q, x, found, none)).rejects.toThrow(
      message("expandQueriesWithDecayAsync"),
    );
    await expect(expandQueriesWithWeightsAsync(q, x, found, { weights, ...none })).rejects.toThrow(
      message("expandQueriesWithWeightsAsync"),
    );
    await expect(expandQueriesDiscriminativelyAsync(q, x, found, none)).rejects.toThrow(
      message("expandQueriesDiscriminativelyAsync"),
    );
    await expect(augmentDatabaseAsync(x, graph, none)).rejects.toThrow(message("augmentDatabaseAsync"));
  });
});
