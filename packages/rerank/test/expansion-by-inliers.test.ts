import { augmentDatabaseByInliers, expandQueriesByInliers, type Matrix, type Neighbors } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, product, randomUnitRows, rowOf } from "./fixtures.ts";
import { createRandom } from "./random.ts";

const queries = matrixFrom([[1, 0]]);
const database = matrixFrom([
  [0.8, 0.6],
  [0, 1],
]);

function matchesFrom(lists: readonly (readonly (readonly [number, number])[])[]): Neighbors {
  return {
    ids: Int32Array.from(lists.flat(), ([id]) => id),
    scores: Float32Array.from(lists.flat(), ([, inliers]) => inliers),
    rows: lists.length,
    k: lists[0]!.length,
  };
}

function similarRows(seed: number, rows: number): Matrix {
  const { data } = randomUnitRows(seed, rows, 8);
  return { data: data.map(Math.abs), rows, columns: 8 };
}

/** Lists of 8 of 20 rows with counts of inliers from 60 to 119. */
function randomMatches(seed: number, rows: number): Neighbors {
  const random = createRandom(seed);
  return matchesFrom(
    Array.from({ length: rows }, () =>
      Array.from({ length: 8 }, (_, i) => [(i * 5 + rows) % 20, 60 + Math.floor(random() * 60)] as const),
    ),
  );
}

/** The contest's procedure: row by row, from a table of (id, inliers). */
function literal(
  own: number[],
  rows: readonly number[][],
  list: readonly (readonly [number, number])[],
): number[] {
  const best = list
    .filter(([, inliers]) => inliers >= 90)
    .sort(([a, inliersA], [b, inliersB]) => inliersB - inliersA || a - b)
    .slice(0, 5);
  const sum = [...own];
  let total = 1;
  for (const [id] of best) {
    const share = product(own, rows[id]!);
    total += share;
    for (const [i, value] of rows[id]!.entries()) sum[i]! += share * value;
  }
  return sum.map((value) => value / total);
}

function listOf({ ids, scores, k }: Neighbors, row: number): [number, number][] {
  return [...ids.subarray(row * k, (row + 1) * k)].map((id, i) => [id, scores[row * k + i]!]);
}

