import type { Embeddings, Neighbors } from "../matrix.ts";
import { requireEmbeddings } from "../require.ts";
import { viewRows } from "../sources.ts";
import { graphBlockRowsOf } from "./block-size.ts";
import { createSearch } from "./exact-search.ts";
import { requireMemory } from "./memory.ts";
import { type KnnGraphOptions, requireSearchOptions } from "./search-options.ts";

/**
 * Finds the `k` nearest other rows of every row: the k-nearest-neighbor graph, exactly, in the calling thread.
 *
 * The lists are those of {@link exactSearch} of the rows among themselves with `exclude: "self"`, in half the time:
 * each pair is compared once and offered to both rows' lists.
 *
 * @param embeddings - The rows, in any precision.
 * @returns One list per row, newly allocated; a row is not its own neighbor, but rows equal to it are.
 * @throws RangeError if the shape does not fit, if `k` is not a positive integer, if more memory could be needed than
 * `memoryLimit`, or if a row holds NaN or an infinity (with `"cosine"` also a row of zeros); the message names the row.
 *
 * @example
 * ```ts
 * import { knnGraph } from "@lmk/index";
 *
 * const rows = { data: Float32Array.of(1, 2, 4, 8), rows: 4, columns: 1 };
 * const graph = knnGraph(rows, { k: 2, metric: "l2" });
 * console.log([...graph.ids]); // => [ 1, 2, 0, 2, 1, 0, 2, 1 ]
 * ```
 */
export function knnGraph(embeddings: Embeddings, options: KnnGraphOptions): Neighbors {
  const { k, metric = "dot", memoryLimit } = options;
  const caller = "knnGraph";
  requireEmbeddings(caller, "embeddings", embeddings);
  requireSearchOptions(caller, options);
  const { rows, columns } = embeddings;
  const blockRows = graphBlockRowsOf(columns);
  const queries = Math.min(rows, blockRows);
  requireMemory(caller, memoryLimit, { lists: rows, queries, columns, k, blockRows, threads: 0 });

  const search = createSearch({ caller, rowsCaller: caller, metric, columns });
  search.beginGraph(rows, k, undefined);
  for (const [first, second] of blockPairs(Math.ceil(rows / blockRows))) {
    const block = (i: number) => {
      const firstRow = i * blockRows;
      const end = Math.min(firstRow + blockRows, rows);
      return { firstRow, embeddings: viewRows(embeddings, firstRow, end) };
    };
    search.comparePairSync(block(first), first === second ? undefined : block(second));
  }
  return { ...search.finish(), rows, k };
}

/** All pairs of `count` blocks, each once: first each block with itself, so that all lists are full early. */
export function* blockPairs(count: number): Generator<readonly [number, number]> {
  for (let distance = 0; distance < count; distance++) {
    for (let first = 0; first + distance < count; first++) yield [first, first + distance];
  }
}
