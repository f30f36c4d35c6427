import { requireAtLeast } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link constantSchedule}. */
export interface ConstantScheduleOptions {
  /** Learning rate of every step, such as 0.01 of the 2020 recognition second place. */
  readonly base: number;
}

/**
 * The same learning rate in every step.
 *
 * ```text
 * rate(t) = base
 * ```
 *
 * @throws RangeError if `base` is negative or not finite.
 *
 * @example
 * ```ts
 * import { constantSchedule } from "@lmk/train";
 *
 * constantSchedule({ base: 0.01 })(1000); // => 0.01
 * ```
 */
export function constantSchedule(options: ConstantScheduleOptions): Schedule {
  const { base } = options;
  requireAtLeast("constantSchedule", "base", base, 0);
  return () => base;
}
