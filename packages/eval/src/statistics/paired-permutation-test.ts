import { createRandom } from "../random.ts";
import { requireOneOf, requirePositiveInteger, requireSeed } from "../require.ts";
import { meanOverQueries } from "../retrieval/means.ts";
import { definedDifferences } from "./defined-values.ts";

/** Options of {@link pairedPermutationTest}. */
export interface PairedPermutationTestOptions {
  /**
   * How many sign patterns are drawn where there are too many to try all.
   *
   * @defaultValue 10,000: the least p-value is then 1 in 10,001
   */
  readonly samples?: number;
  /**
   * Start of the random numbers, a whole number below 2^32.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /**
   * What is tested for: that the runs differ, that `a` is better or that `a` is worse.
   *
   * @defaultValue "two-sided"
   */
  readonly alternative?: "two-sided" | "greater" | "less";
}

/** What {@link pairedPermutationTest} finds. */
export interface PairedPermutationTest {
  /** Mean of `a - b`. */
  readonly difference: number;
  /** How likely a difference at least as large is if the runs are equally good; above 0, at most 1. */
  readonly pValue: number;
  /** How many queries have a number in both runs. */
  readonly count: number;
  /** Whether all sign patterns were tried. */
  readonly exact: boolean;
  /** How many sign patterns were tried. */
  readonly samples: number;
}

/** All sign patterns are tried up to this many. */
const exactPatterns = 2 ** 16;

/**
 * Tests whether two runs on the same queries differ, by exchanging the runs query by query (sign-flip test).
 *
 * If the runs are equally good, each difference might as well have the other sign. The p-value is the share of sign
 * patterns that give a mean difference at least as large as the one that was seen.
 *
 * All `2^n` patterns are tried if `n`, the queries whose difference is not 0, is 16 or less, or if `2^n` is no more
 * than `samples`. Else `samples` patterns are drawn, and the pattern that was seen is counted with them:
 * `p = (1 + at least as large) / (1 + samples)`. Memory: 8 bytes a pattern.
 *
 * @param a - One number per query, such as {@link averagePrecisions} of one run.
 * @param b - The same queries in another run. A query with NaN in either is left out.
 * @returns The difference with its p-value; both NaN without queries.
 * @throws RangeError if `a` and `b` differ in length, an option is out of range or a value is infinite.
 *
 * @example
 * ```ts
 * import { pairedPermutationTest } from "@lmk/eval";
 *
 * const test = pairedPermutationTest([1, 0.75, 0.5, 1], [0.5, 0.5, 0.25, 0.25]);
 * console.log(test.difference, test.pValue, test.exact); // => 0.4375 0.125 true
 * ```
 * which is 2 of 16: all signs as they are, and all turned.
 *
 * @see {@link https://doi.org/10.1145/1321440.1321528 | Smucker, Allan and Carterette, A comparison of statistical
 * significance tests for information retrieval evaluation, 2007}
 */
export function pairedPermutationTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PairedPermutationTestOptions = {},
): PairedPermutationTest {
  const { samples = 10_000, seed = 0, alternative = "two-sided" } = options;
  const caller = "pairedPermutationTest";
  requirePositiveInteger(caller, "samples", samples);
  requireSeed(caller, seed);
  requireOneOf(caller, "alternative", alternative, ["two-sided", "greater", "less"]);
  const paired = definedDifferences(caller, a, b);
  const count = paired.length;
  const difference = meanOverQueries(paired);
  if (count === 0) return { difference, pValue: Number.NaN, count, exact: true, samples: 0 };
  const differences = paired.filter((value) => value !== 0);
  const patterns = 2 ** differences.length;
  const exact = patterns <= Math.max(samples, exactPatterns);
  const sums = exact ? allSums(differences) : drawnSums(differences, samples, seed);
  const extreme = countExtreme(sums, differences, alternative);
  const pValue = exact ? extreme / patterns : (extreme + 1) / (samples + 1);
  return { difference, pValue, count, exact, samples: sums.length };
}

/** The sums of the differences under all sign patterns, put together from two halves so that errors stay small. */
function allSums(differences: Float64Array): Float64Array {
  if (differences.length === 0) return Float64Array.of(0);
  if (differences.length === 1) return Float64Array.of(differences[0]!, -differences[0]!);
  const middle = differences.length >> 1;
  const first = allSums(differences.subarray(0, middle));
  const second = allSums(differences.subarray(middle));
  const sums = new Float64Array(first.length * second.length);
  let place = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      sums[place] = first[i]! + second[j]!;
      place += 1;
    }
  }
  return sums;
}

function drawnSums(differences: Float64Array, samples: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const sums = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    let sum = 0;
    let bits = 0;
    for (let i = 0; i < differences.length; i++) {
      if ((i & 31) === 0) bits = (random() * 2 ** 32) >>> 0;
      sum += (bits & 1) === 0 ? differences[i]! : -differences[i]!;
      bits >>>= 1;
    }
    sums[sample] = sum;
  }
  return sums;
}

/** How many sums are at least as large as the one seen; sums that differ by rounding alone count as equal. */
function countExtreme(
  sums: Float64Array,
  differences: Float64Array,
  alternative: "two-sided" | "greater" | "less",
): number {
  let seen = 0;
  let size = 0;
  for (let i = 0; i < differences.length; i++) {
    seen += differences[i]!;
    size += Math.abs(differences[i]!);
  }
  const rounding = size * 1e-13;
  let count = 0;
  for (let i = 0; i < sums.length; i++) {
    const sum = sums[i]!;
    if (alternative === "greater") count += sum >= seen - rounding ? 1 : 0;
    else if (alternative === "less") count += sum <= seen + rounding ? 1 : 0;
    else count += Math.abs(sum) >= Math.abs(seen) - rounding ? 1 : 0;
  }
  return count;
}
