import { createRandom, shuffleInPlace } from "../random.ts";
import { requireInteger } from "../require.ts";

/** Images that go through the network together: all of one group, so all of one size. */
export interface ImageBatch {
  /** The group, a position in the sizes of a template. */
  readonly group: number;
  /** Rows of the images. */
  readonly rows: Int32Array;
}

/** Options of {@link groupedBatches}. */
export interface GroupedBatchesOptions {
  /**
   * Images per batch, those of all ranks together.
   *
   * @defaultValue 32, as in the 2019 solution
   */
  readonly batchSize?: number;
  /**
   * `true` takes the rows in a random order, for training; `false` in their own, for features.
   *
   * @defaultValue true
   */
  readonly shuffle?: boolean;
  /**
   * Leaves out the batches, at most one a group, that are not full.
   *
   * @defaultValue the value of `shuffle`, as in the 2019 solution: true in training, false otherwise
   */
  readonly dropUneven?: boolean;
  /**
   * With `epoch` chooses the order.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /**
   * Which pass over the data this is, from 0.
   *
   * @defaultValue 0
   */
  readonly epoch?: number;
  /**
   * Which of the processes that train together this one is: it gets the part of each batch that is its own, and all of
   * them together get what one process alone would. `batchSize` is a multiple of `size`.
   *
   * @defaultValue `{ rank: 0, size: 1 }`
   */
  readonly shard?: { readonly rank: number; readonly size: number };
}

/**
 * Batches of images of one group each, for one pass over the data: the rows in the sampled order are put
 * into batches group by group, and the batches come in the order of their first rows.
 *
 * The result depends on the arguments alone, so a run that stopped after `n` batches goes on with
 * `groupedBatches(…).slice(n)`. The number of batches is the same in every epoch. A row whose group is
 * negative, such as one of an unreadable image, is in no batch.
 *
 * @param groups - The group of each row; negative to leave the row out.
 * @returns The batches of the epoch. Their rows are views of one array.
 * @throws RangeError if `batchSize` is not an integer of at least 1, or `seed` or `epoch` of at least 0; if `shard.rank`
 * is not below `shard.size`, `batchSize` is not a multiple of that, or there are several ranks and uneven batches.
 *
 * @example
 * ```ts
 * import { groupedBatches } from "@lmk/data";
 *
 * const batches = groupedBatches(Int32Array.of(0, 1, 0, 1, 0), { batchSize: 2, shuffle: false });
 * console.log(batches.map(({ rows }) => [...rows])); // => [ [ 0, 2 ], [ 1, 3 ], [ 4 ] ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function groupedBatches(
  groups: Int32Array,
  options: GroupedBatchesOptions = {},
): readonly ImageBatch[] {
  const { batchSize = 32, shuffle = true, dropUneven = shuffle, seed = 0, epoch = 0 } = options;
  requireInteger("groupedBatches", "batchSize", batchSize, 1);
  requireInteger("groupedBatches", "seed", seed, 0);
  requireInteger("groupedBatches", "epoch", epoch, 0);
  const { rank, size } = requireShard(options.shard ?? { rank: 0, size: 1 }, batchSize, dropUneven);

  const order = Int32Array.from(groups.keys()).filter((row) => groups[row] >= 0);
  if (shuffle) shuffleInPlace(order, createRandom(seed, epoch));
  const sizes = batchSizes(groups, order, batchSize);
  const rows = new Int32Array(order.length);
  const batches: { readonly group: number; readonly rows: Int32Array; filled: number }[] = [];
  const open = new Map<number, (typeof batches)[number]>();
  let used = 0;
  for (const row of order) {
    const group = groups[row];
    let batch = open.get(group);
    if (batch === undefined) {
      const size = sizes.next(group);
      batch = { group, rows: rows.subarray(used, used + size), filled: 0 };
      used += size;
      open.set(group, batch);
      batches.push(batch);
    }
    batch.rows[batch.filled] = row;
    batch.filled += 1;
    if (batch.filled === batch.rows.length) open.delete(group);
  }
  return batches
    .filter((batch) => !dropUneven || batch.rows.length === batchSize)
    .map(({ group, rows: batchRows }) => {
      const share = batchRows.length / size;
      return { group, rows: batchRows.subarray(rank * share, (rank + 1) * share) };
    });
}

/** Refuses shards that would get parts of different lengths. */
function requireShard(
  shard: { readonly rank: number; readonly size: number },
  batchSize: number,
  dropUneven: boolean,
): { readonly rank: number; readonly size: number } {
  const { rank, size } = shard;
  requireInteger("groupedBatches", "shard.size", size, 1);
  requireInteger("groupedBatches", "shard.rank", rank, 0);
  if (rank >= size)
    throw new RangeError(`groupedBatches: expected \`shard.rank\` to be below ${size}, got ${rank}`);
  if (batchSize % size !== 0) {
    throw new RangeError(
      `groupedBatches: expected \`batchSize\` to be a multiple of ${size}, the number of ranks, got ${batchSize}`,
    );
  }
  if (size > 1 && !dropUneven)
    throw new RangeError("groupedBatches: expected `dropUneven` with several ranks, got false");
  return shard;
}

/** How long the next batch of a group is: full, but for the group's last one. */
function batchSizes(
  groups: Int32Array,
  order: Int32Array,
  batchSize: number,
): { next(group: number): number } {
  const left = new Map<number, number>();
  for (const row of order) left.set(groups[row], (left.get(groups[row]) ?? 0) + 1);
  return {
    next(group) {
      const rest = left.get(group) ?? 0;
      const size = Math.min(batchSize, rest);
      left.set(group, rest - size);
      return size;
    },
  };
}
