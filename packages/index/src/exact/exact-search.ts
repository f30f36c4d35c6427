import type { Embeddings, Neighbors } from "../matrix.ts";
import { requireEmbeddings, requireSameColumns } from "../require.ts";
import { viewRows } from "../sources.ts";
import { blockRowsOf } from "./block-size.ts";
import { JavaScriptSearch } from "./javascript-search.ts";
import { hasKernels } from "./kernels.ts";
import { requireMemory } from "./memory.ts";
import { type ExactSearchOptions, excludedRows, requireSearchOptions } from "./search-options.ts";
import type { SearchSettings } from "./search-settings.ts";
import { WasmSearch } from "./wasm-search.ts";

/**
 * Finds the `k` most alike database rows of each query by comparing it with all of them, in the calling thread.
 *
 * ```text
 * "dot"     score(q, x) = sum_i q_i x_i
 * "cosine"  score(q, x) = sum_i q_i x_i / (|q| |x|)
 * "l2"      score(q, x) = -(|q|² + |x|² - 2 sum_i q_i x_i), at most 0
 * ```
 *
 * Products are computed in float32 in register tiles (WASM with vectors). Wherever the largest error that such a
 * product can have leaves it possible that a row belongs into a list, its score is computed again in double precision,
 * in one fixed order, and rounded once to float32. So lists and scores are those of double precision, and the same
 * bits in every batch, block, thread and engine; of equal scores (equal as float32) the smaller id comes first.
 *
 * The scores of a whole database are never in memory: beside the result the call needs 8 bytes per number of the
 * queries, `8 k` bytes per query, and at most 20 MiB.
 *
 * @param queries - One query per row, in any precision.
 * @param database - Rows to be found, in any precision; the ids of the result are its row numbers.
 * @returns `queries.rows` lists of `k`, newly allocated.
 * @throws RangeError if shapes do not fit, if `k` is not a positive integer, if more memory could be needed than
 * `memoryLimit`, or if a row holds NaN or an infinity (with `"cosine"` also a row of zeros); the message names the row.
 *
 * @example
 * ```ts
 * import { exactSearch } from "@lmk/index";
 *
 * const database = { data: Float32Array.of(1, 0, 1, 2, 1, 3, 1, 1), rows: 4, columns: 2 };
 * const query = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 *
 * const found = exactSearch(query, database, { k: 4, metric: "l2" });
 * console.log([...found.ids]); // => [ 0, 3, 1, 2 ]
 * console.log([...found.scores]); // => [ 0, -1, -4, -9 ]
 * ```
 */
export function exactSearch(
  queries: Embeddings,
  database: Embeddings,
  options: ExactSearchOptions,
): Neighbors {
  const { k, metric = "dot", exclude, memoryLimit } = options;
  const caller = "exactSearch";
  requireEmbeddings(caller, "queries", queries);
  requireEmbeddings(caller, "database", database);
  requireSameColumns(caller, ["queries", queries], ["database", database]);
  requireSearchOptions(caller, options);
  const excluded = excludedRows(caller, queries, database.rows, exclude);
  const { rows, columns } = queries;
  const blockRows = blockRowsOf(columns);
  requireMemory(caller, memoryLimit, { lists: rows, queries: rows, columns, k, blockRows, threads: 0 });

  const search = createSearch({ caller, rowsCaller: caller, metric, columns });
  search.begin(queries, k, excluded, undefined);
  for (let first = 0; first < database.rows; first += blockRows) {
    const end = Math.min(first + blockRows, database.rows);
    search.compareBlockSync({ firstRow: first, embeddings: viewRows(database, first, end) });
  }
  return { ...search.finish(), rows, k };
}

/** The best search in the calling thread that there is here. */
export function createSearch(settings: SearchSettings): WasmSearch | JavaScriptSearch {
  return hasKernels() ? new WasmSearch(settings) : new JavaScriptSearch(settings);
}
