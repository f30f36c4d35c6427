import { type BestMetricOptions, bestSoFar, type SavedBest } from "./best-so-far.ts";
import type { TrainCallback } from "./callback.ts";
import { requireInteger } from "./require.ts";

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions extends BestMetricOptions {
  /**
   * Evaluations in a row without a better value after which the run stops; at least 1.
   *
   * @defaultValue 3, as in PyTorch Lightning
   */
  readonly patience?: number;
}

/**
 * Ends a run when a metric of its evaluations no longer gets better.
 *
 * ```text
 * better:  value > best + minimumChange   (mode "max")
 *          value < best − minimumChange   (mode "min")
 * ```
 *
 * The first value is the best so far; `NaN` is never better. The best value and the count of evaluations since are kept in
 * checkpoints. A run that goes on with another `metric` or `mode` starts counting anew. One that has stopped does no more
 * steps when it is started again; with more patience it counts on.
 *
 * @throws RangeError if an option is out of its range; at an evaluation, if it lacks the metric: the message names those it
 * has.
 *
 * @example
 * ```ts
 * import { earlyStopping } from "@lmk/train";
 *
 * const stopping = earlyStopping({ metric: "mAP", mode: "max", patience: 2 });
 * stopping.onEvaluate?.({ step: 100, metrics: { mAP: 0.5 } }); // => undefined
 * stopping.onEvaluate?.({ step: 200, metrics: { mAP: 0.4 } }); // => undefined
 * stopping.onEvaluate?.({ step: 300, metrics: { mAP: 0.45 } }); // => "stop"
 * ```
 *
 * @see Lutz Prechelt, "Early Stopping — But When?", 1998
 */
export function earlyStopping(options: EarlyStoppingOptions): TrainCallback {
  const { patience = 3 } = options;
  requireInteger("earlyStopping", "patience", patience, 1);
  const tracker = bestSoFar("earlyStopping", options);
  let without = 0;
  return {
    name: `earlyStopping ${options.mode} ${options.metric}`,
    onStart({ fromStep }) {
      // A run that had stopped stays stopped, unless it has more patience now.
      if (fromStep > 0) return without >= patience ? "stop" : undefined;
      tracker.reset();
      without = 0;
      return undefined;
    },
    onEvaluate(report) {
      const better = tracker.offer(report);
      if (better) tracker.accept(better);
      without = better ? 0 : without + 1;
      return without >= patience ? "stop" : undefined;
    },
    save: () => ({ ...tracker.save(), without }),
    restore(saved) {
      const { without: kept, ...best } = saved as SavedBest & { readonly without?: number };
      without = tracker.restore(best) ? (kept ?? 0) : 0;
    },
  };
}
