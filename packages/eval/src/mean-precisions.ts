import { requirePositiveInteger, requireSameLength } from "./require.ts";

/** Options of {@link meanPrecisions}. */
export interface MeanPrecisionsOptions {
  /** The deepest rank to report, 1 or more. */
  readonly depth: number;
}

/**
 * Mean precision of the first 1, 2, …, `depth` results.
 *
 * ```text
 * P@i = mean over q of  (relevant items among the first i results of q) / i
 * ```
 *
 * A repeated id counts once. A list that ends before rank `i` is divided by `i` all the same. Queries without
 * relevant items are left out of the mean, as in {@link meanAveragePrecision}.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns `depth` numbers from 0 to 1, precision at rank 1 first; all NaN if no query has relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
 *
 * @example
 * ```ts
 * import { meanPrecisions } from "@lmk/eval";
 *
 * const rankings = [["a", "x", "b"], ["x", "c"]];
 * const relevant = [new Set(["a", "b"]), new Set(["c"])];
 * console.log(meanPrecisions(rankings, relevant, { depth: 3 })); // => Float64Array(3) [ 0.5, 0.5, 0.5 ]
 * ```
 */
export function meanPrecisions<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly ReadonlySet<Id>[],
  options: MeanPrecisionsOptions,
): Float64Array {
  const { depth } = options;
  requireSameLength("meanPrecisions", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("meanPrecisions", "depth", depth);
  const sums = new Float64Array(depth);
  let queries = 0;
  for (const [query, answers] of relevant.entries()) {
    if (answers.size === 0) continue;
    const ranking = rankings[query]!;
    const found = new Set<Id>();
    for (let i = 0; i < depth; i++) {
      if (i < ranking.length && answers.has(ranking[i]!)) found.add(ranking[i]!);
      sums[i]! += found.size / (i + 1);
    }
    queries += 1;
  }
  return sums.map((sum) => sum / queries);
}
