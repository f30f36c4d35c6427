import { requireShare } from "../require.ts";

/** Options of {@link falseNonMatchRates}. */
export interface FalseNonMatchRatesOptions {
  /** The shares of pairs of different things that may be taken for the same, each between 0 and 1. */
  readonly falseMatchRates: readonly number[];
}

/**
 * False non-match rates at given false match rates (FNMR@FMR): the share of pairs of the same thing that a threshold
 * turns away, where the threshold lets the given share of pairs of different things pass.
 *
 * ```text
 * FNMR@f = share of same pairs with a score <= t,   t = the (1 - f) quantile of the scores of different pairs
 * ```
 *
 * The quantile is interpolated linearly between neighboring scores, as numpy does. A score that equals the threshold
 * does not pass, as in open-metric-learning (which has distances for scores: negate them).
 *
 * @param same - Scores of pairs of the same thing, higher is more alike.
 * @param different - Scores of pairs of different things.
 * @returns One number from 0 to 1 per rate; NaN if there are no pairs of either kind.
 * @throws RangeError if a rate is not between 0 and 1, or a score is NaN.
 *
 * @example
 * ```ts
 * import { falseNonMatchRates } from "@lmk/eval";
 *
 * const same = [0.9, 0.8, 0.4, 0.3];
 * const different = [0.1, 0.2, 0.35, 0.5, 0.1];
 * console.log(falseNonMatchRates(same, different, { falseMatchRates: [0.25] })); // => Float64Array(1) [ 0.25 ]
 * ```
 */
export function falseNonMatchRates(
  same: ArrayLike<number>,
  different: ArrayLike<number>,
  options: FalseNonMatchRatesOptions,
): Float64Array {
  const { falseMatchRates } = options;
  for (const rate of falseMatchRates) requireShare("falseNonMatchRates", "falseMatchRates", rate);
  requireScores("same", same);
  requireScores("different", different);
  const distances = Float64Array.from(different, (score) => -score).sort();
  return Float64Array.from(falseMatchRates, (rate) => {
    if (distances.length === 0) return Number.NaN;
    const place = rate * (distances.length - 1);
    const below = distances[Math.floor(place)]!;
    const threshold = below + (distances[Math.ceil(place)]! - below) * (place - Math.floor(place));
    let turnedAway = 0;
    for (let i = 0; i < same.length; i++) if (-same[i]! >= threshold) turnedAway += 1;
    return turnedAway / same.length;
  });
}

function requireScores(argument: string, scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i])) continue;
    throw new RangeError(`falseNonMatchRates: expected \`${argument}\` to be numbers, got NaN at ${i}`);
  }
}
