import { requireCounts, requireNotNegative, requirePositive } from "./require.ts";

/** Options of {@link dynamicMargins}. */
export interface DynamicMarginsOptions {
  /**
   * How fast margins fall with the count, λ, above 0.
   *
   * @defaultValue 0.25, as in the systems of 2020 (third place) and 2021 (winners)
   */
  readonly power?: number;
  /**
   * Margin of the largest class, in radians, from 0 to `maximum`.
   *
   * @defaultValue 0.05, as there
   */
  readonly minimum?: number;
  /**
   * Margin of the smallest class, in radians, from `minimum` to π.
   *
   * @defaultValue 0.5, as there
   */
  readonly maximum?: number;
}

/** Options of {@link powerMargins}. */
export interface PowerMarginsOptions {
  /**
   * λ, above 0.
   *
   * @defaultValue 0.25
   */
  readonly power?: number;
  /**
   * a, in radians, at least 0.
   *
   * @defaultValue 0.5, as third-party code for the 2020 paper has it
   */
  readonly factor?: number;
  /**
   * b, in radians, at least 0.
   *
   * @defaultValue 0.05, as third-party code for the 2020 paper has it
   */
  readonly offset?: number;
}

/**
 * A margin for each class, larger for classes with fewer images, for `margin` of {@link arcFace} and
 * {@link subCenterArcFace}.
 *
 * ```text
 * t[c] = n[c]^(−λ)
 * m[c] = minimum + (maximum − minimum) · (t[c] − min t) / (max t − min t)
 * ```
 *
 * So the margins depend on the largest and the smallest count of the data they are made for. If all counts are equal,
 * where the authors' code gives NaN, all margins are `minimum`.
 *
 * @param counts - Images of each class, in the order of the labels, at least 1 each. The third place of 2020 counted its
 * validation images as well.
 * @returns One margin per class, in radians.
 * @throws RangeError if there are no counts, a count is below 1 or not finite, `power` is not above 0, or the bounds do not
 * satisfy 0 ≤ `minimum` ≤ `maximum` ≤ π.
 *
 * @example
 * ```ts
 * import { dynamicMargins } from "@lmk/losses";
 *
 * dynamicMargins([1, 4, 16, 81]); // => [0.5, 0.302297, 0.1625, 0.05]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al., Google Landmark Recognition 2020: third place}
 */
export function dynamicMargins(counts: ArrayLike<number>, options: DynamicMarginsOptions = {}): Float32Array {
  const { power = 0.25, minimum = 0.05, maximum = 0.5 } = options;
  requireCounts("dynamicMargins", counts);
  requirePositive("dynamicMargins", "power", power);
  if (!(minimum >= 0 && minimum <= maximum && maximum <= Math.PI)) {
    throw new RangeError(
      `dynamicMargins: expected 0 ≤ \`minimum\` ≤ \`maximum\` ≤ π, got ${minimum} and ${maximum}`,
    );
  }
  const falling = Float64Array.from(counts, (count) => count ** -power);
  const smallest = falling.reduce((a, b) => Math.min(a, b));
  const range = falling.reduce((a, b) => Math.max(a, b)) - smallest;
  const slope = range > 0 ? (maximum - minimum) / range : 0;
  return Float32Array.from(falling, (value) => minimum + slope * (value - smallest));
}

/**
 * Margins by the formula of the 2020 paper with constants of one's own: `m[c] = a · n[c]^(−λ) + b`.
 *
 * Unlike those of {@link dynamicMargins} they do not depend on the other classes' counts.
 *
 * @param counts - Images of each class, in the order of the labels, at least 1 each.
 * @returns One margin per class, in radians.
 * @throws RangeError if there are no counts, a count is below 1 or not finite, `power` is not above 0, or `factor` or
 * `offset` is negative or not finite.
 *
 * @example
 * ```ts
 * import { powerMargins } from "@lmk/losses";
 *
 * powerMargins([1, 16]); // => [0.55, 0.3]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al., Google Landmark Recognition 2020: third place}
 */
export function powerMargins(counts: ArrayLike<number>, options: PowerMarginsOptions = {}): Float32Array {
  const { power = 0.25, factor = 0.5, offset = 0.05 } = options;
  requireCounts("powerMargins", counts);
  requirePositive("powerMargins", "power", power);
  requireNotNegative("powerMargins", "factor", factor);
  requireNotNegative("powerMargins", "offset", offset);
  return Float32Array.from(counts, (count) => factor * count ** -power + offset);
}
