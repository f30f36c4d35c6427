import { createRandom } from "../random.ts";
import { requireOneOf, requirePositiveInteger, requireSeed, requireShare } from "../require.ts";
import { meanOverQueries } from "../retrieval/means.ts";
import { acceleratedLimits, percentileLimits, type Resampled } from "./bootstrap-limits.ts";
import { definedDifferences, definedValues } from "./defined-values.ts";

/** Options of {@link bootstrapInterval}, {@link bootstrapDifference} and {@link bootstrapStatistic}. */
export interface BootstrapOptions {
  /**
   * How often a sample is drawn.
   *
   * @defaultValue 10,000: the limits of 95 % then move by about 1 % of the interval with another seed
   */
  readonly samples?: number;
  /**
   * How likely the interval is to hold the true number, between 0 and 1.
   *
   * @defaultValue 0.95
   */
  readonly level?: number;
  /**
   * Start of the random numbers, a whole number below 2^32: the same seed gives the same interval.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /**
   * `"bca"`: bias-corrected and accelerated, which also computes the number without each item once; `"percentile"`:
   * the shares of the samples as they are.
   *
   * @defaultValue "bca" for means, as in scipy; "percentile" for {@link bootstrapStatistic}, where "bca" costs a call
   * for each item
   */
  readonly method?: "bca" | "percentile";
}

/** A number with the interval in which the true one may lie. */
export interface BootstrapInterval {
  /** The number computed from all items. */
  readonly estimate: number;
  /** Lower limit. */
  readonly low: number;
  /** Upper limit. */
  readonly high: number;
  /** Standard deviation of the number over the samples; NaN for one sample. */
  readonly standardError: number;
  /** How many items there are; values of NaN are none. */
  readonly count: number;
  /** How many samples counted. */
  readonly samples: number;
}

/**
 * Confidence interval of the mean of one number per query, by drawing as many queries with replacement many times.
 *
 * Says how much a score would move with other queries of the same kind. Two runs on the same queries move together:
 * compare them by {@link bootstrapDifference}, not by whether their intervals overlap.
 *
 * @param values - One number per query, such as {@link averagePrecisions}; NaN is left out.
 * @returns The mean with its interval; all NaN without values.
 * @throws RangeError if an option is out of range or a value is infinite.
 *
 * @example
 * ```ts
 * import { bootstrapInterval } from "@lmk/eval";
 *
 * const { estimate, low, high } = bootstrapInterval([1, 0.5, 0, 0.75, Number.NaN, 1, 0.25], { seed: 1 });
 * console.log(estimate.toFixed(2), low < estimate, estimate < high); // => 0.58 true true
 * ```
 *
 * @see {@link https://doi.org/10.1080/01621459.1987.10478410 | Efron, Better bootstrap confidence intervals, 1987}
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  options: BootstrapOptions = {},
): BootstrapInterval {
  const settings = bootstrapSettings("bootstrapInterval", options, "bca");
  return meanInterval(definedValues("bootstrapInterval", "values", values), settings);
}

/**
 * Confidence interval of the difference between two runs on the same queries, `a - b`, by drawing queries.
 *
 * @param a - One number per query, such as {@link averagePrecisions} of one run.
 * @param b - The same queries in another run. A query with NaN in either is left out.
 * @returns The mean difference with its interval; all NaN without queries.
 * @throws RangeError if `a` and `b` differ in length, an option is out of range or a value is infinite.
 *
 * @example
 * ```ts
 * import { bootstrapDifference } from "@lmk/eval";
 *
 * const { estimate, low, high } = bootstrapDifference([0.5, 0.75, 1], [0.25, 0.5, 0.75]);
 * console.log(estimate, low, high); // => 0.25 0.25 0.25
 * ```
 */
export function bootstrapDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions = {},
): BootstrapInterval {
  const settings = bootstrapSettings("bootstrapDifference", options, "bca");
  return meanInterval(definedDifferences("bootstrapDifference", a, b), settings);
}

