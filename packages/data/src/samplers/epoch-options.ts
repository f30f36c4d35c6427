import { requireInteger } from "../require.ts";

/** Which of the processes that train together this one is. */
export interface Shard {
  /** From 0 to `size - 1`. */
  readonly rank: number;
  /** The number of processes. */
  readonly size: number;
}

/** What all samplers take. */
export interface EpochOptions {
  /**
   * Images per batch, those of all ranks together.
   *
   * @defaultValue 32, as in the 2019 solution
   */
  readonly batchSize?: number;
  /**
   * With `epoch` chooses the images and their order.
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
  readonly shard?: Shard;
}

/** Checks what all samplers take and fills in the defaults. */
export function requireEpoch(caller: string, options: EpochOptions): Required<EpochOptions> {
  const { batchSize = 32 } = options;
  requireInteger(caller, "batchSize", batchSize, 1);
  const { seed, epoch, shard } = requireDraw(caller, options);
  if (batchSize % shard.size !== 0) {
    throw new RangeError(
      `${caller}: expected \`batchSize\` to be a multiple of ${shard.size}, the number of ranks, got ${batchSize}`,
    );
  }
  return { batchSize, seed, epoch, shard };
}

/** As {@link requireEpoch}, without the size of a batch. */
export function requireDraw(
  caller: string,
  options: Omit<EpochOptions, "batchSize">,
): Required<Omit<EpochOptions, "batchSize">> {
  const { seed = 0, epoch = 0, shard = { rank: 0, size: 1 } } = options;
  requireInteger(caller, "seed", seed, 0);
  requireInteger(caller, "epoch", epoch, 0);
  requireInteger(caller, "shard.size", shard.size, 1);
  requireInteger(caller, "shard.rank", shard.rank, 0);
  if (shard.rank >= shard.size)
    throw new RangeError(`${caller}: expected \`shard.rank\` to be below ${shard.size}, got ${shard.rank}`);
  return { seed, epoch, shard };
}

/** The part of an array that a rank gets of a batch. */
export function shareOf(values: Int32Array, { rank, size }: Shard): Int32Array {
  const share = values.length / size;
  return values.subarray(rank * share, (rank + 1) * share);
}
