import { createRandom, shuffleInPlace } from "../random.ts";
import { requireInteger } from "../require.ts";
import { type EpochOptions, requireEpoch, shareOf } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";

/** Options of {@link repeatedBatches}. */
export interface RepeatedBatchesOptions extends EpochOptions {
  /**
   * Images per batch, copies included, those of all ranks together; a multiple of `repeats`.
   *
   * @defaultValue `32 * repeats`
   */
  readonly batchSize?: number;
  /**
   * How often each image comes in a batch.
   *
   * @defaultValue 3, as DeiT and timm
   */
  readonly repeats?: number;
  /**
   * Different images of the epoch; those after the last full batch are left out.
   *
   * @defaultValue `floor(rows / repeats)`, as DeiT and timm: an epoch costs as much as one without repeats
   */
  readonly images?: number;
}

/**
 * Batches with several copies of each image, each augmented in its own way (repeated augmentation).
 *
 * A batch holds `batchSize / repeats` images, first one copy of each, then the next of each, so that ranks share the copies
 * of an image.
 *
 * @param rows - The rows, each once.
 * @returns The batches of the epoch, all of group 0; `copies` counts from 0 to `repeats - 1`.
 * @throws RangeError if an option is out of range, or `batchSize` is not a multiple of `repeats`.
 *
 * @example
 * ```ts
 * import { repeatedBatches } from "@lmk/data";
 *
 * const [batch] = repeatedBatches(Int32Array.of(5, 6, 7, 8), { batchSize: 4, repeats: 2, seed: 1 });
 * console.log(batch.rows[0] === batch.rows[2], batch.copies); // => true Int32Array(4) [ 0, 0, 1, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1901.09335 | Hoffer et al. 2019, Augment your batch}
 */
export function repeatedBatches(
  rows: Int32Array,
  options: RepeatedBatchesOptions = {},
): readonly ImageBatch[] {
  const caller = "repeatedBatches";
  const { repeats = 3 } = options;
  requireInteger(caller, "repeats", repeats, 1);
  const { batchSize: wanted = 32 * repeats } = options;
  const { batchSize, seed, epoch, shard } = requireEpoch(caller, { ...options, batchSize: wanted });
  if (batchSize % repeats !== 0) {
    throw new RangeError(
      `${caller}: expected \`batchSize\` to be a multiple of ${repeats}, the repeats, got ${batchSize}`,
    );
  }
  const { images = Math.floor(rows.length / repeats) } = options;
  requireInteger(caller, "images", images, 0, rows.length);

  const order = rows.slice();
  shuffleInPlace(order, createRandom(seed, epoch));
  const distinct = batchSize / repeats;
  const copies = Int32Array.from({ length: batchSize }, (_, place) => Math.floor(place / distinct));
  return Array.from({ length: Math.floor(images / distinct) }, (_, batch) => {
    const repeated = copies.map((_, place) => order[batch * distinct + (place % distinct)]);
    return { group: 0, rows: shareOf(repeated, shard), copies: shareOf(copies, shard) };
  });
}
