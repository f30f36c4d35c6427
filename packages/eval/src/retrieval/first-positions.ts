import { requirePositiveInteger, requireSameLength } from "../require.ts";
import { positionsOf, type Relevant, setOf } from "./relevant-positions.ts";

/** Options of {@link firstPositions} and {@link meanMedianPosition}. */
export interface FirstPositionsOptions {
  /**
   * Ranks after this one are ignored; 1 or more.
   *
   * @defaultValue 100, as in the Google Landmark Retrieval challenges
   */
  readonly depth?: number;
}

/**
 * Rank of the first relevant result of each query, counted from 1.
 *
 * A query that finds nothing relevant within the depth has `depth + 1`; one that has no relevant items has NaN.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One rank per query.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
 *
 * @example
 * ```ts
 * import { firstPositions } from "@lmk/eval";
 *
 * const positions = firstPositions([[7, 3], [5]], [new Set([3]), new Set([4])]);
 * console.log(positions); // => Float64Array(2) [ 2, 101 ]
 * ```
 */
export function firstPositions<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: FirstPositionsOptions = {},
): Float64Array {
  const { depth = 100 } = options;
  requireSameLength("firstPositions", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("firstPositions", "depth", depth);
  return Float64Array.from(relevant, (ids, query) => {
    const answers = setOf(ids);
    if (answers.size === 0) return Number.NaN;
    const positions = positionsOf(rankings[query]!, answers, depth);
    return positions.length > 0 ? positions[0]! + 1 : depth + 1;
  });
}

/** What {@link meanMedianPosition} finds. */
export interface MeanMedianPosition {
  /** Mean rank of the first relevant result, 1 or more. */
  readonly mean: number;
  /** Median rank of the first relevant result; of an even number of queries the mean of the two in the middle. */
  readonly median: number;
}

/**
 * Mean and median of {@link firstPositions} over the queries that have relevant items.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns Both; NaN if no query has relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
 *
 * @example
 * ```ts
 * import { meanMedianPosition } from "@lmk/eval";
 *
 * const answers = [new Set([3]), new Set([4]), new Set([1])];
 * console.log(meanMedianPosition([[7, 3], [4], [1]], answers)); // => { mean: 1.3333333333333333, median: 1 }
 * ```
 */
export function meanMedianPosition<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: FirstPositionsOptions = {},
): MeanMedianPosition {
  const { depth = 100 } = options;
  requireSameLength("meanMedianPosition", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("meanMedianPosition", "depth", depth);
  const positions = firstPositions(rankings, relevant, { depth })
    .filter((position) => !Number.isNaN(position))
    .sort();
  const { length } = positions;
  if (length === 0) return { mean: Number.NaN, median: Number.NaN };
  const mean = positions.reduce((sum, position) => sum + position, 0) / length;
  const median = (positions[(length - 1) >> 1]! + positions[length >> 1]!) / 2;
  return { mean, median };
}
