// "Recall@k" names two measures. In retrieval it is the share of the relevant items that are found, `recallsAt`; in
// metric learning it is whether any is found, `successesAt`, whose mean is also called hit rate, success@k or CMC.
import { requireDepth, requirePositiveInteger } from "../require.ts";
import { meanOverQueries } from "./means.ts";
import { perQuery, type UnanswerableOptions } from "./per-query.ts";
import type { Relevant } from "./relevant-positions.ts";

/** Options of {@link recallsAt}, {@link successesAt} and {@link cumulativeMatches}. */
export interface RecallsAtOptions extends UnanswerableOptions {
  /** The rank k, 1 or more. */
  readonly depth: number;
}

/**
 * Recall of the first k results of each query: the share of its relevant items that are among them.
 *
 * A query with more than k relevant items cannot reach 1. Metric learning calls {@link successesAt} "recall".
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 to 1 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { recallsAt } from "@lmk/eval";
 *
 * console.log(recallsAt([["a", "x", "b"]], [["a", "b"]], { depth: 2 })); // => Float64Array(1) [ 0.5 ]
 * ```
 */
export function recallsAt<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: RecallsAtOptions,
): Float64Array {
  const { depth, unanswerable = "exclude" } = options;
  requireDepth("recallsAt", "depth", depth);
  return perQuery("recallsAt", rankings, relevant, depth, unanswerable, (positions, total) => {
    return positions.length / total;
  });
}

/**
 * Whether any of the first k results of each query is relevant: 1 or 0. The mean is the hit rate, which metric
 * learning calls recall@k, and re-identification CMC@k.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns 1 or 0 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { meanOverQueries, successesAt } from "@lmk/eval";
 *
 * const hits = successesAt([["a", "x"], ["x", "y"]], [["a", "b"], ["c"]], { depth: 2 });
 * console.log(hits, meanOverQueries(hits)); // => Float64Array(2) [ 1, 0 ] 0.5
 * ```
 */
export function successesAt<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: RecallsAtOptions,
): Float64Array {
  const { depth, unanswerable = "exclude" } = options;
  requireDepth("successesAt", "depth", depth);
  return perQuery("successesAt", rankings, relevant, depth, unanswerable, (positions) => {
    return positions.length > 0 ? 1 : 0;
  });
}

/**
 * Cumulative matching characteristic (CMC): the share of queries with a relevant item among the first 1, 2, …,
 * `depth` results.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns `depth` numbers from 0 to 1, ascending; all NaN if no query counts.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is not a positive integer.
 *
 * @example
 * ```ts
 * import { cumulativeMatches } from "@lmk/eval";
 *
 * const curve = cumulativeMatches([["a", "x"], ["x", "c"]], [["a", "b"], ["c"]], { depth: 3 });
 * console.log(curve); // => Float64Array(3) [ 0.5, 1, 1 ]
 * ```
 */
export function cumulativeMatches<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: RecallsAtOptions,
): Float64Array {
  const { depth, unanswerable = "exclude" } = options;
  requirePositiveInteger("cumulativeMatches", "depth", depth);
  const counts = new Float64Array(depth);
  const matched = perQuery("cumulativeMatches", rankings, relevant, depth, unanswerable, (positions) => {
    if (positions.length === 0) return 0;
    counts[positions[0]!]! += 1;
    return 1;
  });
  // Queries that are right without a rank (unanswerable and empty) are right at every rank.
  let evaluated = 0;
  let hits = 0;
  for (const value of matched) {
    if (Number.isNaN(value)) continue;
    evaluated += 1;
    hits += value;
  }
  let sum = hits - counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => {
    sum += count;
    return sum / evaluated;
  });
}

/**
 * Reciprocal rank of the first relevant result of each query: 1 at the first rank, 1/2 at the second, …
 * The mean over queries is MRR.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One number from 0 (nothing found) to 1 per query; NaN for a query without relevant items.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { meanReciprocalRank, reciprocalRanks } from "@lmk/eval";
 *
 * const rankings = [["x", "a"], ["x", "y"], ["c"]];
 * const relevant = [["a"], ["b"], ["c"]];
 * console.log(reciprocalRanks(rankings, relevant)); // => Float64Array(3) [ 0.5, 0, 1 ]
 * console.log(meanReciprocalRank(rankings, relevant)); // => 0.5
 * ```
 */
export function reciprocalRanks<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: ReciprocalRanksOptions = {},
): Float64Array {
  return inverseRanks("reciprocalRanks", rankings, relevant, options);
}

/** Options of {@link reciprocalRanks} and {@link meanReciprocalRank}. */
export interface ReciprocalRanksOptions extends UnanswerableOptions {
  /**
   * Ranks after this one are ignored; 1 or more, or Infinity.
   *
   * @defaultValue Infinity: the whole list
   */
  readonly depth?: number;
}

/**
 * Mean reciprocal rank (MRR): the mean of {@link reciprocalRanks} over the queries that have relevant items.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns From 0 to 1; NaN if no query has relevant items.
 * @throws RangeError as {@link reciprocalRanks}.
 */
export function meanReciprocalRank<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: ReciprocalRanksOptions = {},
): number {
  return meanOverQueries(inverseRanks("meanReciprocalRank", rankings, relevant, options));
}

function inverseRanks<Id extends string | number>(
  caller: string,
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: ReciprocalRanksOptions,
): Float64Array {
  const { depth = Infinity, unanswerable = "exclude" } = options;
  requireDepth(caller, "depth", depth);
  return perQuery(caller, rankings, relevant, depth, unanswerable, (positions) => {
    return positions.length > 0 ? 1 / (positions[0]! + 1) : 0;
  });
}
