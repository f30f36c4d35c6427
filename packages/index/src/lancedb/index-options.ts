import type { Index } from "@lancedb/lancedb";
import type { Metric } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import type { LancePackages } from "./import-packages.ts";

/** Options of every kind of index. */
export interface LancePartitionOptions {
  /**
   * Groups that the rows are divided into by k-means; a search looks into `nprobes` of them. For the kinds with HNSW,
   * one graph is built per group, and few large groups are best.
   *
   * @defaultValue LanceDB's: by the number of rows
   */
  readonly numPartitions?: number;
  /**
   * Rounds of k-means, at most.
   *
   * @defaultValue LanceDB's: 50
   */
  readonly maxIterations?: number;
  /**
   * Rows per group that k-means learns from.
   *
   * @defaultValue LanceDB's: 256
   */
  readonly sampleRate?: number;
}

/** Options of product quantisation. */
export interface LanceProductQuantizationOptions {
  /**
   * Pieces that a row is cut into, each stored as one code; must divide the number of columns.
   *
   * @defaultValue LanceDB's: columns / 16 where that is whole, else columns / 8
   */
  readonly numSubVectors?: number;
}

/** Options of the graphs. */
export interface LanceGraphOptions {
  /**
   * Links of each row.
   *
   * @defaultValue LanceDB's: 20
   */
  readonly m?: number;
  /**
   * Candidates looked at while a row is linked.
   *
   * @defaultValue LanceDB's: 300
   */
  readonly efConstruction?: number;
}

/**
 * Which index is built, and how.
 *
 * - `"ivf-pq"`: groups of rows in codes of product quantisation: smallest, and built fastest.
 * - `"ivf-flat"`: groups of rows as they are: scores are those of the numbers, not estimates.
 * - `"ivf-hnsw-pq"`: groups with a graph each, over codes of product quantisation.
 * - `"ivf-hnsw-sq"`: groups with a graph each, over one byte per number.
 */
export type LanceIndexOptions =
  | ({ readonly kind: "ivf-flat" } & LancePartitionOptions)
  | ({
      readonly kind: "ivf-pq";
      /**
       * Bits of a code.
       *
       * @defaultValue LanceDB's: 8
       */
      readonly numBits?: 4 | 8;
    } & LancePartitionOptions &
      LanceProductQuantizationOptions)
  | ({ readonly kind: "ivf-hnsw-pq" } & LancePartitionOptions &
      LanceProductQuantizationOptions &
      LanceGraphOptions)
  | ({ readonly kind: "ivf-hnsw-sq" } & LancePartitionOptions & LanceGraphOptions);

/** The index that LanceDB is asked for. */
export function toLanceIndex(
  lancedb: LancePackages["lancedb"],
  options: LanceIndexOptions,
  metric: Metric,
  columns: number,
): Index {
  const { kind, ...settings } = options;
  for (const [name, value] of Object.entries(settings)) requirePositiveInteger("createIndex", name, value);
  if ("numSubVectors" in options && columns % options.numSubVectors! !== 0) {
    throw new RangeError(
      `createIndex: expected \`numSubVectors\` to divide ${columns}, the number of columns, got ${options.numSubVectors}`,
    );
  }
  if ("numBits" in options && options.numBits !== 4 && options.numBits !== 8) {
    throw new RangeError(`createIndex: expected \`numBits\` to be 4 or 8, got ${String(options.numBits)}`);
  }
  const full = { ...settings, distanceType: metric };
  switch (kind) {
    case "ivf-pq":
      return lancedb.Index.ivfPq(full);
    case "ivf-flat":
      return lancedb.Index.ivfFlat(full);
    case "ivf-hnsw-pq":
      return lancedb.Index.hnswPq(full);
    case "ivf-hnsw-sq":
      return lancedb.Index.hnswSq(full);
    default:
      throw new RangeError(
        `createIndex: expected \`kind\` to be "ivf-pq", "ivf-flat", "ivf-hnsw-pq" or "ivf-hnsw-sq", got ${JSON.stringify(kind)}`,
      );
  }
}
