import type { Matrix, Neighbors } from "@lmk/rerank";
import { expect } from "vitest";
import { randomUnitRows, search, unitRows } from "./fixtures.ts";
import golden from "./golden/diffusion.json" with { type: "json" };
import originals from "./golden/originals.json" with { type: "json" };

export interface SparseLike {
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: ArrayLike<number>;
}

/** Lists as one score per database row, 0 where a row is not listed. */
export function scoresByRow({ ids, scores, rows, k }: Neighbors, databaseRows: number): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const line = new Array<number>(databaseRows).fill(0);
    for (let i = row * k; i < (row + 1) * k; i++) if (ids[i]! >= 0) line[ids[i]!] = scores[i]!;
    return line;
  });
}

export function denseRows({ starts, columns, values }: SparseLike, columnCount: number): number[][] {
  return Array.from({ length: starts.length - 1 }, (_, row) => {
    const line = new Array<number>(columnCount).fill(0);
    for (let i = starts[row]!; i < starts[row + 1]!; i++) line[columns[i]!]! += values[i]!;
    return line;
  });
}

/** Each number to a part of the largest of its row. */
export function expectClose(
  got: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  expect(got.length).toBe(expected.length);
  for (const [row, line] of expected.entries()) {
    const scale = Math.max(...line.map(Math.abs));
    const worst = Math.max(...line.map((value, column) => Math.abs(got[row]![column]! - value)));
    expect(worst, `row ${row}`).toBeLessThanOrEqual(tolerance * scale);
  }
}

/** Whether all arrays of two results have the same bits; `toEqual` is slow on long ones. */
export function sameBits(a: object, b: object): boolean {
  const [one, other] = [a, b].map((result) =>
    Object.entries(result).map(([name, value]) =>
      ArrayBuffer.isView(value)
        ? `${name} ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}`
        : `${name} ${JSON.stringify(value)}`,
    ),
  );
  return one!.length === other!.length && one!.every((text, i) => text === other![i]);
}

/** The normalised mutual graph, dense, by the formulas. */
export function referenceMatrix(graph: Neighbors, neighborCount: number, gamma = 3): number[][] {
  const others = (row: number): [number, number][] =>
    Array.from({ length: graph.k }, (_, i): [number, number] => [
      graph.ids[row * graph.k + i]!,
      graph.scores[row * graph.k + i]!,
    ])
      .filter(([id]) => id >= 0 && id !== row)
      .slice(0, neighborCount - 1);
  const lists = Array.from({ length: graph.rows }, (_, row) => new Map(others(row)));
  const affinity = lists.map((list, i) =>
    lists.map((other, j) => {
      const there = list.get(j);
      const back = other.get(i);
      if (i === j || there === undefined || back === undefined) return 0;
      return Math.max((there + back) / 2, 0) ** gamma;
    }),
  );
  return normalized(affinity);
}

export function normalized(affinity: readonly (readonly number[])[]): number[][] {
  const degrees = affinity.map((row) => row.reduce((sum, value) => sum + value, 1e-12));
  return affinity.map((row, i) => row.map((value, j) => value / Math.sqrt(degrees[i]! * degrees[j]!)));
}

/** Solves `(I - alpha S) f = y` by elimination. */
export function referenceSolve(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
  alpha = 0.99,
): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [
    ...row.map((value, j) => (i === j ? 1 : 0) - alpha * value),
    right[i]!,
  ]);
  for (let i = 0; i < n; i++) {
    for (let other = i + 1; other < n; other++) {
      const factor = rows[other]![i]! / rows[i]![i]!;
      if (factor !== 0) for (let j = i; j <= n; j++) rows[other]![j]! -= factor * rows[i]![j]!;
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) rest -= rows[i]![j]! * solution[j]!;
    solution[i] = rest / rows[i]![i]!;
  }
  return solution;
}

/** Right-hand sides, dense, by the formula. */
export function referenceStarts(neighbors: Neighbors, rows: number, count: number, gamma = 3): number[][] {
  return scoresByRow(
    {
      ...neighbors,
      ids: neighbors.ids.map((id, i) => (i % neighbors.k < count ? id : -1)),
      scores: neighbors.scores.map((score) => Math.max(score, 0) ** gamma),
    },
    rows,
  );
}

export interface Case {
  readonly queries: Matrix;
  readonly database: Matrix;
  readonly neighbors: Neighbors;
  readonly graph: Neighbors;
}

/** The queries and the database of the original's vectors: 3 and 12 rows. */
export function toyCase(): Case {
  return caseOf(unitRows(originals.input.queriesRaw), unitRows(originals.input.galleryRaw), 12, 12);
}

/** The case of golden/diffusion.json: 6 queries, 300 rows. */
export function largeCase(): Case {
  const { truncation } = golden.setting;
  return caseOf(unitRows(golden.queriesRaw), unitRows(golden.galleryRaw), 300, truncation);
}

export function randomCase(seed: number, queryRows: number, rows: number): Case {
  return caseOf(randomUnitRows(seed, queryRows, 6), randomUnitRows(seed + 1, rows, 6), rows, 10);
}

/** Lists for queries and graph of all rows that there are, up to `k` and `graphK`. */
export function caseOf(queries: Matrix, database: Matrix, k: number, graphK: number): Case {
  return {
    queries,
    database,
    neighbors: search(queries, database, k),
    graph: search(database, database, graphK),
  };
}

/** Queries, then database rows. */
export function stack(first: Matrix, second: Matrix): Matrix {
  return {
    data: Float32Array.of(...first.data, ...second.data),
    rows: first.rows + second.rows,
    columns: first.columns,
  };
}

/** Some rows of lists. */
export function sliceRows({ ids, scores, k }: Neighbors, first: number, end: number): Neighbors {
  return {
    ids: ids.slice(first * k, end * k),
    scores: scores.slice(first * k, end * k),
    rows: end - first,
    k,
  };
}

export { golden, originals };
