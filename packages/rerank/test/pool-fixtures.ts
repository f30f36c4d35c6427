import type { Matrix, Neighbors } from "@lmk/rerank";
import { search } from "./fixtures.ts";

/** Queries with the database below them. */
export function poolOf(queries: Matrix, database: Matrix): Matrix {
  const data = new Float32Array(queries.data.length + database.data.length);
  data.set(queries.data);
  data.set(database.data, queries.data.length);
  return { data, rows: queries.rows + database.rows, columns: queries.columns };
}

/** The nearest `k` rows of each row of the pool, the row itself among them. */
export function poolGraph(queries: Matrix, database: Matrix, k: number): Neighbors {
  const pool = poolOf(queries, database);
  return search(pool, pool, k);
}
