import { requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** A schedule and for how long it holds. */
export interface SchedulePart {
  readonly schedule: Schedule;
  /** Steps before the next part; the last part goes on after its own. */
  readonly steps: number;
}

/**
 * Schedules one after the other, each counted from its own step 0.
 *
 * @throws RangeError if there is no part, or a part's `steps` is not a positive whole number.
 *
 * @example A cosine with one restart
 * ```ts
 * import { cosineSchedule, joinSchedules } from "@lmk/train";
 *
 * const part = { schedule: cosineSchedule({ base: 1, minimum: 0, steps: 10 }), steps: 10 };
 * const rate = joinSchedules([part, part]);
 * [rate(0), rate(10), rate(15), rate(20)]; // => [1, 1, 0.5, 0]
 * ```
 */
export function joinSchedules(parts: readonly SchedulePart[]): Schedule {
  if (parts.length === 0)
    throw new RangeError("joinSchedules: expected `parts` to hold at least one part, got none");
  parts.forEach(({ steps }, i) => {
    requireInteger("joinSchedules", `parts[${i}].steps`, steps, 1);
  });
  const last = parts.length - 1;
  return (step) => {
    let part = 0;
    let begin = 0;
    while (part < last && step >= begin + parts[part].steps) begin += parts[part++].steps;
    return parts[part].schedule(step - begin);
  };
}