describe("expandQueriesByInliers", () => {
  it("gives the weighted mean, shorter than 1, in the example of its documentation", () => {
    const { data } = expandQueriesByInliers(queries, database, matchesFrom([[[0, 120]]]));
    expect(data[0]).toBeCloseTo(1.64 / 1.8, 6);
    expect(data[1]).toBeCloseTo(0.48 / 1.8, 6);
    expect(Math.hypot(...data)).toBeCloseTo(0.949, 3);
    const scaled = expandQueriesByInliers(queries, database, matchesFrom([[[0, 120]]]), { normalize: true });
    expect(scaled.data[1]).toBeCloseTo(0.48 / Math.hypot(1.64, 0.48), 6);
  });

  it("equals the contest's procedure", () => {
    const q = randomUnitRows(1, 6, 8);
    const x = randomUnitRows(2, 20, 8);
    const matches = randomMatches(3, 6);
    const rows = Array.from({ length: 20 }, (_, row) => rowOf(x, row));
    const expanded = expandQueriesByInliers(q, x, matches);
    for (let row = 0; row < 6; row++) {
      const expected = literal(rowOf(q, row), rows, listOf(matches, row));
      for (const [i, value] of expected.entries()) expect(rowOf(expanded, row)[i]).toBeCloseTo(value, 6);
    }
  });

  it("leaves queries without matches as they were, also those whose weights cancel out", () => {
    expect([...expandQueriesByInliers(queries, database, matchesFrom([[[0, 89.5]]])).data]).toEqual([1, 0]);
    expect([...expandQueriesByInliers(queries, database, matchesFrom([[[-1, 100]]])).data]).toEqual([1, 0]);
    const opposite = matrixFrom([[-1, 0]]);
    expect([...expandQueriesByInliers(queries, opposite, matchesFrom([[[0, 90]]])).data]).toEqual([1, 0]);
  });

  it("adds 5 images with at least 90 inliers and does not scale, unless told otherwise", () => {
    const q = randomUnitRows(4, 6, 8);
    const x = randomUnitRows(5, 20, 8);
    const matches = matchesFrom(
      Array.from({ length: 6 }, () => Array.from({ length: 8 }, (_, i) => [i, 88 + 2 * i] as const)),
    );
    const explicit = { threshold: 90, neighborCount: 5, normalize: false };
    const expanded = expandQueriesByInliers(q, x, matches);
    expect(expanded).toEqual(expandQueriesByInliers(q, x, matches, explicit));
    for (const change of [{ threshold: 95 }, { neighborCount: 4 }, { normalize: true }]) {
      expect(expandQueriesByInliers(q, x, matches, { ...explicit, ...change })).not.toEqual(expanded);
    }
    const six = { ...explicit, neighborCount: 7 };
    expect(expandQueriesByInliers(q, x, matches, six)).not.toEqual(
      expandQueriesByInliers(q, x, matches, { ...six, threshold: 90.5 }),
    );
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`expandQueriesByInliers: ${message}`);
    const matches = matchesFrom([[[0, 120]]]);
    expect(() => expandQueriesByInliers(queries, database, matchesFrom([[[2, 120]]]))).toThrow(
      refusal("expected `matches.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() => expandQueriesByInliers(queries, database, matches, { threshold: Number.NaN })).toThrow(
      refusal("expected `threshold` to be a number, got NaN"),
    );
    expect(() => expandQueriesByInliers(queries, database, matches, { neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => expandQueriesByInliers(matrixFrom([[2, 0]]), database, matches)).toThrow(
      refusal("expected rows of `queries` to have length 1, got 2 in row 0; scale them first"),
    );
  });
});

describe("augmentDatabaseByInliers", () => {
  const pair = matrixFrom([
    [1, 0],
    [0.8, 0.6],
  ]);
  const matches = matchesFrom([[[1, 95]], [[0, 95]]]);

  it("lets later rows see what earlier ones became, in the example of its documentation", () => {
    const { data } = augmentDatabaseByInliers(pair, matches);
    const first = [1.64 / 1.8, 0.48 / 1.8];
    const share = 0.8 * first[0]! + 0.6 * first[1]!;
    expect(data[0]).toBeCloseTo(first[0]!, 6);
    expect(data[2]).toBeCloseTo((0.8 + share * first[0]!) / (1 + share), 6);
    expect(data[3]).toBeCloseTo((0.6 + share * first[1]!) / (1 + share), 6);
  });

  it("equals the contest's procedure, one row after another and all at once", () => {
    // Images that match geometrically are alike: negative weights, which may nearly cancel out, are not of interest.
    const x = similarRows(6, 20);
    const table = randomMatches(7, 20);
    const before = Array.from({ length: 20 }, (_, row) => rowOf(x, row));
    const rows = before.map((row) => [...row]);
    const sequential = augmentDatabaseByInliers(x, table);
    const simultaneous = augmentDatabaseByInliers(x, table, { order: "simultaneous" });
    for (let row = 0; row < 20; row++) {
      const list = listOf(table, row).filter(([id]) => id !== row);
      const atOnce = literal(before[row]!, before, list);
      rows[row] = literal(rows[row]!, rows, list);
      for (let i = 0; i < 8; i++) {
        expect(rowOf(sequential, row)[i]).toBeCloseTo(rows[row]![i]!, 5);
        expect(rowOf(simultaneous, row)[i]).toBeCloseTo(atOnce[i]!, 6);
      }
    }
    expect(sequential).not.toEqual(simultaneous);
    expect(sequential).toEqual(augmentDatabaseByInliers(x, table, { order: "sequential" }));
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`augmentDatabaseByInliers: ${message}`);
    expect(() => augmentDatabaseByInliers(queries, matches)).toThrow(
      refusal("expected `matches.ids` to be -1 or a row number below 1, got 1 for query 0"),
    );
    expect(() => augmentDatabaseByInliers(pair, matchesFrom([[[0, 90]]]))).toThrow(
      refusal("expected `matches` to have 2 rows, got 1"),
    );
    expect(() => augmentDatabaseByInliers(pair, matches, { order: "random" as "sequential" })).toThrow(
      refusal('expected `order` to be "sequential" or "simultaneous", got "random"'),
    );
  });
});
