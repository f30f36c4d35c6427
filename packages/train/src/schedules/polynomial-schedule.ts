import { requireAtLeast, requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link polynomialSchedule}. */
export interface PolynomialScheduleOptions {
  /** Learning rate of the first step. */
  readonly base: number;
  /**
   * Learning rate that the schedule ends at.
   *
   * @defaultValue 0
   */
  readonly minimum?: number;
  /** Steps until the minimum is reached. */
  readonly steps: number;
  /**
   * Exponent; 1 is a straight line, 0 keeps `base` until the end.
   *
   * @defaultValue 1
   */
  readonly power?: number;
}

/**
 * Decay along a power of the share of steps that are left.
 *
 * ```text
 * rate(t) = minimum + (base − minimum) · (1 − t / steps)^power
 * ```
 *
 * Steps after the last keep the minimum.
 *
 * @throws RangeError if `steps` is not a positive whole number, or another number is negative or not finite.
 *
 * @example
 * ```ts
 * import { polynomialSchedule } from "@lmk/train";
 *
 * const rate = polynomialSchedule({ base: 0.5, steps: 4, power: 2 });
 * rate(2); // => 0.125
 * ```
 *
 * @see {@link https://arxiv.org/abs/1606.00915 | Chen et al., DeepLab}, who call it "poly"
 */
export function polynomialSchedule(options: PolynomialScheduleOptions): Schedule {
  const { base, minimum = 0, steps, power = 1 } = options;
  requireAtLeast("polynomialSchedule", "base", base, 0);
  requireAtLeast("polynomialSchedule", "minimum", minimum, 0);
  requireInteger("polynomialSchedule", "steps", steps, 1);
  requireAtLeast("polynomialSchedule", "power", power, 0);
  return (step) => (step < steps ? minimum + (base - minimum) * (1 - step / steps) ** power : minimum);
}
