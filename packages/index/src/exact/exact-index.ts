import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Embeddings, Metric, Neighbors, RunOptions } from "../matrix.ts";
import { requireEmbeddings, requireMetric, requirePositiveInteger, requireSameColumns } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { untilAborted } from "../until-aborted.ts";
import { blockRowsOf, strideOf } from "./block-size.ts";
import { chooseEngine, countCores } from "./choose-engine.ts";
import { type Crew, mergeFound, runCrew, startCrew } from "./crew.ts";
import { requireMemory } from "./memory.ts";
import {
  excludedRows,
  requireMemoryLimit,
  requireThreadOptions,
  type ThreadOptions,
} from "./search-options.ts";
import { shareQueries } from "./share-queries.ts";
import { feedBlocks, shareBlocks } from "./shared-blocks.ts";

/** Options of {@link createExactIndex}. */
export interface ExactIndexOptions extends ThreadOptions, RunOptions {
  /**
   * How likeness is scored.
   *
   * @defaultValue "dot", which is the cosine for rows of length 1
   */
  readonly metric?: Metric;
  /**
   * Bytes that the index and one search in it may take, its rows included. Both refuse before they allocate if they
   * could need more.
   *
   * @defaultValue no limit
   */
  readonly memoryLimit?: number;
}

/** Options of {@link ExactIndex.search}. */
export interface ExactIndexSearchOptions {
  /** Neighbors per query, 1 or more. More than there are rows is fine: the rest is -1 and -Infinity. */
  readonly k: number;
  /**
   * One row per query that must not be found, -1 for none; or `"self"` where query `i` is row `i`.
   *
   * @defaultValue nothing is left out
   */
  readonly exclude?: "self" | Int32Array;
  /**
   * Ends the search early: it rejects with the signal's reason, and the index stays usable. Each thread first finishes
   * what it compares, at least a block of 3 MiB of rows with all queries.
   *
   * @defaultValue nothing ends it early
   */
  readonly signal?: AbortSignal;
}

