import { createRandom, shuffleInPlace } from "../random.ts";
import { requireOneOf } from "../require.ts";
import { cutBatches } from "./cut-batches.ts";
import { type EpochOptions, requireEpoch } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";

/** Options of {@link shuffledBatches}. */
export interface ShuffledBatchesOptions extends EpochOptions {
  /**
   * `true` takes the rows in a random order, for training; `false` as they are given, for features.
   *
   * @defaultValue true
   */
  readonly shuffle?: boolean;
  /**
   * What becomes of the rows after the last full batch: `"drop"` leaves them out; `"keep"` gives a short batch, for one rank
   * only; `"repeat"` fills it up with rows from the epoch's start, where PyTorch's `DistributedSampler` takes those that
   * make its ranks equal.
   *
   * @defaultValue "drop" with `shuffle`, else "keep"
   */
  readonly last?: "drop" | "keep" | "repeat";
}

/**
 * Batches of one pass over the rows: each row once, in a random order.
 *
 * The result depends on the arguments alone, so a run that stopped after `n` batches goes on with
 * `shuffledBatches(…).slice(n)`.
 *
 * @param rows - The rows, in the order that `shuffle: false` keeps; each once.
 * @returns The batches of the epoch, all of group 0.
 * @throws RangeError if a number of the options is out of range, `last` is none of the three, or it is `"keep"` with several
 * ranks.
 *
 * @example
 * ```ts
 * import { shuffledBatches } from "@lmk/data";
 *
 * const batches = shuffledBatches(Int32Array.of(0, 1, 2, 3, 4), { batchSize: 2, shuffle: false });
 * console.log(batches.map(({ rows }) => [...rows])); // => [ [ 0, 1 ], [ 2, 3 ], [ 4 ] ]
 * ```
 */
export function shuffledBatches(
  rows: Int32Array,
  options: ShuffledBatchesOptions = {},
): readonly ImageBatch[] {
  const { shuffle = true, last = shuffle ? "drop" : "keep" } = options;
  const { batchSize, seed, epoch, shard } = requireEpoch("shuffledBatches", options);
  requireOneOf("shuffledBatches", "last", last, ["drop", "keep", "repeat"]);
  if (last === "keep" && shard.size > 1)
    throw new RangeError(
      "shuffledBatches: expected `last` to be drop or repeat with several ranks, got keep, the default without `shuffle`",
    );

  const order = rows.slice();
  if (shuffle) shuffleInPlace(order, createRandom(seed, epoch));
  const rest = order.length % batchSize;
  if (rest === 0 || last === "drop") return cutBatches(order, batchSize, shard);
  if (last === "keep") {
    return [...cutBatches(order, batchSize, shard), { group: 0, rows: order.subarray(order.length - rest) }];
  }
  const length = order.length + batchSize - rest;
  return cutBatches(
    Int32Array.from({ length }, (_, place) => order[place % order.length]),
    batchSize,
    shard,
  );
}
