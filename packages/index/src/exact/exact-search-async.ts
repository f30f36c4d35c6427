import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Embeddings, Neighbors } from "../matrix.ts";
import { requireEmbeddings, requireSameColumns } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { blockRowsOf } from "./block-size.ts";
import { chooseEngine, countCores } from "./choose-engine.ts";
import { mergeFound, runCrew, startCrew } from "./crew.ts";
import { requireMemory } from "./memory.ts";
import {
  type ExactSearchAsyncOptions,
  excludedRows,
  requireSearchOptions,
  requireThreadOptions,
} from "./search-options.ts";
import { shareQueries } from "./share-queries.ts";
import { feedBlocks, shareBlocks } from "./shared-blocks.ts";

/**
 * {@link exactSearch} in threads of its own, over rows in memory or not: the same lists, bit for bit.
 *
 * The database passes through the threads in blocks of 3 MiB, so it need not fit into memory. Rows in a
 * `SharedArrayBuffer` are read in place; others are copied block by block. Memory beside the arguments, with `T`
 * threads, `Q` queries of `D` columns: `T (8 Q D + 8 Q k + 52 Q + 20 MiB) + 4 Q D + 8 Q k (T + 1)` bytes.
 *
 * @param queries - One query per row, in any precision.
 * @param database - Rows to be found, in memory or as a source of blocks; the ids of the result are its row numbers.
 * @returns `queries.rows` lists of `k`.
 * @throws RangeError as {@link exactSearch} does, and if the `engine` asked for is not there; the signal's reason if it
 * is aborted; and what the source fails with.
 *
 * @example
 * ```ts
 * import { exactSearchAsync } from "@lmk/index";
 *
 * const database = { data: Float32Array.of(1, 0, 0, 1, 1, 1), rows: 3, columns: 2 };
 * const query = { data: Float32Array.of(2, 1), rows: 1, columns: 2 };
 *
 * const found = await exactSearchAsync(query, database, { k: 2, signal: AbortSignal.timeout(60_000) });
 * console.log([...found.ids], [...found.scores]); // => [ 2, 0 ] [ 3, 2 ]
 * ```
 */
export async function exactSearchAsync(
  queries: Embeddings,
  database: Embeddings | EmbeddingSource,
  options: ExactSearchAsyncOptions,
): Promise<Neighbors> {
  const { k, metric = "dot", exclude, memoryLimit, engine: askedEngine, signal } = options;
  const caller = "exactSearchAsync";
  requireEmbeddings(caller, "queries", queries);
  const source = sourceOf(caller, "database", database);
  requireSameColumns(caller, ["queries", queries], ["database", source]);
  requireSearchOptions(caller, options);
  requireThreadOptions(caller, options);
  const excluded = excludedRows(caller, queries, source.rows, exclude)?.slice();
  const { rows, columns } = queries;
  const blockRows = blockRowsOf(columns);
  const cores = options.threads ?? (await countCores());
  const threads = Math.max(1, Math.min(cores, Math.ceil(source.rows / blockRows)));
  requireMemory(caller, memoryLimit, { lists: rows, queries: rows, columns, k, blockRows, threads });
  const steps = startSteps(options, source.rows);

  const engine = await chooseEngine(caller, askedEngine, 2 * rows * source.rows * columns);
  const start = () => startCrew({ caller, rowsCaller: caller, metric, columns }, threads, engine);
  return runCrew(signal, start, async (crew) => {
    const floors = crew.shareFloors(rows);
    await crew.requestAll({ kind: "begin", queries: await shareQueries(queries), k, excluded, floors });
    const blocks = shareBlocks(caller, source, blockRows, !("blocks" in database));
    try {
      await Promise.all(crew.threads.map((thread) => feedBlocks(thread, "block", blocks, steps.advance)));
    } finally {
      blocks.end();
    }
    const found = await mergeFound(await crew.requestAll({ kind: "finish" }), rows, k);
    steps.finish();
    return found;
  });
}
