import type { Matrix, Neighbors } from "./matrix.ts";
import {
  requireAtMost,
  requireMatrix,
  requireNeighbors,
  requirePositiveInteger,
  requireRows,
} from "./require.ts";

/** A sum shorter than this has no direction left. */
const shortest = 1e-9;

/** How far the squared length of a row may be from 1. */
const tolerance = 1e-3;

/** Weight of a neighbor: `rank` counts from 0 over the neighbors that exist, `similarity` is the inner product. */
export type NeighborWeight = (rank: number, similarity: number) => number;

/** Checks the arguments that all expansions share. */
export function requireExpansion(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  neighborCount: number,
): void {
  requireMatrix(caller, "queries", queries);
  requireMatrix(caller, "database", database);
  if (queries.columns !== database.columns) {
    throw new RangeError(
      `${caller}: expected \`database\` to have ${queries.columns} columns like \`queries\`, got ${database.columns}`,
    );
  }
  requireNeighbors(caller, neighbors, database.rows);
  requireRows(caller, "neighbors", neighbors.rows, queries.rows);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireAtMost(caller, "neighborCount", neighborCount, neighbors.k, "neighbors.k");
}

/**
 * Replaces each query by the weighted sum of itself and its first neighbors, scaled to length 1. Sums are
 * accumulated in double precision. A sum without direction leaves the query as it was.
 */
export function addNeighbors(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  neighborCount: number,
  ownWeight: number,
  weight: NeighborWeight,
): Matrix {
  const { rows, columns } = queries;
  const data = new Float32Array(rows * columns);
  const sum = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const query = queries.data.subarray(row * columns, (row + 1) * columns);
    requireUnitLength(caller, "queries", query, row);
    for (let i = 0; i < columns; i++) sum[i] = ownWeight * query[i]!;
    let rank = 0;
    for (let at = row * neighbors.k; at < row * neighbors.k + neighborCount; at++) {
      const id = neighbors.ids[at]!;
      if (id < 0) continue;
      const item = database.data.subarray(id * columns, (id + 1) * columns);
      requireUnitLength(caller, "database", item, id);
      const share = weight(rank, dot(query, item));
      rank += 1;
      for (let i = 0; i < columns; i++) sum[i]! += share * item[i]!;
    }
    const length = Math.sqrt(dot(sum, sum));
    const target = data.subarray(row * columns, (row + 1) * columns);
    if (length < shortest) target.set(query);
    else for (let i = 0; i < columns; i++) target[i] = sum[i]! / length;
  }
  return { data, rows, columns };
}

function requireUnitLength(caller: string, argument: string, vector: Float32Array, row: number): void {
  const square = dot(vector, vector);
  // Written so that NaN is refused too.
  if (!(Math.abs(square - 1) <= tolerance)) {
    throw new RangeError(
      `${caller}: expected rows of \`${argument}\` to have length 1, got ${Math.sqrt(square)} in row ${row}; scale them first`,
    );
  }
}

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
