import {
  constantSchedule,
  cosineSchedule,
  gradualWarmupSchedule,
  type Schedule,
  withWarmup,
} from "@lmk/train";
import type { NetworkConfig } from "./network-config.ts";

/** What a schedule is made of. */
type RatesConfig = Pick<NetworkConfig, "schedule" | "lr" | "warmup" | "epochs">;

/**
 * The learning rate of each update, counted from 0.
 *
 * The authors say that a cosine follows one epoch of warm-up; the rest is not published. Here the rate rises evenly from 0 and
 * then falls to 0 at the end of `epochs`, update by update. A run that stops earlier, by `stop_at`, has the same rates as far as
 * it goes.
 *
 * @param updatesPerEpoch - Whole; with `grad_accumulation`, updates and not batches.
 */
export function learningRates(config: RatesConfig, updatesPerEpoch: number): Schedule {
  const { schedule, lr: base, warmup, epochs } = config;
  switch (schedule) {
    case "cosine": {
      const steps = (epochs - warmup) * updatesPerEpoch;
      return withWarmup(cosineSchedule({ base, minimum: 0, steps }), { steps: warmup * updatesPerEpoch });
    }
    case "gradual_warmup":
      return gradualWarmupSchedule({ base, epochs, stepsPerEpoch: updatesPerEpoch, warmupEpochs: warmup });
    case "constant":
      return constantSchedule({ base });
  }
}

/** The epoch after which a run ends, from 1. */
export function lastEpoch({ epochs, stop_at }: Pick<NetworkConfig, "epochs" | "stop_at">): number {
  return stop_at < 0 ? epochs : Math.min(stop_at, epochs);
}
