import { createRandom, shuffleInPlace } from "../random.ts";
import { requireBetween, requireInteger } from "../require.ts";
import { cutBatches } from "./cut-batches.ts";
import { type EpochOptions, requireEpoch } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";
import { rowsByClass } from "./rows-by-class.ts";

/** Options of {@link classBalancedBatches}. */
export interface ClassBalancedBatchesOptions extends EpochOptions {
  /**
   * How much the number of a class's images counts, from 0 (all classes alike) over 0.5 (square-root sampling) to 1 (all
   * images alike).
   *
   * @defaultValue 0
   */
  readonly power?: number;
  /**
   * Images of the epoch; those after the last full batch are left out.
   *
   * @defaultValue as many as there are rows
   */
  readonly length?: number;
}

/**
 * Batches in which rare classes come as often as frequent ones.
 *
 * Each image is drawn by its class first, with replacement, and then within the class in rounds, each round all of its
 * images in a new random order:
 *
 * ```text
 * P(class j) = n_j^power / sum_i n_i^power
 * ```
 *
 * @param labels - The class of each row, any integers; negative ones leave the row out.
 * @returns The batches of the epoch, all of group 0; `copies` tells the draws of one image apart.
 * @throws RangeError if an option is out of range, or no label is 0 or more.
 *
 * @example
 * ```ts
 * import { classBalancedBatches } from "@lmk/data";
 *
 * const labels = new Int32Array(1000);
 * labels[999] = 1;
 * const batches = classBalancedBatches(labels, { batchSize: 100, seed: 1 });
 * const rare = batches.flatMap(({ rows }) => [...rows]).filter((row) => row === 999);
 * console.log(rare.length > 450 && rare.length < 550); // => true
 * ```
 *
 * @see {@link https://arxiv.org/abs/1910.09217 | Kang et al. 2020, Decoupling Representation and Classifier}
 */
export function classBalancedBatches(
  labels: Int32Array,
  options: ClassBalancedBatchesOptions = {},
): readonly ImageBatch[] {
  const { power = 0, length = labels.length } = options;
  const { batchSize, seed, epoch, shard } = requireEpoch("classBalancedBatches", options);
  requireBetween("classBalancedBatches", "power", power, 0, 1);
  requireInteger("classBalancedBatches", "length", length, 0);
  const { classes, rows } = rowsByClass(labels);
  if (classes.length === 0)
    throw new RangeError("classBalancedBatches: expected `labels` with a class of at least 0, got none");

  const random = createRandom(seed, epoch);
  const upTo = runningSum(rows.map((list) => list.length ** power));
  const rounds = rows.map((list) => ({ order: list.slice(), next: list.length }));
  const sequence = new Int32Array(length);
  for (let place = 0; place < length; place++) {
    const round = rounds[firstAbove(upTo, random() * upTo[upTo.length - 1])];
    if (round.next === round.order.length) {
      shuffleInPlace(round.order, random);
      round.next = 0;
    }
    sequence[place] = round.order[round.next];
    round.next += 1;
  }
  return cutBatches(sequence, batchSize, shard);
}

function runningSum(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (const [i, value] of values.entries()) {
    sum += value;
    sums[i] = sum;
  }
  return sums;
}

/** The first place whose sum is above the value, which is below the last sum. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
