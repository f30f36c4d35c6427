import type { Table } from "@lancedb/lancedb";
import type { Matrix, Metric, Neighbors } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { rowColumn, vectorColumn } from "./schema.ts";

/** Options of {@link LanceTable.search}. */
export interface LanceSearchOptions {
  /** Rows to find per query, 1 or more. */
  readonly k: number;
  /**
   * Groups of the index that are looked into; more find more and take longer.
   *
   * @defaultValue LanceDB's: 20
   */
  readonly nprobes?: number;
  /**
   * Takes `refineFactor * k` rows by their codes, scores these by their numbers, and keeps the best `k`. Then scores
   * are those of the numbers; without it those of an index with quantisation are estimates.
   *
   * @defaultValue no rows are scored again
   */
  readonly refineFactor?: number;
  /**
   * Candidates that a search in a graph keeps; of use for the kinds with HNSW only.
   *
   * @defaultValue LanceDB's: 1.5 k
   */
  readonly ef?: number;
  /**
   * A condition in SQL over the columns, such as `"country = 'PT' AND year > 2000"`, which rows must meet. It applies
   * before the search, so that `k` rows are found if so many meet it.
   *
   * @defaultValue no condition
   */
  readonly filter?: string;
  /**
   * Scores all rows and does not use the index.
   *
   * @defaultValue false
   */
  readonly exact?: boolean;
  /**
   * Queries under way at a time; LanceDB itself uses all cores.
   *
   * @defaultValue 4
   */
  readonly concurrency?: number;
  /**
   * Ends the call early: it rejects with the signal's reason at once, and starts no more queries.
   *
   * @defaultValue nothing ends it early
   */
  readonly signal?: AbortSignal;
}

export function requireSearchOptions(options: LanceSearchOptions): void {
  const { k, nprobes, refineFactor, ef, concurrency, filter } = options;
  requirePositiveInteger("search", "k", k);
  for (const [name, value] of Object.entries({ nprobes, refineFactor, ef, concurrency })) {
    if (value !== undefined) requirePositiveInteger("search", name, value);
  }
  if (filter !== undefined && filter.trim() === "") {
    throw new RangeError('search: expected `filter` to be a condition, got ""');
  }
}

/** The answers to all queries, some at a time. */
export async function searchTable(
  table: Table,
  queries: Matrix,
  metric: Metric,
  options: LanceSearchOptions,
): Promise<Neighbors> {
  const { k, concurrency = 4, signal } = options;
  const { data, rows, columns } = queries;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  async function work(): Promise<void> {
    while (next < rows) {
      signal?.throwIfAborted();
      const query = next++;
      const found = await answer(table, data.slice(query * columns, (query + 1) * columns), metric, options);
      for (const [place, { id, score }] of found.entries()) {
        ids[query * k + place] = id;
        scores[query * k + place] = score;
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, rows) }, work));
  } finally {
    next = rows;
  }
  return { ids, scores, rows, k };
}

/** What one query finds, best first. */
async function answer(
  table: Table,
  query: Float32Array,
  metric: Metric,
  options: LanceSearchOptions,
): Promise<readonly { readonly id: number; readonly score: number }[]> {
  const { k, nprobes, refineFactor, ef, filter, exact = false } = options;
  const search = table.query().nearestTo(query).column(vectorColumn).distanceType(metric).limit(k);
  search.select([rowColumn, "_distance"]);
  if (nprobes !== undefined) search.nprobes(nprobes);
  if (refineFactor !== undefined) search.refineFactor(refineFactor);
  if (ef !== undefined) search.ef(ef);
  if (filter !== undefined) search.where(filter);
  if (exact) search.bypassVectorIndex();
  const result = await search.toArrow();
  // Without rows there are no columns either.
  if (result.numRows === 0) return [];
  const ids = result.getChild(rowColumn)!.toArray() as Int32Array;
  const distances = result.getChild("_distance")!.toArray() as Float32Array;
  // LanceDB's distances: the squared length of the difference, 1 - cosine, and 1 - inner product.
  const found = Array.from(ids, (id, i) => {
    const distance = distances[i]!;
    return { id, score: Math.fround(metric === "l2" ? 0 - distance : 1 - distance) };
  });
  return found.sort((a, b) => b.score - a.score || a.id - b.id);
}
