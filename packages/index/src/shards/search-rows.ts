import { exactSearchAsync } from "../exact/exact-search-async.ts";
import type { ExactSearchAsyncOptions } from "../exact/search-options.ts";
import type { EmbeddingSource, Embeddings, Neighbors } from "../matrix.ts";
import { toFloat32 } from "../precision.ts";
import { requireFiniteRows } from "../require.ts";
import type { RowRange } from "../row-range.ts";
import { addSourceRows, createRowsHash, hashedRange } from "./fingerprint.ts";

/** How rows are searched. */
export interface SearchRowsOptions extends Omit<ExactSearchAsyncOptions, "exclude"> {
  /** One row of the whole database per query that must not be found, -1 for none. */
  readonly exclude: Int32Array | undefined;
}

/** Searches a range of rows; gives ids of the whole database, and the checksum of the rows. */
export async function searchRows(
  caller: string,
  queries: Embeddings,
  database: EmbeddingSource,
  range: RowRange,
  options: SearchRowsOptions,
): Promise<{ readonly neighbors: Neighbors; readonly sha256: string }> {
  const { exclude, ...search } = options;
  const { metric, signal } = search;
  // The search would name rows by their numbers in the range.
  const directed = metric === "cosine";
  requireFiniteRows(caller, "queries", toFloat32(queries), directed);
  const hash = createRowsHash((rows, first) => {
    requireFiniteRows(caller, "database", toFloat32(rows), directed, range.first + first);
  });
  const source = hashedRange(caller, database, range, hash, signal);
  const found = await exactSearchAsync(queries, source, {
    ...search,
    ...(exclude === undefined ? {} : { exclude: rowsWithin(range, exclude) }),
  });
  await addSourceRows(caller, hash, database, range, signal);
  const ids = found.ids.map((id) => (id === -1 ? -1 : range.first + id));
  return { neighbors: { ...found, ids }, sha256: hash.digest() };
}

/** Row numbers of the whole database as those of a range; -1 for rows outside. */
function rowsWithin({ first, end }: RowRange, rows: Int32Array): Int32Array {
  return rows.map((row) => (row >= first && row < end ? row - first : -1));
}
