import { requireOneOf, requirePositiveInteger, requireSameLength } from "../require.ts";
import { perQuery, type UnanswerableOptions } from "./per-query.ts";
import { positionsOf, type Relevant, setOf } from "./relevant-positions.ts";

/** Options of {@link precisionsAt}. */
export interface PrecisionsAtOptions extends UnanswerableOptions {
  /** The rank k, 1 or more. */
  readonly depth: number;
  /**
   * What the number of relevant items among the first k is divided by: `"depth"`, k; `"capped"`, the relevant items
   * of the query or k, whichever is less (open-metric-learning); `"last-relevant"`, the rank of the last relevant
   * item if all of them are among the first k, else k (revisited Oxford and Paris, the 2nd place of 2021).
   *
   * @defaultValue "depth"
   */
  readonly divisor?: "depth" | "capped" | "last-relevant";
}

/**
 * Precision of the first k results of each query.
 *
 * A repeated id counts once. A list that ends before rank k is divided by the same number all the same.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
 *
 * @example
 * ```ts
 * import { precisionsAt } from "@lmk/eval";
 *
 * const rankings = [["a", "b", "x", "y"]];
 * console.log(precisionsAt(rankings, [["a", "b"]], { depth: 4 })); // => Float64Array(1) [ 0.5 ]
 * console.log(precisionsAt(rankings, [["a", "b"]], { depth: 4, divisor: "capped" })); // => Float64Array(1) [ 1 ]
 * ```
 */
export function precisionsAt<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: PrecisionsAtOptions,
): Float64Array {
  const { depth, divisor = "depth", unanswerable = "exclude" } = options;
  requirePositiveInteger("precisionsAt", "depth", depth);
  requireOneOf("precisionsAt", "divisor", divisor, ["depth", "capped", "last-relevant"]);
  return perQuery("precisionsAt", rankings, relevant, depth, unanswerable, (positions, total) => {
    const found = positions.length;
    if (divisor === "capped") return found / Math.min(total, depth);
    const complete = divisor === "last-relevant" && found === total;
    return found / (complete ? positions[found - 1]! + 1 : depth);
  });
}

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
  relevant: readonly Relevant<Id>[],
  options: MeanPrecisionsOptions,
): Float64Array {
  const { depth } = options;
  requireSameLength("meanPrecisions", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("meanPrecisions", "depth", depth);
  const sums = new Float64Array(depth);
  let queries = 0;
  for (let query = 0; query < relevant.length; query++) {
    const answers = setOf(relevant[query]!);
    if (answers.size === 0) continue;
    queries += 1;
    const positions = positionsOf(rankings[query]!, answers, depth);
    let found = 0;
    for (let i = 0; i < depth; i++) {
      if (positions[found] === i) found += 1;
      sums[i]! += found / (i + 1);
    }
  }
  return sums.map((sum) => sum / queries);
}
