import { type BestEvaluation, type BestMetricOptions, bestSoFar } from "./best-so-far.ts";
import type { TrainCallback, TrainedWeights } from "./callback.ts";

/** Options of {@link keepBest}. */
export interface KeepBestOptions extends BestMetricOptions {
  /** Told of each evaluation that is better than all before, with its weights; training waits for it. */
  readonly onBest: (best: BestEvaluation, weights: TrainedWeights) => void | Promise<void>;
}

/**
 * Tells which evaluation of a run is the best so far, so that its weights can be kept.
 *
 * The first value is the best so far; `NaN` never is. What is best is kept in checkpoints, so that a run that goes on tells
 * of better evaluations only. If the process was killed after a best evaluation and before the next checkpoint, or if
 * `onBest` failed, that evaluation is made again and told again: `onBest` must be able to replace what it wrote. A run that
 * goes on with another `metric` or `mode` starts anew.
 *
 * @throws RangeError if an option is out of its range; at an evaluation, if it lacks the metric: the message names those it
 * has.
 *
 * @example
 * ```ts
 * import { keepBest, writeSafetensors } from "@lmk/train";
 *
 * const file = keepBest({
 *   metric: "mAP",
 *   mode: "max",
 *   onBest: async (_best, weights) => writeSafetensors("best.safetensors", await weights.averages()),
 * });
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
      const better = tracker.offer(report);
      if (better === undefined) return undefined;
      await options.onBest(better, report.weights ?? noWeights);
      tracker.accept(better);
      return undefined;
    },
    save: tracker.save,
    restore: (saved) => void tracker.restore(saved),
  };
}

const refuse = async (): Promise<never> => {
  throw new RangeError("keepBest: expected an evaluation with weights, as train gives it, got one without");
};

/** Those of an evaluation that did not come from `train`. */
const noWeights: TrainedWeights = { parameters: refuse, averages: refuse };
