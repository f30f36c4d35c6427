import { requireAtLeast, requireInteger } from "../require.ts";
import type { Schedule } from "./schedule.ts";

/** Options of {@link gradualWarmupSchedule}. */
export interface GradualWarmupScheduleOptions {
  /** Learning rate of the first epoch; the peak is `multiplier` times as high. */
  readonly base: number;
  /** Epochs that the cosine is laid out for. A run may stop earlier. */
  readonly epochs: number;
  /** Steps of one epoch, which all have the same rate. */
  readonly stepsPerEpoch: number;
  /**
   * How many times `base` the peak is, at least 1. At 1 the rate rises from 0 to `base`.
   *
   * @defaultValue 10, the 2020 recognition third place's
   */
  readonly multiplier?: number;
  /**
   * Epochs that the rate rises, fewer than `epochs`.
   *
   * @defaultValue 1, the 2020 recognition third place's
   */
  readonly warmupEpochs?: number;
}

/**
 * Warm-up and cosine once per epoch, exactly as the 2020 recognition third place had them.
 *
 * With epochs k counted from 0, W of warm-up, n in all and m the multiplier:
 *
 * ```text
 * rate = base · ((m − 1) · k / W + 1)                             k ≤ W     (m = 1: base · k / W)
 * rate = base · m                                                 k = W + 1
 * rate = base · m · (1 + cos(π · (k − W) / (n − W))) / 2          k > W + 1
 * ```
 *
 * It differs from a plain warm-up in three ways. Epoch W has the full peak already, though it counts as warm-up. The peak
 * is kept for one more epoch, after which the cosine goes on as if it had not waited: its second point is never used. The
 * last epoch's rate is above 0; steps after it keep that rate.
 *
 * @throws RangeError if `base` is negative, `multiplier` below 1, or a count is not a positive whole number or leaves no
 *   epoch after the warm-up.
 *
 * @example
 * ```ts
 * import { gradualWarmupSchedule } from "@lmk/train";
 *
 * const rate = gradualWarmupSchedule({ base: 1, epochs: 5, stepsPerEpoch: 100 });
 * [rate(0), rate(100), rate(200), rate(300)]; // => [1, 10, 10, 5]
 * ```
 *
 * @see {@link https://github.com/ildoonet/pytorch-gradual-warmup-lr | warmup_scheduler}, and `GradualWarmupSchedulerV2` of
 *   {@link https://github.com/haqishen/Google-Landmark-Recognition-2020-3rd-Place-Solution | the third place}
 */
export function gradualWarmupSchedule(options: GradualWarmupScheduleOptions): Schedule {
  const { base, epochs, stepsPerEpoch, multiplier = 10, warmupEpochs = 1 } = options;
  requireAtLeast("gradualWarmupSchedule", "base", base, 0);
  requireAtLeast("gradualWarmupSchedule", "multiplier", multiplier, 1);
  requireInteger("gradualWarmupSchedule", "warmupEpochs", warmupEpochs, 1);
  requireInteger("gradualWarmupSchedule", "epochs", epochs, warmupEpochs + 1);
  requireInteger("gradualWarmupSchedule", "stepsPerEpoch", stepsPerEpoch, 1);
  const start = multiplier === 1 ? 0 : base;
  const peak = base * multiplier;
  return (step) => {
    const epoch = Math.min(Math.floor(step / stepsPerEpoch), epochs - 1);
    if (epoch <= warmupEpochs) return start + ((peak - start) * epoch) / warmupEpochs;
    if (epoch === warmupEpochs + 1) return peak;
    return (peak * (1 + Math.cos((Math.PI * (epoch - warmupEpochs)) / (epochs - warmupEpochs)))) / 2;
  };
}
