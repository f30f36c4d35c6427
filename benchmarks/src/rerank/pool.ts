import { exactSearchAsync, knnGraphAsync, type Matrix, type Neighbors, stackRows } from "@lmk/index";
import { threads } from "../measure/settings.ts";

/** What re-rankers start from: vectors, a first search, and nearest neighbors. */
export interface Pool {
  readonly queries: Matrix;
  readonly database: Matrix;
  /** The first search. */
  readonly neighbors: Neighbors;
  /** Nearest database rows of every database row. */
  readonly graph: Neighbors;
  /** Nearest rows of every row of queries and database together, queries first. */
  readonly poolGraph: Neighbors;
  /** The least similarity of each row of that pool to any. */
  readonly leastSimilarities: Float32Array;
}

/** How much of it there is. */
export interface PoolSize {
  /** Database rows found for each query. */
  readonly depth: number;
  /** Neighbors of each row in the graphs. */
  readonly neighborCount: number;
}

/** Searches exactly. */
export async function preparePool(queries: Matrix, database: Matrix, size: PoolSize): Promise<Pool> {
  const pool = stackRows([queries, database]);
  const k = Math.min(size.neighborCount, database.rows - 1);
  return {
    queries,
    database,
    neighbors: await exactSearchAsync(queries, database, { k: Math.min(size.depth, database.rows), threads }),
    graph: await knnGraphAsync(database, { k, threads }),
    poolGraph: await knnGraphAsync(pool, { k, threads }),
    leastSimilarities: await leastSimilarities(pool),
  };
}

/** The least inner product of each row with any: the best of a search for its negative, negated. */
export async function leastSimilarities(pool: Matrix): Promise<Float32Array> {
  const negative = { ...pool, data: pool.data.map((value) => -value) };
  const { scores } = await exactSearchAsync(negative, pool, { k: 1, threads });
  return scores.map((score) => -score);
}
