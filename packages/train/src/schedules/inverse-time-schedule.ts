import { requireAtLeast } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link inverseTimeSchedule}. */
export interface InverseTimeScheduleOptions {
  /** Learning rate of the first step. */
  readonly base: number;
  /** How fast it falls: after `1 / decay` steps half is left. */
  readonly decay: number;
}

/**
 * Decay by the number of steps done, as the `decay` of a Keras optimizer.
 *
 * ```text
 * rate(t) = base / (1 + decay · t)
 * ```
 *
 * The 2020 retrieval winners' `SGD(1e-3, momentum=0.9, decay=1e-5)` is this, and no weight decay.
 *
 * @throws RangeError if a number is negative or not finite.
 *
 * @example
 * ```ts
 * import { inverseTimeSchedule } from "@lmk/train";
 *
 * inverseTimeSchedule({ base: 1e-3, decay: 1e-5 })(100_000); // => 0.0005
 * ```
 */
export function inverseTimeSchedule(options: InverseTimeScheduleOptions): Schedule {
  const { base, decay } = options;
  requireAtLeast("inverseTimeSchedule", "base", base, 0);
  requireAtLeast("inverseTimeSchedule", "decay", decay, 0);
  return (step) => base / (1 + decay * step);
}
