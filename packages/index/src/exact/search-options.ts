import type { Embeddings, Metric, RunOptions } from "../matrix.ts";
import { requireMetric, requirePositiveInteger } from "../require.ts";
import type { EngineName } from "./messages.ts";

/** Options of {@link exactSearch}. */
export interface ExactSearchOptions {
  /** Neighbors per query, 1 or more. More than the database has rows is fine: the rest is -1 and -Infinity. */
  readonly k: number;
  /**
   * How likeness is scored.
   *
   * @defaultValue "dot", which is the cosine for rows of length 1
   */
  readonly metric?: Metric;
  /**
   * One database row per query that must not be found, -1 for none; or `"self"` where query `i` is database
   * row `i`, as in a neighbor graph of the database itself.
   *
   * @defaultValue nothing is left out
   */
  readonly exclude?: "self" | Int32Array;
  /**
   * Bytes that the call may take beside its arguments. It refuses before it allocates if it could need more.
   *
   * @defaultValue no limit
   */
  readonly memoryLimit?: number;
}

/** What multiplies. All give the same lists, bit for bit. */
export type ExactEngine = EngineName;

/** Where exact searches run that do not block the calling thread. */
export interface ThreadOptions {
  /**
   * Threads that search.
   *
   * @defaultValue the number of cores; never more than there are blocks of rows to compare
   */
  readonly threads?: number;
  /**
   * What multiplies: the optional package `onnxruntime-node`, the WASM kernels of this package, or plain JavaScript.
   *
   * @defaultValue `"onnxruntime"` if it is installed and the search is so large that loading it pays (20 GFLOP), else
   * `"wasm"`; `"javascript"` where there is no WebAssembly with vectors
   */
  readonly engine?: ExactEngine;
}

/** Options of {@link exactSearchAsync}. */
export interface ExactSearchAsyncOptions extends ExactSearchOptions, ThreadOptions, RunOptions {}

/** Options of {@link knnGraph}. */
export interface KnnGraphOptions extends Omit<ExactSearchOptions, "exclude"> {}

/** Options of {@link knnGraphAsync}. */
export interface KnnGraphAsyncOptions extends KnnGraphOptions, ThreadOptions, RunOptions {}

export function requireThreadOptions(caller: string, { threads, engine }: ThreadOptions): void {
  if (threads !== undefined) requirePositiveInteger(caller, "threads", threads);
  if (engine !== undefined && !["onnxruntime", "wasm", "javascript"].includes(engine)) {
    throw new RangeError(
      `${caller}: expected \`engine\` to be "onnxruntime", "wasm" or "javascript", got ${JSON.stringify(engine)}`,
    );
  }
}

export function requireSearchOptions(
  caller: string,
  { k, metric = "dot", memoryLimit }: KnnGraphOptions,
): void {
  requirePositiveInteger(caller, "k", k);
  requireMetric(caller, metric);
  requireMemoryLimit(caller, memoryLimit);
}

export function requireMemoryLimit(caller: string, memoryLimit: number | undefined): void {
  if (memoryLimit !== undefined && !(memoryLimit >= 0)) {
    throw new RangeError(`${caller}: expected \`memoryLimit\` to be a number of bytes, got ${memoryLimit}`);
  }
}

/** The row that each query must not find, as one array. `database` is what the caller calls the rows searched. */
export function excludedRows(
  caller: string,
  queries: Embeddings,
  databaseRows: number,
  exclude: "self" | Int32Array | undefined,
  database = "database",
): Int32Array | undefined {
  if (exclude === undefined) return undefined;
  if (exclude === "self") {
    if (queries.rows === databaseRows) return new Int32Array(databaseRows).map((_, row) => row);
    throw new RangeError(
      `${caller}: expected \`queries\` to have ${databaseRows} rows like \`${database}\` when \`exclude\` is "self", got ${queries.rows}`,
    );
  }
  if (!(exclude instanceof Int32Array) || exclude.length !== queries.rows) {
    const got = exclude instanceof Int32Array ? `${exclude.length} of them` : JSON.stringify(exclude);
    throw new RangeError(
      `${caller}: expected \`exclude\` to be "self" or an Int32Array with one row number for each of ${queries.rows} queries, got ${got}`,
    );
  }
  return exclude;
}
