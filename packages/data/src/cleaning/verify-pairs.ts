import { Int32List } from "../readers/int32-list.ts";
import { requireInteger, requireLength } from "../require.ts";
import type { Neighbors } from "./matrix.ts";
import {
  type SameLabelNeighbors,
  type SameLabelNeighborsOptions,
  sameLabelNeighbors,
} from "./same-label-neighbors.ts";
import type { VerifiedPairs } from "./verified-pairs.ts";

/**
 * Compares an image with others: gives for each of `neighborRows` the number of local features that agree, an integer of
 * at least 0.
 */
export type Verify = (row: number, neighborRows: Int32Array) => Int32Array | Promise<Int32Array>;

/** The nearest rows of some rows, among all rows. */
export type NeighborSource = (rows: Int32Array) => Neighbors | Promise<Neighbors>;

/** Options of {@link verifyPairs}. */
export interface VerifyPairsOptions extends SameLabelNeighborsOptions {
  /** The label of every row. */
  readonly labels: Int32Array;
  /** The neighbors of every row, or a function that finds those of a block of rows. */
  readonly neighbors: Neighbors | NeighborSource;
  /** Counts the local features that agree, such as what `affineVerifier` gives. */
  readonly verify: Verify;
  /**
   * Rows that `neighbors` is asked for at a time.
   *
   * @defaultValue 1024, whose 1000 neighbors are 8 MB
   */
  readonly blockSize?: number;
  /**
   * Rows that `verify` is called for at a time. More than one is of use where it works elsewhere, as in worker threads.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * Verifies a part of the rows: the `rank`-th of `size` runs of consecutive rows.
   *
   * @defaultValue all rows
   */
  readonly shard?: { readonly rank: number; readonly size: number };
  /** Stops with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told the rows that are done, and of how many. */
  readonly onProgress?: (done: number, rows: number) => void;
}

/**
 * Verifies each row against its nearest rows of the same label.
 *
 * The candidates of a row are those of {@link sameLabelNeighbors}. A pair is verified once from each side, as each row
 * has its own list: nothing is mirrored. Shards are joined by `mergeVerifiedPairs`.
 *
 * The result takes 12 bytes a pair, and up to 28 while it is made; where that is too much, verify in shards.
 *
 * @returns Every pair that was verified, also those with no inlier.
 * @throws RangeError as {@link sameLabelNeighbors}; if `blockSize`, `concurrency` or `shard.size` is not an integer of at
 * least 1, `shard.rank` is not below `shard.size`, a `Neighbors` has not a query for each row, or `verify` gives not one
 * number of at least 0 for each neighbor. What `neighbors`, `verify` or `signal` throw passes as it is.
 *
 * @example
 * ```ts
 * import { verifyPairs } from "@lmk/data";
 *
 * const neighbors = { ids: Int32Array.of(0, 1, 1, 0), scores: Float32Array.of(1, 0.5, 1, 0.5), rows: 2, k: 2 };
 * const verify = (row: number, others: Int32Array) => others.map(() => 40 + row);
 * const pairs = await verifyPairs({ labels: Int32Array.of(3, 3), neighbors, verify });
 * console.log([...pairs.rows], [...pairs.neighbors], [...pairs.inliers]); // => [ 0, 1 ] [ 1, 0 ] [ 40, 41 ]
 * ```
 */
export async function verifyPairs(options: VerifyPairsOptions): Promise<VerifiedPairs> {
  const { labels, neighbors, blockSize = 1024, concurrency = 1, signal, onProgress } = options;
  requireInteger("verifyPairs", "blockSize", blockSize, 1);
  requireInteger("verifyPairs", "concurrency", concurrency, 1);
  const { first, end } = rangeOf(labels.length, options.shard ?? { rank: 0, size: 1 });
  const source = typeof neighbors === "function" ? neighbors : blocksOf(neighbors, labels.length);
  const pairs = { rows: new Int32List(), neighbors: new Int32List(), inliers: new Int32List() };
  let done = 0;
  for (let start = first; start < end; start += blockSize) {
    signal?.throwIfAborted();
    const length = Math.min(blockSize, end - start);
    const rows = Int32Array.from({ length }, (_, i) => start + i);
    const candidates = sameLabelNeighbors(rows, await source(rows), labels, options);
    const inliers = await verifyBlock(candidates, options, concurrency, () => {
      done += 1;
      onProgress?.(done, end - first);
    });
    for (let i = 0; i < length; i++) {
      for (let pair = candidates.starts[i]; pair < candidates.starts[i + 1]; pair++) {
        pairs.rows.push(rows[i]);
        pairs.neighbors.push(candidates.neighbors[pair]);
        pairs.inliers.push(inliers[pair]);
      }
    }
  }
  signal?.throwIfAborted();
  return {
    rows: pairs.rows.takeArray(),
    neighbors: pairs.neighbors.takeArray(),
    inliers: pairs.inliers.takeArray(),
  };
}

async function verifyBlock(
  { rows, starts, neighbors }: SameLabelNeighbors,
  { verify, signal }: VerifyPairsOptions,
  concurrency: number,
  onRow: () => void,
): Promise<Int32Array> {
  const inliers = new Int32Array(neighbors.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < rows.length) {
      const i = next;
      next += 1;
      const others = neighbors.slice(starts[i], starts[i + 1]);
      if (others.length > 0) {
        signal?.throwIfAborted();
        inliers.set(requireCounts(await verify(rows[i], others), others.length), starts[i]);
      }
      onRow();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, rows.length) }, work));
  } finally {
    next = rows.length;
  }
  return inliers;
}

function requireCounts(counts: Int32Array, expected: number): Int32Array {
  requireLength("verifyPairs", "verify's result", counts.length, expected);
  for (const count of counts) requireInteger("verifyPairs", "verify's result", count, 0);
  return counts;
}

/** Neighbors of all rows, block by block. */
function blocksOf(neighbors: Neighbors, rowCount: number): NeighborSource {
  if (neighbors.rows !== rowCount) {
    throw new RangeError(
      `verifyPairs: expected \`neighbors\` to have ${rowCount} rows, got ${neighbors.rows}`,
    );
  }
  const { k } = neighbors;
  return (rows) => {
    const [first, end] = [rows[0] * k, (rows[0] + rows.length) * k];
    const ids = neighbors.ids.subarray(first, end);
    return { ids, scores: neighbors.scores.subarray(first, end), rows: rows.length, k };
  };
}

function rangeOf(
  rowCount: number,
  { rank, size }: { readonly rank: number; readonly size: number },
): { first: number; end: number } {
  requireInteger("verifyPairs", "shard.size", size, 1);
  requireInteger("verifyPairs", "shard.rank", rank, 0, size - 1);
  return {
    first: Math.floor((rowCount * rank) / size),
    end: Math.floor((rowCount * (rank + 1)) / size),
  };
}
