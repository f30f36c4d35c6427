import { requireDepth, requireOneOf, requireSameLength } from "../require.ts";
import { type Relevant, setOf } from "./relevant-positions.ts";

/** How much each result is worth: gains by id, or ids that are all worth 1. Other ids are worth 0. */
export type Gains<Id extends string | number = number> = ReadonlyMap<Id, number> | Relevant<Id>;

/** Options of {@link normalizedDiscountedGains}. */
export interface NormalizedDiscountedGainsOptions {
  /**
   * Ranks after this one are ignored; 1 or more, or Infinity.
   *
   * @defaultValue 100, as {@link averagePrecisions}
   */
  readonly depth?: number;
  /**
   * What a grade `g` is worth: `"linear"`, `g` (Järvelin and Kekäläinen, scikit-learn); `"exponential"`, `2^g - 1`
   * (Burges et al.). The same for grades 0 and 1.
   *
   * @defaultValue "linear"
   */
  readonly gain?: "linear" | "exponential";
}

/**
 * Normalized discounted cumulative gain (nDCG) of each ranked list.
 *
 * ```text
 * DCG = sum over i < k of  gain_i / log2(i + 2)        nDCG = DCG / DCG of the best possible list
 * ```
 *
 * with ranks `i` counted from 0. A repeated id counts at its first rank only, and its later ranks stay used up.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param gains - For each query, the grade of each id that is worth something, 0 or more; or the relevant ids.
 * @returns One number from 0 to 1 per query; NaN for a query for which nothing is worth anything.
 * @throws RangeError if `rankings` and `gains` differ in length, `depth` is neither a positive integer nor Infinity,
 * or a grade is negative or not finite.
 *
 * @example
 * ```ts
 * import { normalizedDiscountedGains } from "@lmk/eval";
 *
 * const grades = new Map([["a", 3], ["b", 1]]);
 * console.log(normalizedDiscountedGains([["a", "b"]], [grades])); // => Float64Array(1) [ 1 ]
 * console.log(normalizedDiscountedGains([["x", "a"]], [["a"]])); // => Float64Array(1) [ 0.6309297535714575 ]
 * ```
 *
 * @see {@link https://doi.org/10.1145/582415.582418 | Järvelin and Kekäläinen, Cumulated gain-based evaluation, 2002}
 */
export function normalizedDiscountedGains<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  gains: readonly Gains<Id>[],
  options: NormalizedDiscountedGainsOptions = {},
): Float64Array {
  const { depth = 100, gain = "linear" } = options;
  const caller = "normalizedDiscountedGains";
  requireSameLength(caller, ["rankings", rankings], ["gains", gains]);
  requireDepth(caller, "depth", depth);
  requireOneOf(caller, "gain", gain, ["linear", "exponential"]);
  return Float64Array.from(gains, (grades, query) => {
    const worth = worthOf(caller, grades, gain);
    const best = Float64Array.from(worth.values()).sort().reverse();
    let ideal = 0;
    for (let i = 0; i < best.length && i < depth; i++) ideal += best[i]! / Math.log2(i + 2);
    return discountedGain(rankings[query]!, worth, depth) / ideal;
  });
}

/** What each id adds at the first rank. */
function worthOf<Id extends string | number>(
  caller: string,
  grades: Gains<Id>,
  gain: "linear" | "exponential",
): ReadonlyMap<Id, number> {
  const worth = new Map<Id, number>();
  if (!("get" in grades)) {
    for (const id of setOf(grades)) worth.set(id, 1);
    return worth;
  }
  for (const [id, grade] of grades) {
    if (!(grade >= 0 && grade < Infinity)) {
      throw new RangeError(
        `${caller}: expected \`gains\` to be finite and at least 0, got ${grade} for ${JSON.stringify(id)}`,
      );
    }
    worth.set(id, gain === "linear" ? grade : 2 ** grade - 1);
  }
  return worth;
}

function discountedGain<Id extends string | number>(
  ranking: ArrayLike<Id>,
  worth: ReadonlyMap<Id, number>,
  depth: number,
): number {
  const end = Math.min(ranking.length, depth);
  const seen = new Set<Id>();
  let sum = 0;
  for (let i = 0; i < end; i++) {
    const value = worth.get(ranking[i]!);
    if (value === undefined || seen.has(ranking[i]!)) continue;
    seen.add(ranking[i]!);
    sum += value / Math.log2(i + 2);
  }
  return sum;
}
