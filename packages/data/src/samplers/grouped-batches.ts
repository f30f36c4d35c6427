import { createRandom, shuffleInPlace } from "../random.ts";
import { type EpochOptions, requireEpoch, shareOf } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";

/** Options of {@link groupedBatches}. */
export interface GroupedBatchesOptions extends EpochOptions {
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
  const { shuffle = true, dropUneven = shuffle } = options;
  const { batchSize, seed, epoch, shard } = requireEpoch("groupedBatches", options);
  if (shard.size > 1 && !dropUneven)
    throw new RangeError("groupedBatches: expected `dropUneven` with several ranks, got false");

  const order = groups.map((_, row) => row).filter((row) => groups[row] >= 0);
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
    .map((batch) => ({ group: batch.group, rows: shareOf(batch.rows, shard) }));
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
