import type { Embeddings, Metric, Neighbors, RunOptions } from "../matrix.ts";
import type { HnswFilter } from "./filter.ts";
import type { HnswRescore } from "./rescore.ts";
import type { HnswDtype, HnswLibrary } from "./settings.ts";

/** Options of {@link HnswIndex.add}. */
export interface HnswAddOptions extends RunOptions {
  /**
   * An id for each row, from 0 to 2147483646, none of them in the index; ids of removed rows can be given again. A byte
   * is kept for every id up to the largest, so they should be close to one another.
   *
   * @defaultValue the numbers from the largest id there ever was, plus 1
   */
  readonly ids?: Int32Array;
}

/** Options of {@link HnswIndex.search}. */
export interface HnswSearchOptions extends RunOptions {
  /** Neighbors per query, 1 or more. */
  readonly k: number;
  /**
   * Candidates kept while searching, 1 or more; fewer than `k` are `k`. More find more, slower.
   *
   * @defaultValue the `ef` that the index was made with
   */
  readonly ef?: number;
  /**
   * Which ids may be found. As many as are allowed are found, up to `k`: see {@link HnswIndex.search}.
   *
   * @defaultValue all may be found
   */
  readonly filter?: HnswFilter;
  /**
   * Asks the graph for more neighbors than `k`, scores them again from the rows that are given, in double precision, and
   * keeps the best: with dtype `"float16"` and `"int8"` this gives back most of what rounding has cost.
   *
   * @defaultValue scores are those of the graph
   */
  readonly rescore?: HnswRescore;
}

/** Options of {@link HnswIndex.compact}. */
export interface HnswCompactOptions extends RunOptions {
  /**
   * The rows, that of id `i` in row `i`; those of ids that are not in the index may hold anything. usearch needs them,
   * since it does not give rows back.
   *
   * @defaultValue with hnswlib, those in the graph
   */
  readonly vectors?: Embeddings;
}

/**
 * An approximate index: a navigable small world graph over rows that are added to it. The graph lives in a thread of its
 * own, so no call holds up the calling thread for longer than some milliseconds.
 *
 * Changes wait for one another in the order they were called; searches do not wait for them, and see the rows that are in
 * by then. Rows are taken in any precision; what the graph keeps is up to its `dtype`. Matrices that are given must not be changed until the call has settled.
 */
export interface HnswIndex {
  /** The library. */
  readonly library: HnswLibrary;
  /** Columns of every matrix. */
  readonly dimension: number;
  /** How likeness is scored. */
  readonly metric: Metric;
  /** How numbers are kept. */
  readonly dtype: HnswDtype;
  /** Rows in the index now; removed ones do not count. */
  readonly rows: number;
  /**
   * Links rows into the graph. All are checked before the first is linked.
   *
   * When the signal ends it early, the rows that were linked by then stay in, those of the first ids; at most 512 more
   * follow while the call is ended. `rows` counts them, and the index is as usable as before.
   *
   * @param matrix - Rows to add.
   * @returns Settled when all rows are in.
   * @throws RangeError if the shape does not fit, an id is taken, or a row holds NaN or an infinity, is a row of zeros
   * (`"cosine"`) or is 2^62 long or longer (`"dot"` and `"l2"`); with `"float16"` also if a number exceeds 65504.
   */
  add(matrix: Embeddings, options?: HnswAddOptions): Promise<void>;
  /**
   * Removes rows: they are not found any more, and their ids are free. Their memory is not: hnswlib keeps it for rows
   * that get the same ids, usearch for any rows, until {@link HnswIndex.compact}.
   *
   * @param ids - Ids in the index, each once.
   * @returns Settled when they are out.
   * @throws RangeError if an id is not in the index, or given twice; nothing is removed then.
   */
  remove(ids: Int32Array): Promise<void>;
  /**
   * Finds neighbors of each query. The result is approximate: it may miss some, but invents none. Scores are right to
   * about 1e-6 of the largest product involved with `"float32"`, to 1e-3 with `"float16"` and to 2e-2 with `"int8"`;
   * with `rescore` they are those of {@link exactSearch}, bit for bit.
   *
   * `min(k, rows)` neighbors are found, or as many as a filter allows. hnswlib keeps that promise always: where its graph
   * does not lead to enough rows, or the allowed ones are few, all of them are compared. usearch cannot compare: it is
   * asked for more and more neighbors, up to all rows, which takes long where few are allowed; and it misses rows that
   * no links lead to: some of hundreds of equal rows, some of a hundred with `"dot"` where lengths differ. With `rescore`
   * it keeps the promise too.
   *
   * @param queries - One query per row.
   * @returns As {@link exactSearch} does: highest score first, of equal scores the smaller id; -1 and -Infinity where
   * there are fewer.
   * @throws RangeError if shapes or options do not fit, a query is one that {@link HnswIndex.add} refuses, or a row of
   * `rescore.vectors` that is compared holds NaN or an infinity or (`"cosine"`) is a row of zeros.
   */
  search(queries: Embeddings, options: HnswSearchOptions): Promise<Neighbors>;
  /**
   * Builds the graph anew from the rows that are in the index, and so frees the memory of removed ones. Ids stay.
   * Searches go on in the old graph; ended early, the index keeps it.
   *
   * @returns Settled when the new graph has taken the place of the old one.
   * @throws RangeError if `vectors` is needed and not given, or does not fit.
   */
  compact(options?: HnswCompactOptions): Promise<void>;
  /**
   * Writes the index: a small JSON file at `path` that names and describes a second file beside it, which holds the
   * graph. `path` appears, or is replaced, when both are complete; the graph that it named before is removed then.
   *
   * To copy or move an index, take both files into one folder while nothing is saved to `path`. The JSON file may get
   * another name, the graph may not. In one folder no two JSON files may name one graph: a save to the first removes the
   * graph of the second.
   *
   * @param path - The JSON file; its folder must exist.
   * @returns Settled when both are in place.
   */
  save(path: string): Promise<void>;
  /**
   * Ends the thread and frees the graph. Calls that have not settled reject, as do all later ones.
   *
   * @returns Settled when the memory is free: a part that the thread is at is finished first.
   */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
