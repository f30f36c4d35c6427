import { sumOfPrecisions } from "./mean-average-precision.ts";
import { perQuery, type UnanswerableOptions } from "./per-query.ts";
import type { Relevant } from "./relevant-positions.ts";

/**
 * R-precision of each ranked list: the share of relevant items among its first R results, where R counts the
 * relevant items of the query.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length.
 *
 * @example
 * ```ts
 * import { rPrecisions } from "@lmk/eval";
 *
 * console.log(rPrecisions([["a", "x", "b"]], [["a", "b"]])); // => Float64Array(1) [ 0.5 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2003.08505 | Musgrave et al., A Metric Learning Reality Check, 2020}
 */
export function rPrecisions<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: UnanswerableOptions = {},
): Float64Array {
  const { unanswerable = "exclude" } = options;
  return perQuery("rPrecisions", rankings, relevant, "relevant", unanswerable, (positions, total) => {
    return positions.length / total;
  });
}

/**
 * Average precision at R of each ranked list, of which MAP@R is the mean: {@link averagePrecisions} that ends at
 * rank R, the number of relevant items of the query.
 *
 * ```text
 * AP@R_q = 1 / R_q * sum over i <= R_q of  P_q(i) * rel_q(i)
 * ```
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length.
 *
 * @example
 * ```ts
 * import { averagePrecisionsAtR, meanOverQueries } from "@lmk/eval";
 *
 * const values = averagePrecisionsAtR([["a", "x", "b"], ["c"]], [["a", "b"], ["c"]]);
 * console.log(values, meanOverQueries(values)); // => Float64Array(2) [ 0.5, 1 ] 0.75
 * ```
 *
 * @see {@link https://arxiv.org/abs/2003.08505 | Musgrave et al., A Metric Learning Reality Check, 2020}
 */
export function averagePrecisionsAtR<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: UnanswerableOptions = {},
): Float64Array {
  const { unanswerable = "exclude" } = options;
  const caller = "averagePrecisionsAtR";
  return perQuery(caller, rankings, relevant, "relevant", unanswerable, (positions, total) => {
    return sumOfPrecisions(positions) / total;
  });
}
