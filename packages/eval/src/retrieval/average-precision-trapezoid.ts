/**
 * Average precision as the area under the precision-recall curve, by the trapezoid rule of the Oxford and Paris
 * buildings benchmarks.
 *
 * ```text
 * AP = 1 / n * sum over j of  (p0_j + p1_j) / 2,   p1_j = (j + 1) / (r_j + 1),   p0_j = j / r_j, or 1 where r_j = 0
 * ```
 *
 * with `r_j` the rank of the `j`-th relevant result, both counted from 0, and `n` all relevant items. This is not
 * the rule of {@link meanAveragePrecision}: relevant items at ranks 0, 2 and 5 out of 3 have 0.678 here, 0.722 there.
 *
 * Junk is for the caller to remove: take it out of the list before counting ranks.
 *
 * @param positions - Ranks of the relevant results, counted from 0, ascending.
 * @param total - Number of relevant items, found or not; at least `positions.length`.
 * @returns From 0 to 1; NaN if `total` is 0.
 * @throws RangeError if `total` is less than the number of positions, or positions are not ascending whole numbers.
 *
 * @example
 * ```ts
 * import { averagePrecisionTrapezoid } from "@lmk/eval";
 *
 * console.log(averagePrecisionTrapezoid([0, 2, 5], 3)); // => 0.6777777777777777
 * ```
 *
 * @see {@link https://arxiv.org/abs/1803.11285 | Radenović et al., Revisiting Oxford and Paris, 2018}
 */
export function averagePrecisionTrapezoid(positions: ArrayLike<number>, total: number): number {
  if (!Number.isInteger(total) || total < positions.length) {
    throw new RangeError(
      `averagePrecisionTrapezoid: expected \`total\` to be an integer of at least ${positions.length}, the number of positions, got ${total}`,
    );
  }
  let previous = -1;
  for (let j = 0; j < positions.length; j++) {
    const rank = positions[j]!;
    if (!Number.isInteger(rank) || rank <= previous) {
      throw new RangeError(
        `averagePrecisionTrapezoid: expected \`positions\` to be ascending whole numbers, got ${rank} after ${previous}`,
      );
    }
    previous = rank;
  }
  return trapezoids(positions) / total;
}

/** Sum of the mean precisions before and after each relevant rank. */
export function trapezoids(positions: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < positions.length; j++) {
    const rank = positions[j]!;
    const before = rank === 0 ? 1 : j / rank;
    sum += (before + (j + 1) / (rank + 1)) / 2;
  }
  return sum;
}