/** Rows that stay in threads, to be searched many times. */
export interface ExactIndex {
  readonly rows: number;
  readonly columns: number;
  readonly metric: Metric;
  /**
   * Finds the `k` most alike rows of each query, as {@link exactSearch} does, bit for bit. Searches wait for one another,
   * in the order they were called.
   *
   * @param queries - One query per row, in any precision.
   * @returns `queries.rows` lists of `k`, newly allocated.
   * @throws RangeError as {@link exactSearch} does, with the `memoryLimit` of the index; the signal's reason if it is
   * aborted.
   */
  search(queries: Embeddings, options: ExactIndexSearchOptions): Promise<Neighbors>;
  /** Ends the threads and frees the rows; searches that are under way reject. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Operations of one request to a thread, if a block does not need more: some 50 ms, after which it listens again. */
const operationsPerRequest = 4e9;

/**
 * Copies rows into threads that stay, so that a search costs no more than the comparisons: for single queries and small
 * batches. For one large batch {@link exactSearchAsync} needs less memory.
 *
 * Memory: the rows in their precision, columns rounded up to a multiple of 8, 16 bytes per row, and what
 * {@link exactSearchAsync} takes for a search. A thread holds at most 4 GiB. Threads keep the process alive only while
 * they work.
 *
 * @param database - Rows to be found, in memory or as a source of blocks; left as they are.
 * @returns The index, when all rows are in.
 * @throws RangeError if the shape does not fit, if a row holds NaN or an infinity (with `"cosine"` also a row of zeros),
 * if more memory could be needed than `memoryLimit`, or if the `engine` asked for is not there; the signal's reason if it
 * is aborted.
 *
 * @example
 * ```ts
 * import { createExactIndex } from "@lmk/index";
 *
 * const index = await createExactIndex({ data: Float32Array.of(1, 0, 0, 1, 1, 1), rows: 3, columns: 2 });
 * const found = await index.search({ data: Float32Array.of(2, 1), rows: 1, columns: 2 }, { k: 2 });
 * console.log([...found.ids], [...found.scores]); // => [ 2, 0 ] [ 3, 2 ]
 * index.dispose();
 * ```
 */
export async function createExactIndex(
  database: Embeddings | EmbeddingSource,
  options: ExactIndexOptions = {},
): Promise<ExactIndex> {
  const { metric = "dot", memoryLimit, signal } = options;
  const caller = "createExactIndex";
  const source = sourceOf(caller, "database", database);
  requireMetric(caller, metric);
  requireMemoryLimit(caller, memoryLimit);
  requireThreadOptions(caller, options);
  const { rows, columns } = source;
  const blockRows = blockRowsOf(columns);
  const cores = options.threads ?? (await countCores());
  const threads = Math.max(1, Math.min(cores, Math.ceil(rows / blockRows)));
  const numberBytes = "blocks" in database ? 4 : database.data.BYTES_PER_ELEMENT;
  const keptBytes = rows * (numberBytes * strideOf(columns) + 16);
  const requireMemoryFor = (asking: string, queries: number, k: number): void =>
    requireMemory(asking, memoryLimit, {
      lists: queries,
      queries,
      columns,
      k,
      blockRows,
      threads,
      keptBytes,
    });
  requireMemoryFor(caller, 1, 1);
  const steps = startSteps(options, rows);

  const engine = await chooseEngine(caller, options.engine, Infinity);
  const settings = { caller: "ExactIndex.search", rowsCaller: caller, metric, columns };
  const store = async (crew: Crew): Promise<ExactIndex> => {
    const shared = shareBlocks(caller, source, blockRows, !("blocks" in database));
    const stored = crew.threads.map(() => 0);
    try {
      await Promise.all(
        crew.threads.map((thread, i) =>
          feedBlocks(thread, "store", shared, (rowCount) => {
            stored[i]!++;
            steps.advance(rowCount);
          }),
        ),
      );
    } finally {
      shared.end();
    }
    steps.finish();
    return exactIndex(source, metric, crew, stored, blockRows, requireMemoryFor);
  };
  return runCrew(signal, () => startCrew(settings, threads, engine), store, true);
}

function ignore(): void {}

function exactIndex(
  { rows, columns }: EmbeddingSource,
  metric: Metric,
  crew: Crew,
  stored: readonly number[],
  blockRows: number,
  requireMemoryFor: (caller: string, queries: number, k: number) => void,
): ExactIndex {
  const caller = "ExactIndex.search";
  let last: Promise<unknown> = Promise.resolve();
  const search = async (
    queries: Embeddings,
    excluded: Int32Array | undefined,
    { k, signal }: ExactIndexSearchOptions,
  ): Promise<Neighbors> => {
    signal?.throwIfAborted();
    const floors = crew.shareFloors(queries.rows);
    await crew.requestAll({ kind: "begin", queries, k, excluded, floors });
    const operations = 2 * queries.rows * blockRows * columns;
    const step = Math.max(1, Math.floor(operationsPerRequest / operations));
    await Promise.all(
      crew.threads.map(async (thread, i) => {
        for (let first = 0; first < stored[i]!; first += step) {
          signal?.throwIfAborted();
          const end = Math.min(first + step, stored[i]!);
          await thread.request({ kind: "stored", first, end });
        }
      }),
    );
    return mergeFound(await crew.requestAll({ kind: "finish" }), queries.rows, k);
  };
  const dispose = (): void => {
    crew.close(new RangeError(`${caller}: expected the index to be open, got one that was disposed of`));
  };
  return {
    rows,
    columns,
    metric,
    search: async (queries, options) => {
      requireEmbeddings(caller, "queries", queries);
      requireSameColumns(caller, ["database", { columns }], ["queries", queries]);
      requirePositiveInteger(caller, "k", options.k);
      const excluded = excludedRows(caller, queries, rows, options.exclude)?.slice();
      requireMemoryFor(caller, queries.rows, options.k);
      options.signal?.throwIfAborted();
      // Copied now, since the caller may write to them while other searches go first.
      const shared = shareQueries(queries);
      // Its failure is looked at when its turn comes.
      shared.catch(() => undefined);
      const found = last.then(async () => search(await shared, excluded, options));
      last = found.then(ignore, ignore);
      return untilAborted(options.signal, found);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
