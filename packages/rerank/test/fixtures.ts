import type { Matrix, Neighbors } from "@lmk/rerank";
import { createRandom } from "./random.ts";

export function matrixFrom(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 1 };
}

/** Rows scaled to length 1 in double precision. */
export function unitRows(rows: readonly (readonly number[])[]): Matrix {
  return matrixFrom(rows.map((row) => row.map((value) => value / Math.hypot(...row))));
}

export function randomUnitRows(seed: number, rows: number, columns: number): Matrix {
  const random = createRandom(seed);
  return unitRows(Array.from({ length: rows }, () => Array.from({ length: columns }, () => random() - 0.4)));
}

export function rowOf({ data, columns }: Matrix, row: number): number[] {
  return [...data.subarray(row * columns, (row + 1) * columns)];
}

export function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/** The k best rows by inner product, by full sorting. */
export function search(queries: Matrix, database: Matrix, k: number): Neighbors {
  const ids = new Int32Array(queries.rows * k).fill(-1);
  const scores = new Float32Array(queries.rows * k).fill(-Infinity);
  for (let row = 0; row < queries.rows; row++) {
    const ranked = Array.from({ length: database.rows }, (_, id) => ({
      id,
      score: product(rowOf(queries, row), rowOf(database, id)),
    })).sort((a, b) => b.score - a.score || a.id - b.id);
    for (const [i, { id, score }] of ranked.slice(0, k).entries()) {
      ids[row * k + i] = id;
      scores[row * k + i] = score;
    }
  }
  return { ids, scores, rows: queries.rows, k };
}

/** Neighbors from lists of ids; scores descend. */
export function neighborsFrom(lists: readonly (readonly number[])[]): Neighbors {
  const k = lists[0]?.length ?? 1;
  return {
    ids: Int32Array.from(lists.flat()),
    scores: Float32Array.from(
      lists.flatMap((list) => list.map((id, i) => (id < 0 ? -Infinity : 1 - i / 10))),
    ),
    rows: lists.length,
    k,
  };
}
