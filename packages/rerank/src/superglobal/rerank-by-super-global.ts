// As the published code: refined rows are not scaled to length 1, the first of a row's neighbors has weight 1 whether it
// is the row itself or a duplicate, and the query is not among the rows whose largest entries are taken.
import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { joinNeighbors } from "../ranking.ts";
import {
  requireFiniteNumber,
  requireMatrix,
  requireNeighbors,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { shortlistTask } from "./shortlist.ts";

/** Options of {@link rerankBySuperGlobal}. */
export interface RerankBySuperGlobalOptions extends MemoryOptions {
  /**
   * How many of each list, from the first, are reranked; `M` in the paper. Lists may be shorter.
   *
   * @defaultValue 400, from the paper
   */
  readonly depth?: number;
  /**
   * Neighbors that each row is refined by, the row itself not counted; `K` in the paper. Shortlists may have fewer.
   *
   * @defaultValue 9, as in the published code
   */
  readonly neighborCount?: number;
  /**
   * Factor on the similarities that weigh these neighbors; the row itself has weight 1.
   *
   * @defaultValue 0.15, from the paper
   */
  readonly beta?: number;
}

/**
 * Re-ranks by global descriptors of the shortlist alone, as SuperGlobal does. Needs no graph and no second search: the
 * rows that a vector database returned are enough.
 *
 * ```text
 * x̂_i = (x_i + beta · sum over j of (x_i·x_j) x_j) / (1 + beta · sum over j of x_i·x_j)
 * q̂   = entry by entry the largest of the x̂_i of the neighborCount + 1 highest q·x̂_i
 * score_i = (q·x̂_i + q̂·x̂_i) / 2
 * ```
 *
 * where `j` runs over the `neighborCount` rows of the shortlist most similar to `x_i`; of equal ones the first in the list
 * come first. Entries of a list behind `depth` follow in their order, with their own scores but none above the last
 * before them. Weights that cancel each other out leave a row as it was.
 *
 * For candidates of one query that are not rows of a larger matrix, `database` holds the candidates and `neighbors`
 * numbers them; for several queries put their candidates below one another.
 *
 * Memory: `4 M D + 4 M² + 4 · 128 M + 24 M K` bytes per thread besides the result, for lists cut to `M` and `D` columns.
 *
 * @param queries - Embeddings, one query per row.
 * @param database - Embeddings that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first.
 * @param options - How much is reranked, and by how much.
 * @returns Lists of the same length, newly allocated, of the same ids in a new order.
 * @throws RangeError if shapes do not fit, a query or a row that is used holds a number that is not finite, an option is
 * out of range or the memory limit is too low.
 *
 * @example
 * ```ts
 * import { rerankBySuperGlobal } from "@lmk/rerank";
 *
 * // What a vector database returned for one query: row 1 was second, but row 2 is much like row 0.
 * const query = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const candidates = { data: Float32Array.of(0.8, 0.6, 0.7, -0.71, 0.6, 0.8), rows: 3, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.8, 0.7, 0.6), rows: 1, k: 3 };
 *
 * const found = rerankBySuperGlobal(query, candidates, neighbors, { neighborCount: 1 });
 * console.log([...found.ids]); // => [ 0, 2, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2308.06954 | Shao et al., Global Features are All You Need for Image Retrieval and Reranking, 2023}
 */
export function rerankBySuperGlobal(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: RerankBySuperGlobalOptions = {},
): Neighbors {
  return runMethod(superGlobal("rerankBySuperGlobal", queries, database, neighbors, options));
}

/**
 * {@link rerankBySuperGlobal} in worker threads or in slices; the same result, bit for bit.
 *
 * @param queries - As in {@link rerankBySuperGlobal}.
 * @param database - As in {@link rerankBySuperGlobal}.
 * @param neighbors - As in {@link rerankBySuperGlobal}.
 * @param options - As in {@link rerankBySuperGlobal}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link rerankBySuperGlobal} throws, or with the reason of the
 * signal.
 */
export function rerankBySuperGlobalAsync(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: RerankBySuperGlobalOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankBySuperGlobalAsync",
    superGlobal("rerankBySuperGlobalAsync", queries, database, neighbors, options),
    options,
  );
}

function* superGlobal(
  caller: string,
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  options: RerankBySuperGlobalOptions,
): Method<Neighbors> {
  const { depth = 400, neighborCount = 9, beta = 0.15, memoryLimit = Infinity } = options;
  requireMatrix(caller, "queries", queries);
  requireMatrix(caller, "database", database);
  if (queries.columns !== database.columns) {
    throw new RangeError(
      `${caller}: expected \`database\` to have ${queries.columns} columns like \`queries\`, got ${database.columns}`,
    );
  }
  requireNeighbors(caller, neighbors, database.rows);
  requireRows(caller, "neighbors", neighbors.rows, queries.rows);
  requirePositiveInteger(caller, "depth", depth);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireFiniteNumber(caller, "beta", beta);
  const most = Math.min(depth, neighbors.k);
  const width = Math.min(neighborCount + 1, most);
  const perThread = 4 * most * database.columns + 4 * most * (most + 128) + 24 * most * width;
  requireMemory(caller, perThread + 8 * neighbors.ids.length, memoryLimit);
  requireFiniteRows(caller, "queries", queries, new Uint8Array(queries.rows).fill(1));
  requireFiniteRows(caller, "database", database, usedRows(database.rows, neighbors));

  const input = { queries, database, neighbors, depth, neighborCount, beta };
  return joinNeighbors(yield* overRows(shortlistTask, input, queries.rows), neighbors.k);
}

function usedRows(rows: number, { ids }: Neighbors): Uint8Array {
  const used = new Uint8Array(rows);
  for (let i = 0; i < ids.length; i++) if (ids[i]! >= 0) used[ids[i]!] = 1;
  return used;
}

function requireFiniteRows(caller: string, argument: string, matrix: Matrix, used: Uint8Array): void {
  const { data, rows, columns } = matrix;
  for (let row = 0; row < rows; row++) {
    if (used[row] === 0) continue;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      if (Number.isFinite(data[i])) continue;
      throw new RangeError(`${caller}: expected \`${argument}\` to be finite, got ${data[i]} in row ${row}`);
    }
  }
}
