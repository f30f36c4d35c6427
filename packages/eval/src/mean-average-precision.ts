import { requirePositiveInteger, requireSameLength } from "./require.ts";

/** Options of {@link averagePrecisions} and {@link meanAveragePrecision}. */
export interface AveragePrecisionOptions {
  /**
   * Ranks after this one are ignored; 1 or more.
   *
   * @defaultValue 100, as in the Google Landmark Retrieval challenges
   */
  readonly depth?: number;
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
 * Note the `min`: a query with more relevant items than `k` can still reach 1.
 *
 * A repeated id counts at its first rank only, and its later ranks stay used up. A list may be shorter than the
 * depth, or empty for a query without predictions, which then has 0. A query without relevant items has no average
 * precision: NaN.
 *
 * @param rankings - For each query, the ids found, best first: arrays of strings or numbers, or typed arrays such
 * as the ones {@link rankingsFromNeighbors} makes.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query, or NaN.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
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
  relevant: readonly ReadonlySet<Id>[],
  options: AveragePrecisionOptions = {},
): Float64Array {
  const { depth = 100 } = options;
  requireSameLength("averagePrecisions", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("averagePrecisions", "depth", depth);
  return Float64Array.from(relevant, (answers, query) => averagePrecision(rankings[query]!, answers, depth));
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
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
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
  relevant: readonly ReadonlySet<Id>[],
  options: AveragePrecisionOptions = {},
): number {
  const { depth = 100 } = options;
  requireSameLength("meanAveragePrecision", ["rankings", rankings], ["relevant", relevant]);
  requirePositiveInteger("meanAveragePrecision", "depth", depth);
  let sum = 0;
  let queries = 0;
  for (const [query, answers] of relevant.entries()) {
    if (answers.size === 0) continue;
    sum += averagePrecision(rankings[query]!, answers, depth);
    queries += 1;
  }
  return sum / queries;
}

/** `0 / 0`, NaN, for a query without answers. */
function averagePrecision<Id>(ranking: ArrayLike<Id>, answers: ReadonlySet<Id>, depth: number): number {
  const found = new Set<Id>();
  const end = Math.min(ranking.length, depth);
  let sum = 0;
  for (let i = 0; i < end; i++) {
    const id = ranking[i]!;
    if (!answers.has(id) || found.has(id)) continue;
    found.add(id);
    sum += found.size / (i + 1);
  }
  return sum / Math.min(answers.size, depth);
}
