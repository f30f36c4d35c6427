import { requirePositiveInteger } from "../require.ts";
import type { RowRange } from "../row-range.ts";

/** One of `count` shares of a database. */
export interface Shard {
  /** Which one, from 0 to `count - 1`. */
  readonly index: number;
  /** How many there are, 1 or more. */
  readonly count: number;
}

/**
 * The rows of one shard: consecutive ones, and of any two shards as many but for one.
 *
 * ```text
 * first = floor(rows * index / count)     end = floor(rows * (index + 1) / count)
 * ```
 *
 * @param rows - Rows of the whole database; where there are fewer than shards, some shards are empty.
 * @returns The range; those of shard 0 to `count - 1` follow one another and cover all rows.
 * @throws RangeError if `rows` is not a count, `count` is not a positive integer, or `index` is not below it.
 *
 * @example
 * ```ts
 * import { shardRange } from "@lmk/index/shards";
 *
 * console.log(shardRange(10, { index: 0, count: 4 })); // => { first: 0, end: 2 }
 * console.log(shardRange(10, { index: 1, count: 4 })); // => { first: 2, end: 5 }
 * ```
 */
export function shardRange(rows: number, shard: Shard): RowRange {
  return rangeOfShard("shardRange", rows, shard);
}

/** {@link shardRange} in the name of another caller. */
export function rangeOfShard(caller: string, rows: number, { index, count }: Shard): RowRange {
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw new RangeError(`${caller}: expected \`rows\` to be a count, got ${rows}`);
  }
  requirePositiveInteger(caller, "shard.count", count);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(
      `${caller}: expected \`shard.index\` to be an integer from 0 to ${count - 1}, got ${index}`,
    );
  }
  return { first: shareOf(rows, index, count), end: shareOf(rows, index + 1, count) };
}

/** floor(rows * index / count) without a product that could be inexact. */
function shareOf(rows: number, index: number, count: number): number {
  const rest = rows % count;
  return ((rows - rest) / count) * index + Math.floor((rest * index) / count);
}
