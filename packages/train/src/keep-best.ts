import { type BestEvaluation, type BestMetricOptions, bestSoFar } from "./best-so-far.ts";
import type { TrainCallback } from "./callback.ts";

/** Options of {@link keepBest}. */
export interface KeepBestOptions extends BestMetricOptions {
  /** Told of each evaluation that is better than all before; training waits for it. */
  readonly onBest: (best: BestEvaluation) => void | Promise<void>;
}

/**
 * Tells which evaluation of a run is the best so far, so that its weights can be kept.
 *
 * The first value is the best so far; `NaN` never is. What is best is kept in checkpoints, so that a run that goes on tells
 * of better evaluations only. If the process was killed after a best evaluation and before the next checkpoint, that
 * evaluation is made again and told again: `onBest` must be able to replace what it wrote. A run that goes on with another
 * `metric` or `mode` starts anew.
 *
 * The weights are those that the run's evaluation was given: remember them there, and write them in `onBest`.
 *
 * @throws RangeError if an option is out of its range; at an evaluation, if it lacks the metric: the message names those it
 * has.
 *
 * @example
 * ```ts
 * import { keepBest } from "@lmk/train";
 *
 * const steps: number[] = [];
 * const best = keepBest({ metric: "loss", mode: "min", onBest: ({ step }) => void steps.push(step) });
 * await best.onEvaluate?.({ step: 100, metrics: { loss: 2 } });
 * await best.onEvaluate?.({ step: 200, metrics: { loss: 3 } });
 * await best.onEvaluate?.({ step: 300, metrics: { loss: 1 } });
 * steps; // => [100, 300]
 * ```
 */
export function keepBest(options: KeepBestOptions): TrainCallback {
  const tracker = bestSoFar("keepBest", options);
  return {
    name: `keepBest ${options.mode} ${options.metric}`,
    onStart({ fromStep }) {
      if (fromStep === 0) tracker.reset();
    },
    async onEvaluate(report) {
      if (tracker.add(report)) await options.onBest(tracker.best()!);
      return undefined;
    },
    save: tracker.save,
    restore: (saved) => void tracker.restore(saved),
  };
}
