import { requireAtLeast, requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link stepSchedule}. */
export interface StepScheduleOptions {
  /** Learning rate before the first drop. */
  readonly base: number;
  /**
   * What each drop multiplies the rate by.
   *
   * @defaultValue 0.1, PyTorch's
   */
  readonly factor?: number;
  /** Steps between drops, or the steps of the drops themselves, rising; a step among them has the lower rate already. */
  readonly drops: { readonly every: number } | { readonly at: readonly number[] };
}

/**
 * A rate that is multiplied by a factor at certain steps.
 *
 * ```text
 * rate(t) = base · factor^n      n = ⌊t / every⌋, or how many of `at` are ≤ t
 * ```
 *
 * With `every` the steps of an epoch and `factor` e^−0.01 it is the decay of cirtorch's networks.
 *
 * @throws RangeError if a rate is negative or not finite, `every` is not a positive whole number, or `at` is not a rising
 *   list of whole numbers.
 *
 * @example
 * ```ts
 * import { stepSchedule } from "@lmk/train";
 *
 * const rate = stepSchedule({ base: 1, factor: 0.5, drops: { at: [30, 60] } });
 * [rate(29), rate(30), rate(60)]; // => [1, 0.5, 0.25]
 * ```
 */
export function stepSchedule(options: StepScheduleOptions): Schedule {
  const { base, factor = 0.1, drops } = options;
  requireAtLeast("stepSchedule", "base", base, 0);
  requireAtLeast("stepSchedule", "factor", factor, 0);
  if ("every" in drops) {
    const { every } = drops;
    requireInteger("stepSchedule", "drops.every", every, 1);
    return (step) => base * factor ** Math.floor(step / every);
  }
  const at = [...drops.at];
  at.forEach((step, i) => {
    requireInteger("stepSchedule", `drops.at[${i}]`, step, i === 0 ? 0 : at[i - 1] + 1);
  });
  return (step) => base * factor ** at.filter((drop) => drop <= step).length;
}