/**
 * Confidence interval of any number that is computed from drawn items, for measures that are no means over queries:
 * see {@link globalAveragePrecisionStatistic}. The difference of two such numbers is one too.
 *
 * Samples for which the number is NaN are left out. Memory: 4 bytes an item and 16 a sample.
 *
 * @param count - How many items there are.
 * @param statistic - The number for the given items, numbers from 0 to `count - 1` with repeats. The same array is
 * handed over each time with other contents.
 * @returns The number for all items with its interval.
 * @throws RangeError if `count` is not a positive integer or an option is out of range.
 *
 * @example
 * ```ts
 * import { bootstrapStatistic } from "@lmk/eval";
 *
 * const values = [3, 1, 4, 1, 5, 9, 2];
 * const median = (rows: Int32Array) => [...rows].map((row) => values[row]!).sort((x, y) => x - y)[3]!;
 * const { estimate, low, high } = bootstrapStatistic(values.length, median, { seed: 1 });
 * console.log(estimate, low, high); // => 3 1 5
 * ```
 */
export function bootstrapStatistic(
  count: number,
  statistic: (rows: Int32Array) => number,
  options: BootstrapOptions = {},
): BootstrapInterval {
  requirePositiveInteger("bootstrapStatistic", "count", count);
  const settings = bootstrapSettings("bootstrapStatistic", options, "percentile");
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const estimate = statistic(rows);
  const random = createRandom(settings.seed);
  const drawn = Float64Array.from({ length: settings.samples }, () => {
    for (let i = 0; i < count; i++) rows[i] = Math.floor(random() * count);
    return statistic(rows);
  });
  const distribution = drawn.filter((value) => !Number.isNaN(value));
  return intervalOf({ distribution, estimate }, count, settings, () => {
    const rest = rows.subarray(1);
    const withoutOne = Float64Array.from({ length: count }, (_, left) => {
      for (let i = 0; i < rest.length; i++) rest[i] = i < left ? i : i + 1;
      return statistic(rest);
    });
    return withoutOne.filter((value) => !Number.isNaN(value));
  });
}

interface BootstrapSettings {
  readonly samples: number;
  readonly level: number;
  readonly seed: number;
  readonly method: "bca" | "percentile";
}

function bootstrapSettings(
  caller: string,
  options: BootstrapOptions,
  usual: "bca" | "percentile",
): BootstrapSettings {
  const { samples = 10_000, level = 0.95, seed = 0, method = usual } = options;
  requirePositiveInteger(caller, "samples", samples);
  requireShare(caller, "level", level);
  requireSeed(caller, seed);
  requireOneOf(caller, "method", method, ["bca", "percentile"]);
  return { samples, level, seed, method };
}

function meanInterval(values: Float64Array, settings: BootstrapSettings): BootstrapInterval {
  const count = values.length;
  const random = createRandom(settings.seed);
  const distribution = new Float64Array(count === 0 ? 0 : settings.samples);
  for (let sample = 0; sample < distribution.length; sample++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[Math.floor(random() * count)]!;
    distribution[sample] = sum / count;
  }
  const estimate = meanOverQueries(values);
  return intervalOf({ distribution, estimate }, count, settings, () => {
    return values.map((value) => (estimate * count - value) / (count - 1));
  });
}

function intervalOf(
  { distribution, estimate }: Resampled,
  count: number,
  { level, method }: BootstrapSettings,
  jackknife: () => Float64Array,
): BootstrapInterval {
  const samples = distribution.length;
  if (samples === 0 || Number.isNaN(estimate)) {
    const nothing = Number.NaN;
    return { estimate, low: nothing, high: nothing, standardError: nothing, count, samples };
  }
  const resampled = { distribution: distribution.sort(), estimate };
  const [low, high] =
    method === "bca" && count > 1
      ? acceleratedLimits(resampled, jackknife(), level)
      : percentileLimits(resampled, level);
  return { estimate, low, high, standardError: standardDeviation(distribution), count, samples };
}

/** Taken from the first value on, so that equal values have exactly 0. */
function standardDeviation(values: Float64Array): number {
  const shifted = values.map((value) => value - values[0]!);
  const mean = meanOverQueries(shifted);
  let squares = 0;
  for (let i = 0; i < shifted.length; i++) squares += (shifted[i]! - mean) ** 2;
  return Math.sqrt(squares / (shifted.length - 1));
}
