import type { Metric } from "../matrix.ts";

/** Options of `createHnswIndex`. */
export interface HnswIndexOptions {
  /** Columns of every matrix that is added or searched for, 1 or more. */
  readonly dimension: number;
  /**
   * How likeness is scored.
   *
   * @defaultValue "cosine"
   */
  readonly metric?: Metric;
  /**
   * Links of a row on the upper layers of the graph, 2 or more; the lowest layer has twice as many. More links find
   * more and take more memory: a row takes about `4 * dimension + 8 * m + 20` bytes.
   *
   * @defaultValue 16, as in hnswlib
   */
  readonly m?: number;
  /**
   * Candidates kept while a row is linked, 1 or more. More make a better graph, slower.
   *
   * @defaultValue 200, as in hnswlib
   */
  readonly efConstruction?: number;
  /**
   * Seed of the layers that rows are drawn into, a whole number below 2³². The same rows added in the same order under
   * the same seed make the same graph.
   *
   * @defaultValue 100, as in hnswlib
   */
  readonly seed?: number;
}

/** What an index is made with, all of it decided. */
export type HnswSettings = Readonly<Required<HnswIndexOptions>>;
