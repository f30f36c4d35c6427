import { requireAtLeast, requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link withWarmup}. */
export interface WithWarmupOptions {
  /** Steps that the rate rises; 0 leaves the schedule as it is. */
  readonly steps: number;
  /**
   * Learning rate of the first step.
   *
   * @defaultValue 0, that of transformers' `get_cosine_schedule_with_warmup`: the first step then changes no weight
   */
  readonly from?: number;
  /**
   * Whether the schedule begins after the warm-up. If not, the warm-up hides its first steps, and the rate falls a little
   * where the two meet.
   *
   * @defaultValue true, as in transformers; the 2021 retrieval second place has false
   */
  readonly delay?: boolean;
}

/**
 * A schedule with a linear rise before it.
 *
 * ```text
 * rate(t) = from + (schedule(0) − from) · t / steps      t < steps
 * rate(t) = schedule(t − steps)                          else; schedule(t) without delay
 * ```
 *
 * `from` is a rate, not a share of one: parameter groups whose base rates differ but whose warm-up starts at the same rate
 * have a schedule each. The second example is the 2021 retrieval second place's at `BASE_LR` 0.08, where the biases' base
 * is doubled and neither the start nor the floor is.
 *
 * @throws RangeError if `steps` is not a whole number of at least 0, or `from` is negative or not finite.
 *
 * @example Warm-up over the first of ten epochs, then a cosine to 0, as the winners of 2020 and 2021 had it
 * ```ts
 * import { cosineSchedule, withWarmup } from "@lmk/train";
 *
 * const epoch = 1000; // steps
 * const rate = withWarmup(cosineSchedule({ base: 0.05, minimum: 0, steps: 9 * epoch }), { steps: epoch });
 * [rate(0), rate(epoch / 2), rate(epoch), rate(10 * epoch)]; // => [0, 0.025, 0.05, 0]
 * ```
 *
 * @example
 * ```ts
 * import { cosineSchedule, withWarmup } from "@lmk/train";
 *
 * const epoch = 1000;
 * const second2021 = (base: number) =>
 *   withWarmup(cosineSchedule({ base, minimum: 0.00016, steps: 10 * epoch }), {
 *     steps: epoch,
 *     from: 0.0008,
 *     delay: false,
 *   });
 * [second2021(0.08)(0), second2021(0.16)(0)]; // => [0.0008, 0.0008]
 * second2021(0.08)(5 * epoch).toFixed(5); // => "0.04008"
 * ```
 *
 * @see {@link https://arxiv.org/abs/1706.02677 | Goyal et al., Accurate, Large Minibatch SGD}
 */
export function withWarmup(schedule: Schedule, options: WithWarmupOptions): Schedule {
  const { steps, from = 0, delay = true } = options;
  requireInteger("withWarmup", "steps", steps, 0);
  requireAtLeast("withWarmup", "from", from, 0);
  const peak = schedule(0);
  return (step) =>
    step < steps ? from + ((peak - from) * step) / steps : schedule(delay ? step - steps : step);
}
