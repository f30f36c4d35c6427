import { gradualWarmupSchedule, type Schedule } from "@lmk/train";
import type { TrainRun } from "./train-run.ts";

/** A run's schedule, and the epoch that it begins with. */
export interface LearningRatesOptions extends Pick<TrainRun, "initLr" | "epochs"> {
  /**
   * From 1.
   *
   * @defaultValue 1
   */
  readonly startFromEpoch?: number;
}

/**
 * The learning rate of each step, counted from the first step of epoch 1: the original's warm-up and cosine.
 *
 * A run that begins in the cosine has the peak in its first epoch, whichever that is: the original's cosine never begins
 * elsewhere.
 */
export function learningRates(options: LearningRatesOptions, stepsPerEpoch: number): Schedule {
  const { initLr, epochs, startFromEpoch = 1 } = options;
  const schedule = gradualWarmupSchedule({ base: initLr, epochs, stepsPerEpoch });
  const peakEpoch = 3;
  if (startFromEpoch <= peakEpoch) return schedule;
  const peak = schedule((peakEpoch - 1) * stepsPerEpoch);
  return (step) => (Math.floor(step / stepsPerEpoch) + 1 === startFromEpoch ? peak : schedule(step));
}
