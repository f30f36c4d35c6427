import { requireDepth, requireOneOf } from "../require.ts";
import { meanOverQueries } from "./means.ts";
import { perQuery, type UnanswerableOptions } from "./per-query.ts";
import type { Relevant } from "./relevant-positions.ts";

/** Options of {@link averagePrecisions} and {@link meanAveragePrecision}. */
export interface AveragePrecisionOptions extends UnanswerableOptions {
  /**
   * Ranks after this one are ignored; 1 or more, or Infinity.
   *
   * @defaultValue 100, as in the Google Landmark Retrieval challenges
   */
  readonly depth?: number;
  /**
   * What the sum of precisions is divided by: `"capped"`, the relevant items or the depth, whichever is less;
   * `"all"`, the relevant items, as textbooks, pytorch-metric-learning and the 2nd place of 2021 do, so that a query
   * with more of them than the depth cannot reach 1; `"found"`, the relevant items within the depth, as
   * open-metric-learning does, so that what is missed costs nothing.
   *
   * @defaultValue "capped", as in the Google Landmark Retrieval challenges
   */
  readonly denominator?: "capped" | "all" | "found";
}

/**
 * Average precision of each ranked list, by the rule of the Google Landmark Retrieval challenges.
 *
 * ```text
 * AP_q = 1 / min(m_q, k) * sum over i <= k of  P_q(i) * rel_q(i)
 * ```
 *
 * where `k` is the depth, `m_q` counts the relevant items of query `q`, `P_q(i)` is the precision of its first `i`
 * results, and `rel_q(i)` is 1 if result `i` is relevant and was not listed before, else 0.
 * Note the `min`: a query with more relevant items than `k` can still reach 1. Other rules divide by something
 * else: see {@link AveragePrecisionOptions.denominator}.
 *
 * A repeated id counts at its first rank only, and its later ranks stay used up. A list may be shorter than the
 * depth, or empty for a query without predictions, which then has 0. A query without relevant items has no average
 * precision: NaN.
 *
 * @param rankings - For each query, the ids found, best first: arrays of strings or numbers, or typed arrays such
 * as the ones {@link rankingsFromNeighbors} makes.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query, or NaN.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { averagePrecisions } from "@lmk/eval";
 *
 * const rankings = [["a", "x", "b"], ["x", "c"]];
 * const relevant = [new Set(["a", "b"]), new Set(["c"])];
 * console.log(averagePrecisions(rankings, relevant)); // => Float64Array(2) [ 0.8333333333333333, 0.5 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.01804 | Weyand et al., Google Landmarks Dataset v2, 2020}
 */
export function averagePrecisions<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: AveragePrecisionOptions = {},
): Float64Array {
  return listPrecisions("averagePrecisions", rankings, relevant, options);
}

/**
 * Mean average precision of ranked lists: the mAP@100 of the Google Landmark Retrieval challenges.
 *
 * The mean of {@link averagePrecisions} over the queries that have relevant items; a query whose list is empty
 * counts with 0.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns The mean, from 0 to 1; NaN if no query has relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { meanAveragePrecision } from "@lmk/eval";
 *
 * const rankings = [["a", "x", "b"], ["x", "c"]];
 * const relevant = [new Set(["a", "b"]), new Set(["c"])];
 * console.log(meanAveragePrecision(rankings, relevant)); // => 0.6666666666666666
 * ```
 * which is the mean of `(1 + 2/3) / 2` and `1/2`.
 *
 * @see {@link https://arxiv.org/abs/2004.01804 | Weyand et al., Google Landmarks Dataset v2, 2020}
 */
export function meanAveragePrecision<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: AveragePrecisionOptions = {},
): number {
  return meanOverQueries(listPrecisions("meanAveragePrecision", rankings, relevant, options));
}

function listPrecisions<Id extends string | number>(
  caller: string,
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: AveragePrecisionOptions,
): Float64Array {
  const { depth = 100, denominator = "capped", unanswerable = "exclude" } = options;
  requireDepth(caller, "depth", depth);
  requireOneOf(caller, "denominator", denominator, ["capped", "all", "found"]);
  return perQuery(caller, rankings, relevant, depth, unanswerable, (positions, total) => {
    if (positions.length === 0) return 0;
    const sum = sumOfPrecisions(positions);
    if (denominator === "capped") return sum / Math.min(total, depth);
    return sum / (denominator === "all" ? total : positions.length);
  });
}

/** Precision at each of the ranks (counted from 0), added up in their order. */
export function sumOfPrecisions(positions: Int32Array): number {
  let sum = 0;
  for (let j = 0; j < positions.length; j++) sum += (j + 1) / (positions[j]! + 1);
  return sum;
}
