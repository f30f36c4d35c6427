import type { Matrix, Neighbors } from "../matrix.ts";
import { requireMatrix, requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, overRows, type RowTask } from "../threads/method.ts";
import { dot } from "../vectors.ts";

/** How far the squared length of a row may be from 1. */
const tolerance = 1e-3;

interface LengthsInput {
  readonly data: Float32Array;
  readonly columns: number;
  /** For each row whether it is used. */
  readonly used: Uint8Array;
}

/** Gives the first used row that has not length 1, or -1. */
export const unitLengthTask: RowTask<LengthsInput, number> = {
  name: "check lengths",
  run: ({ data, columns, used }, first, end) => {
    for (let row = first; row < end; row++) {
      if (used[row] === 0) continue;
      const square = dot(data, row * columns, data, row * columns, columns);
      // Written so that NaN is refused too.
      if (!(Math.abs(square - 1) <= tolerance)) return row;
    }
    return -1;
  },
};

/** Checks the shapes of what all expansions take. */
export function requireExpansion(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  neighborCount: number,
): void {
  requirePair(caller, queries, database, neighbors);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
}

/** Checks that queries, database and lists fit. */
export function requirePair(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  argument = "neighbors",
): void {
  requireMatrix(caller, "queries", queries);
  requireMatrix(caller, "database", database);
  if (queries.columns !== database.columns) {
    throw new RangeError(
      `${caller}: expected \`database\` to have ${queries.columns} columns like \`queries\`, got ${database.columns}`,
    );
  }
  requireNeighbors(caller, neighbors, database.rows, argument);
  requireRows(caller, argument, neighbors.rows, queries.rows);
}

/** Checks a database and its own graph. */
export function requireGraph(caller: string, database: Matrix, graph: Neighbors, argument = "graph"): void {
  requireMatrix(caller, "database", database);
  requireNeighbors(caller, graph, database.rows, argument);
  requireRows(caller, argument, graph.rows, database.rows);
}

export function requireExponent(caller: string, alpha: number, negative: "keep" | "clamp"): void {
  if (!(alpha >= 0) || alpha === Infinity) {
    throw new RangeError(`${caller}: expected \`alpha\` to be a finite number of at least 0, got ${alpha}`);
  }
  if (negative === "keep" && !Number.isInteger(alpha)) {
    throw new RangeError(
      `${caller}: expected \`alpha\` to be an integer where \`negative\` is "keep", got ${alpha}; set \`negative\` to "clamp"`,
    );
  }
}

/** Refuses numbers that are not finite, by their place. */
export function requireFiniteWeights(caller: string, argument: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    if (Number.isFinite(weights[i])) continue;
    throw new RangeError(`${caller}: expected \`${argument}\` to be finite, got ${weights[i]} at ${i}`);
  }
}

/** Checks the length of all rows of `queries` and of those rows of `database` that lists name, each row once. */
export function* requireUnitRows(
  caller: string,
  queries: Matrix,
  database: Matrix,
  lists: readonly { readonly ids: Int32Array; readonly k: number; readonly count: number }[],
): Method<void> {
  if (queries !== database) {
    yield* requireUsedRows(caller, "queries", queries, new Uint8Array(queries.rows).fill(1));
  }
  const used = new Uint8Array(database.rows);
  if (queries === database) used.fill(1);
  else {
    for (const { ids, k, count } of lists) {
      const length = Math.min(count, k);
      for (let start = 0; start < ids.length; start += k) {
        for (let at = start; at < start + length; at++) if (ids[at]! >= 0) used[ids[at]!] = 1;
      }
    }
  }
  yield* requireUsedRows(caller, "database", database, used);
}

/** Checks the length of those rows that are marked. */
export function* requireUsedRows(
  caller: string,
  argument: string,
  matrix: Matrix,
  used: Uint8Array,
): Method<void> {
  const { data, rows, columns } = matrix;
  const found = yield* overRows(unitLengthTask, { data, columns, used }, rows);
  const row = found.find((bad) => bad >= 0);
  if (row === undefined) return;
  const length = Math.sqrt(dot(data, row * columns, data, row * columns, columns));
  throw new RangeError(
    `${caller}: expected rows of \`${argument}\` to have length 1, got ${length} in row ${row}; scale them first`,
  );
}
