import { requireAtLeast, requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link cosineSchedule}. */
export interface CosineScheduleOptions {
  /** Learning rate of the first step. */
  readonly base: number;
  /**
   * Learning rate that the schedule ends at.
   *
   * @defaultValue 3e-6, the 2019 retrieval winners'
   */
  readonly minimum?: number;
  /** Steps of the whole cosine; the minimum is reached after this many, whether or not the run goes that far. */
  readonly steps: number;
}

/**
 * Cosine annealing, once per step rather than once per epoch.
 *
 * ```text
 * rate(t) = minimum + (base − minimum) · (1 + cos(π t / steps)) / 2
 * ```
 *
 * Steps after the last keep the minimum.
 *
 * @returns The learning rate of step `t`, from `base` at 0 down to `minimum` at `steps`.
 * @throws RangeError if `steps` is not a positive whole number, or a rate is negative or not finite.
 *
 * @example
 * ```ts
 * import { cosineSchedule } from "@lmk/train";
 *
 * const rate = cosineSchedule({ base: 1e-3, minimum: 3e-6, steps: 500 });
 * rate(0); // => 0.001
 * rate(500); // => 0.000003
 * ```
 *
 * @see {@link https://arxiv.org/abs/1608.03983 | Loshchilov and Hutter, SGDR}, without restarts
 */
export function cosineSchedule(options: CosineScheduleOptions): Schedule {
  const { base, minimum = 3e-6, steps } = options;
  requireAtLeast("cosineSchedule", "base", base, 0);
  requireAtLeast("cosineSchedule", "minimum", minimum, 0);
  requireInteger("cosineSchedule", "steps", steps, 1);
  return (step) =>
    minimum + ((base - minimum) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
}
