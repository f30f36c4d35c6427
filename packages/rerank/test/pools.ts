import { readFileSync } from "node:fs";
import type { Matrix, Neighbors } from "@lmk/rerank";
import { expect } from "vitest";
import { matrixFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import { createRandom } from "./random.ts";

/** Queries and database, with everything that re-ranking within their pool reads. */
export interface Pool {
  readonly rows: Matrix;
  readonly queries: number;
  readonly neighbors: Neighbors;
  readonly graph: Neighbors;
  readonly leastSimilarities: Float32Array;
}

interface PoolSizes {
  readonly k?: number;
  readonly depth?: number;
}

/** Searches by full sorting; `k` entries in the graph, by default all, and lists of `depth`, by default all. */
export function poolOf(
  rows: Matrix,
  queries: number,
  { k = rows.rows, depth = Math.max(1, rows.rows - queries) }: PoolSizes = {},
): Pool {
  const { data, columns } = rows;
  const ofQueries = { data: data.slice(0, queries * columns), rows: queries, columns };
  const database = { data: data.slice(queries * columns), rows: rows.rows - queries, columns };
  const full = search(rows, rows, Math.max(1, rows.rows));
  return {
    rows,
    queries,
    neighbors: search(ofQueries, database, depth),
    graph: shortened(full, k),
    leastSimilarities: Float32Array.from({ length: rows.rows }, (_, row) =>
      Math.min(...full.scores.subarray(row * full.k, (row + 1) * full.k)),
    ),
  };
}

export function shortened({ ids, scores, rows, k }: Neighbors, length: number): Neighbors {
  const at = Array.from({ length: rows * length }, (_, i) => Math.floor(i / length) * k + (i % length));
  return {
    ids: Int32Array.from(at, (i) => ids[i]!),
    scores: Float32Array.from(at, (i) => scores[i]!),
    rows,
    k: length,
  };
}

/** Lists without the rows themselves. */
export function withoutSelf({ ids, scores, rows, k }: Neighbors): Neighbors {
  const at = Array.from({ length: rows }, (_, row) => {
    const own = Array.from({ length: k }, (_, place) => row * k + place);
    return own.filter((i) => ids[i] !== row).slice(0, k - 1);
  }).flat();
  return {
    ids: Int32Array.from(at, (i) => ids[i]!),
    scores: Float32Array.from(at, (i) => scores[i]!),
    rows,
    k: k - 1,
  };
}

/** Rows around common centers, so that there are neighbors to speak of; every tenth row repeats the one before. */
export function clusteredRows(seed: number, count: number, columns: number, centers: number): Matrix {
  const middle = randomUnitRows(seed, centers, columns);
  const noise = randomUnitRows(seed + 1, count, columns);
  return unitRows(
    Array.from({ length: count }, (_, row) => {
      const source = row % 10 === 9 ? row - 1 : row;
      const center = rowOf(middle, source % centers);
      return rowOf(noise, source).map((value, i) => 0.8 * value + center[i]!);
    }),
  );
}

/** For each query the score of each database row, by id. */
export function scoresById(found: Neighbors, databaseRows: number): number[][] {
  return Array.from({ length: found.rows }, (_, query) => {
    const scores = new Array<number>(databaseRows).fill(Number.NaN);
    for (let i = query * found.k; i < (query + 1) * found.k; i++) scores[found.ids[i]!] = found.scores[i]!;
    return scores;
  });
}

/** Compares all scores, and sees that lists are sorted: score descending, then id ascending. */
export function expectScores(
  found: Neighbors,
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  const scores = scoresById(found, expected[0]?.length ?? 0);
  for (const [query, row] of expected.entries()) {
    for (const [id, value] of row.entries()) {
      expect(Math.abs(scores[query]![id]! - value), `query ${query}, row ${id}`).toBeLessThan(tolerance);
    }
  }
  for (let i = 0; i + 1 < found.ids.length; i++) {
    if ((i + 1) % found.k === 0 || found.ids[i + 1]! < 0) continue;
    expect(found.scores[i]).toBeGreaterThanOrEqual(found.scores[i + 1]!);
  }
}

/** All cosines of a pool in single precision, as a search gives them, and 1 of each row with itself. */
export function allCosines(rows: Matrix): number[][] {
  return Array.from({ length: rows.rows }, (_, i) =>
    Array.from({ length: rows.rows }, (_, j) =>
      i === j ? 1 : Math.fround(product(rowOf(rows, i), rowOf(rows, j))),
    ),
  );
}

/** The first `length` rows for each row: itself, then by cosine, then by id. */
export function ranksOf(cosines: readonly (readonly number[])[], length: number): number[][] {
  return cosines.map((row, own) =>
    row
      .map((_, id) => id)
      .sort((a, b) => Number(b === own) - Number(a === own) || row[b]! - row[a]! || a - b)
      .slice(0, length),
  );
}

interface Golden {
  readonly input: { readonly queriesRaw: number[][]; readonly galleryRaw: number[][] };
  readonly [method: string]: unknown;
}

function read(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), "utf8")) as Golden;
}

const originals = read("originals");
const larger = read("k-reciprocal");

/** Results of an original for the pool of 3 and 12 rows that all originals were run on. */
export function original(method: string, setting: string): number[][] {
  return (originals[method] as Record<string, number[][]>)[setting]!;
}

export const smallRows: Matrix = unitRows([...originals.input.queriesRaw, ...originals.input.galleryRaw]);

/** Results for the first queries of the pool of 12 and 288 rows that make-k-reciprocal.py makes. */
export function originalLarger(method: string, setting: string): number[][] {
  return (larger[method] as Record<string, number[][]>)[setting]!;
}

export const largerRows: Matrix = unitRows(larger.raw as number[][]);

/** Rows picked from a matrix. */
export function pick(rows: Matrix, picked: readonly number[]): Matrix {
  return matrixFrom(picked.map((row) => rowOf(rows, row)));
}

/** The pool with its database rows in another order: row `i` is what row `order[i]` was. */
export function permutedDatabase({ rows, queries }: Pool, order: readonly number[]): Pool {
  const ofQueries = Array.from({ length: queries }, (_, row) => row);
  return poolOf(pick(rows, [...ofQueries, ...order.map((row) => queries + row)]), queries);
}

/** The query 0 and database rows 1 to 4: the nearest is row 1, but only row 2 lists the query in turn. */
export const mutualPool: { readonly neighbors: Neighbors; readonly graph: Neighbors } = {
  graph: {
    ids: Int32Array.of(1, 2, 3, 4, 0, 1, 1, 4, 1, 3),
    scores: Float32Array.of(0.9, 0.8, 0.95, 0.94, 0.8, 0.5, 0.95, 0.93, 0.94, 0.93),
    rows: 5,
    k: 2,
  },
  neighbors: {
    ids: Int32Array.of(0, 1, 2, 3),
    scores: Float32Array.of(0.9, 0.8, 0.7, 0.6),
    rows: 1,
    k: 4,
  },
};

/** Rows of 16 numbers that are 0.25 or -0.25: of length 1 in all precisions. */
export function signRows(seed: number, count: number): Matrix {
  const random = createRandom(seed);
  return {
    data: Float32Array.from({ length: count * 16 }, () => (random() < 0.5 ? -0.25 : 0.25)),
    rows: count,
    columns: 16,
  };
}
