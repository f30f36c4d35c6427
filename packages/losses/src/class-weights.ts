import { requireCounts, requireNotNegative, requireOneOf } from "./require.ts";

/** Options of {@link classWeights}. */
export interface ClassWeightsOptions {
  /**
   * How a weight falls with the count `n` of its class.
   *
   * - `"inverse-log"`: `1 / ln(n + offset)`.
   * - `"inverse"`: `1 / n`.
   * - `"effective-number"`: `(1 − β) / (1 − βⁿ)`, by Cui et al.; between 1 for every class (β = 0) and `1 / n` (β → 1).
   *
   * @defaultValue "inverse-log", as in the systems of 2020
   */
  readonly rule?: "inverse-log" | "inverse" | "effective-number";
  /**
   * Added to the count under the logarithm, at least 0. With 0 no class may have a single image, as ln 1 is 0.
   *
   * @defaultValue 1, as the 2020 recognition winners, and the retrieval winners for all classes; these used 0 for the
   * cleaned classes
   */
  readonly offset?: number;
  /**
   * β of the effective number, from 0 to below 1.
   *
   * @defaultValue 0.999, one of the paper's four values 0.9, 0.99, 0.999 and 0.9999
   */
  readonly beta?: number;
  /**
   * What the weights average to 1 over: the classes, so that they sum to C (2020 recognition winners), or the samples
   * (κ of the 2020 retrieval winners: Σ n[c] w[c] = Σ n[c]).
   *
   * @defaultValue "classes"
   */
  readonly normalize?: "classes" | "samples";
}

/**
 * A weight for each class, larger for classes with fewer images, for `classWeights` of {@link crossEntropy} and of every
 * loss that ends in it.
 *
 * ```text
 * w[c] = κ / ln(1 + n[c])         with κ such that Σ w[c] = C
 * ```
 *
 * by default. The recognition winners of 2020 used them with `mean: "weighted"`, the retrieval winners theirs
 * (`normalize: "samples"`) with `mean: "plain"`, the weights of images outside the cleaned set halved in the last stage by
 * `sampleWeights`.
 *
 * @param counts - Images of each class, in the order of the labels, at least 1 each.
 * @returns One weight per class.
 * @throws RangeError if there are no counts, a count is below 1 or not finite, `offset` is negative or not finite, `beta`
 * is not from 0 to below 1, `offset` is 0 and a count is 1, or `rule` or `normalize` is unknown.
 *
 * @example
 * ```ts
 * import { classWeights } from "@lmk/losses";
 *
 * classWeights([1, 3]); // => [1.333333, 0.666667], as ln 4 is twice ln 2
 * classWeights([1, 3], { rule: "inverse" }); // => [1.5, 0.5]
 * classWeights([1, 3], { normalize: "samples" }); // => [1.6, 0.8], 1 + 3 samples of together 1.6 + 3 · 0.8
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with
 * out-of-domain samples} for the logarithm, {@link https://arxiv.org/abs/1901.05555 | Cui et al., Class-Balanced Loss}
 */
export function classWeights(counts: ArrayLike<number>, options: ClassWeightsOptions = {}): Float32Array {
  const { normalize = "classes" } = options;
  requireCounts("classWeights", counts);
  requireOneOf("classWeights", "normalize", normalize, ["classes", "samples"]);
  const weights = Float64Array.from(counts, weightOf(counts, options));
  const importance = normalize === "samples" ? counts : new Float64Array(counts.length).fill(1);
  let mass = 0;
  let total = 0;
  for (const [i, weight] of weights.entries()) {
    mass += importance[i]!;
    total += importance[i]! * weight;
  }
  return Float32Array.from(weights, (weight) => (weight * mass) / total);
}

function weightOf(counts: ArrayLike<number>, options: ClassWeightsOptions): (count: number) => number {
  const { rule = "inverse-log", offset = 1, beta = 0.999 } = options;
  requireOneOf("classWeights", "rule", rule, ["inverse-log", "inverse", "effective-number"]);
  requireNotNegative("classWeights", "offset", offset);
  if (!(beta >= 0 && beta < 1)) {
    throw new RangeError(`classWeights: expected \`beta\` to be from 0 to below 1, got ${beta}`);
  }
  if (rule === "inverse") return (count) => 1 / count;
  if (rule === "effective-number") return (count) => (1 - beta) / (1 - beta ** count);
  const single = offset === 0 ? Array.prototype.indexOf.call(counts, 1) : -1;
  if (single >= 0) {
    throw new RangeError(
      `classWeights: expected \`counts[${single}]\` to be above 1 for an \`offset\` of 0, got 1`,
    );
  }
  return (count) => 1 / Math.log(count + offset);
}
