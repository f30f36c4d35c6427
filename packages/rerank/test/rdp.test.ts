import { type Matrix, rerankByRdp, rerankByRdpAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };
import { poolGraph, poolOf } from "./pool-fixtures.ts";

type Dense = number[][];

function times(a: Dense, b: Dense): Dense {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, i) => sum + value * b[i]![j]!, 0)));
}

function transposed(a: Dense): Dense {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

function distanceOf(pool: Matrix, i: number, j: number): number {
  return Math.sqrt(Math.max(0, 2 - 2 * product(rowOf(pool, i), rowOf(pool, j))));
}

/** The whole diffused matrix, by dense products. */
function reference(
  pool: Matrix,
  neighborCount: number,
  sigma: number,
  mu: number,
  iterations: number,
): Dense {
  const rows = Array.from({ length: pool.rows }, (_, i) => i);
  const kernel = rows.map((i) => {
    const list = rows.toSorted(
      (a, b) => (a === i ? -1 : distanceOf(pool, i, a)) - (b === i ? -1 : distanceOf(pool, i, b)),
    );
    const kept = new Set(list.slice(0, neighborCount));
    return rows.map((j) => {
      const distance = i === j ? 0 : distanceOf(pool, i, j) / 2;
      return kept.has(j) ? Math.exp(-((distance / sigma) ** 2)) : 0;
    });
  });
  const weights = kernel.map((row, i) => row.map((value, j) => (value + kernel[j]![i]!) / 2));
  const sums = weights.map((row) => row.reduce((sum, value) => sum + value, 0));
  const s = weights.map((row, i) => row.map((value, j) => value / Math.sqrt(sums[i]! * sums[j]!)));
  const alpha = 1 / (1 + mu);
  let a: Dense = rows.map((i) => rows.map((j) => (i === j ? 1 : 0)));
  for (let iteration = 0; iteration < iterations; iteration++) {
    a = times(times(s, a), transposed(s)).map((row, i) =>
      row.map((value, j) => alpha * value + (i === j ? 1 - alpha : 0)),
    );
  }
  return a;
}

describe("rerankByRdp", () => {
  const chain = {
    ids: Int32Array.of(1, 2, 3, 2),
    scores: Float32Array.of(0.9, 0.9, 0.9, 0.9),
    rows: 4,
    k: 1,
  };
  const neighbors = neighborsFrom([[1, 0]]);

  it("finds rows along a chain, in the example of its documentation", () => {
    const found = rerankByRdp(neighbors, chain, { neighborCount: 2, k: 3 });
    expect([...found.ids]).toEqual([0, 1, 2]);
  });

  it("gives one step of two rows as computed by hand", () => {
    const pair = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.5), rows: 2, k: 1 };
    // W = [[1, e], [e, 1]] with e = exp(-1 / 4 / 0.25); S = W / (1 + e); A(0, 1) = alpha 2 e / (1 + e)².
    const e = Math.exp(-1);
    const found = rerankByRdp(neighborsFrom([[0]]), pair, { neighborCount: 2, iterations: 1 });
    expect(found.scores[0]).toBeCloseTo(((1 / 1.3) * 2 * e) / (1 + e) ** 2, 7);
  });

  it("equals the original on the toy", () => {
    const queries = unitRows(originals.input.queriesRaw);
    const database = unitRows(originals.input.galleryRaw);
    const pool = poolOf(queries, database);
    let largestDistance = 0;
    for (let i = 0; i < pool.rows; i++) {
      for (let j = 0; j < pool.rows; j++) largestDistance = Math.max(largestDistance, distanceOf(pool, i, j));
    }
    const options = {
      neighborCount: 5,
      distance: "squared-euclidean",
      largestDistance: largestDistance ** 2,
    } as const;
    const found = rerankByRdp(search(queries, database, 12), poolGraph(queries, database, 6), options);
    for (const [row, scores] of originals.rdp["knn=5"].entries()) {
      // The original multiplies in float32.
      for (let i = 0; i < 12; i++) {
        const id = found.ids[row * 12 + i]!;
        expect(Math.abs(found.scores[row * 12 + i]! - scores[id]!)).toBeLessThan(5e-7);
      }
    }
  });

  it("equals dense products", () => {
    const [queries, database] = [randomUnitRows(1, 11, 5), randomUnitRows(2, 40, 5)];
    const expected = reference(poolOf(queries, database), 6, 0.4, 0.2, 7);
    const list = search(queries, database, 10);
    const options = { neighborCount: 6, sigma: 0.4, mu: 0.2, iterations: 7, k: 40 };
    const found = rerankByRdp(list, poolGraph(queries, database, 8), options);
    for (let row = 0; row < queries.rows; row++) {
      for (let i = 0; i < 40; i++) {
        const id = found.ids[row * 40 + i]!;
        if (id < 0) continue;
        // Cosines of the graph are float32.
        expect(Math.abs(found.scores[row * 40 + i]! - expected[row]![11 + id]!)).toBeLessThan(1e-7);
      }
      expect([...found.scores.subarray(row * 40, row * 40 + 40)]).toEqual(
        [...found.scores.subarray(row * 40, row * 40 + 40)].sort((a, b) => b - a),
      );
    }
  });

  it("takes the defaults of the original, with 2 for the largest distance", () => {
    const [queries, database] = [randomUnitRows(3, 2, 4), randomUnitRows(4, 60, 4)];
    const list = search(queries, database, 10);
    const graph = poolGraph(queries, database, 40);
    const defaults = { neighborCount: 30, sigma: 0.5, mu: 0.3, iterations: 20, largestDistance: 2, k: 10 };
    expect(rerankByRdp(list, graph)).toEqual(
      rerankByRdp(list, graph, { ...defaults, distance: "euclidean" }),
    );
    expect(rerankByRdp(list, graph, { distance: "squared-euclidean" })).toEqual(
      rerankByRdp(list, graph, { distance: "squared-euclidean", largestDistance: 4 }),
    );
    // With so many neighbors all is settled long before the last step.
    const few = { neighborCount: 3, mu: 0.05 };
    expect(rerankByRdp(list, graph, few)).toEqual(rerankByRdp(list, graph, { ...few, iterations: 20 }));
    expect(rerankByRdp(list, graph, few)).not.toEqual(rerankByRdp(list, graph, { ...few, iterations: 19 }));
    for (const other of [
      { neighborCount: 29 },
      { sigma: 0.6 },
      { mu: 0.2 },
      { largestDistance: 1.9 },
      { distance: "squared-euclidean" as const },
      { k: 9 },
    ]) {
      expect(rerankByRdp(list, graph)).not.toEqual(rerankByRdp(list, graph, other));
    }
  });

  it("gives each query the same bits whatever the others are", () => {
    const [queries, database] = [randomUnitRows(5, 19, 4), randomUnitRows(6, 50, 4)];
    const list = search(queries, database, 12);
    const graph = poolGraph(queries, database, 12);
    const found = rerankByRdp(list, graph, { neighborCount: 10 });
    // All but the last query become database rows behind their graph rows: only the numbering changes.
    const last = { ...list, ids: list.ids.slice(0, 12), scores: list.scores.slice(0, 12), rows: 1 };
    const alone = rerankByRdp(last, graph, { neighborCount: 10, k: 68 });
    const kept = [...alone.ids].map((id, i) => [id - 18, alone.scores[i]!]).filter(([id]) => id! >= 0);
    for (let i = 0; i < 12; i++) expect([found.ids[i], found.scores[i]]).toEqual(kept[i]);
  });

  it("puts candidates that are not reached last, in their order", () => {
    const apart = {
      ids: Int32Array.of(1, 0, 3, 2),
      scores: Float32Array.of(0.9, 0.9, 0.9, 0.9),
      rows: 4,
      k: 1,
    };
    const found = rerankByRdp(neighborsFrom([[2, 1, 0]]), apart, { neighborCount: 2 });
    expect([...found.ids]).toEqual([0, 2, 1]);
    expect([...found.scores.subarray(1)]).toEqual([0, 0]);
  });

  it("treats duplicates alike and takes lists shorter than asked for, no queries and no database", () => {
    const same = unitRows([
      [1, 0],
      [1, 1],
      [1, 1],
    ]);
    const query = unitRows([[2, 1]]);
    const found = rerankByRdp(search(query, same, 3), poolGraph(query, same, 4));
    expect([...found.ids]).toEqual([1, 2, 0]);
    expect(found.scores[0]).toBe(found.scores[1]);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    expect(rerankByRdp(empty, chain, { neighborCount: 2 })).toEqual(empty);
    const alone = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const none = neighborsFrom([[-1]]);
    expect(rerankByRdp(none, alone)).toEqual(none);
  });

  it("refuses arguments that do not fit", () => {
    const refused = (options: object, message: string): void => {
      expect(() => rerankByRdp(neighbors, chain, { neighborCount: 2, ...options })).toThrow(
        new RangeError(`rerankByRdp: ${message}`),
      );
    };
    refused({ k: 0 }, "expected `k` to be a positive integer, got 0");
    refused({ neighborCount: 1 }, "expected `neighborCount` to be an integer of at least 2, got 1");
    refused({ sigma: 0 }, "expected `sigma` to be a finite number above 0, got 0");
    refused({ mu: Number.NaN }, "expected `mu` to be a finite number above 0, got NaN");
    refused({ largestDistance: -1 }, "expected `largestDistance` to be a finite number above 0, got -1");
    refused(
      { distance: "cosine" },
      'expected `distance` to be "euclidean" or "squared-euclidean", got "cosine"',
    );
    refused({ iterations: 0 }, "expected `iterations` to be a positive integer, got 0");
    refused({ memoryLimit: 100 }, "expected to need at most `memoryLimit` = 100 bytes, got 1088");
    refused(
      { neighborCount: 3 },
      "expected `graph` to list at least 2 rows beside itself for every row, got 1 for row 0",
    );
  });
});

describe("rerankByRdpAsync", () => {
  const [queries, database] = [randomUnitRows(7, 30, 6), randomUnitRows(8, 120, 6)];
  const list = search(queries, database, 20);
  const graph = poolGraph(queries, database, 31);

  it.each([0, 1, 2])("gives the same bits with %i threads", async (threads) => {
    expect(await rerankByRdpAsync(list, graph, { threads })).toEqual(rerankByRdp(list, graph));
  });

  it("rejects where the other throws, and with the reason of its signal", async () => {
    await expect(rerankByRdpAsync(list, graph, { k: 0 })).rejects.toThrow(
      new RangeError("rerankByRdpAsync: expected `k` to be a positive integer, got 0"),
    );
    const reason = new Error("enough");
    await expect(rerankByRdpAsync(list, graph, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
