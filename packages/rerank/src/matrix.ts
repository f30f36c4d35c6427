import type { ThreadPool } from "./threads/thread-pool.ts";

/** A row-major matrix: row `i` is `data.subarray(i * columns, (i + 1) * columns)`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** For each query (row) its `k` best database rows, best first; -1 and -Infinity where fewer exist. */
export interface Neighbors {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/** How far a call is: it goes through stages, each with work of its own. */
export interface Progress {
  /** What is under way. */
  readonly stage: string;
  /** Rows of the stage that are done. */
  readonly done: number;
  /** Rows of the stage. */
  readonly total: number;
}

/** Options of everything that ends in `Async`. */
export interface RunOptions {
  /** Ends the call early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of progress, at most 20 times a second and at the end of each stage. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Worker threads: how many the call starts for itself, or a pool that stays. 0 works on the calling thread, which
   * turns to other work about every 25 ms. The result is the same, bit for bit.
   *
   * Threads are given copies, which take the memory of the arguments again and, for a large database, the time of copying
   * it in each call. Arrays on a `SharedArrayBuffer` are not copied: `new Float32Array(new SharedArrayBuffer(bytes))`.
   *
   * @defaultValue as many as there are cores, but at most 8; 0 where threads cannot be started
   */
  readonly threads?: number | ThreadPool;
}
