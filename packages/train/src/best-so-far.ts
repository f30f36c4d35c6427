import type { EvaluationReport } from "./callback.ts";
import { requireAtLeast } from "./require.ts";

/** Which metric of an evaluation counts, and when it is better. */
export interface BestMetricOptions {
  /** Name of the metric in the evaluation's report. */
  readonly metric: string;
  /** Whether larger (`"max"`) or smaller (`"min"`) values are better. */
  readonly mode: "max" | "min";
  /**
   * By more than how much a value must be better than the best one before to count as better, in the metric's unit;
   * at least 0.
   *
   * @defaultValue 0
   */
  readonly minimumChange?: number;
}

/** The best evaluation so far. */
export interface BestEvaluation {
  /** Steps done. */
  readonly step: number;
  /** The metric's value. */
  readonly value: number;
}

/** Follows one metric over evaluations. */
export interface BestSoFar {
  /** The evaluation's value if it is the best one by now, which it becomes by {@link accept}. `NaN` never is. */
  readonly offer: (report: EvaluationReport) => BestEvaluation | undefined;
  readonly accept: (best: BestEvaluation) => void;
  readonly reset: () => void;
  /** What is remembered, as JSON. */
  readonly save: () => SavedBest;
  /** Takes back what was saved; false if it is of another metric or mode. */
  readonly restore: (saved: unknown) => boolean;
}

/** What {@link BestSoFar} remembers, as JSON. */
export interface SavedBest {
  readonly metric: string;
  readonly mode: string;
  readonly best: { readonly step: number; readonly value: number | string } | null;
}

/** Follows a metric for the function `caller`, which errors name. */
export function bestSoFar(caller: string, options: BestMetricOptions): BestSoFar {
  const { metric, mode, minimumChange = 0 } = options;
  if (mode !== "max" && mode !== "min")
    throw new RangeError(`${caller}: expected \`mode\` to be "max" or "min", got ${JSON.stringify(mode)}`);
  requireAtLeast(caller, "minimumChange", minimumChange, 0);
  let best: BestEvaluation | undefined;
  const isBetter = (value: number): boolean => {
    if (best === undefined) return !Number.isNaN(value);
    return mode === "max" ? value > best.value + minimumChange : value < best.value - minimumChange;
  };
  return {
    offer({ step, metrics }) {
      const value = metrics[metric];
      if (value === undefined) throw missing(caller, metric, Object.keys(metrics));
      return isBetter(value) ? { step, value } : undefined;
    },
    accept(better) {
      best = better;
    },
    reset() {
      best = undefined;
    },
    save() {
      // A string where JSON has no number.
      const value = best && (Number.isFinite(best.value) ? best.value : String(best.value));
      return { metric, mode, best: best && value !== undefined ? { step: best.step, value } : null };
    },
    restore(saved) {
      const { best: kept, ...of } = saved as SavedBest;
      if (of.metric !== metric || of.mode !== mode) return false;
      best = kept === null ? undefined : { step: kept.step, value: Number(kept.value) };
      return true;
    },
  };
}

function missing(caller: string, metric: string, names: readonly string[]): RangeError {
  const there = names.length === 0 ? "no metrics" : names.join(", ");
  return new RangeError(`${caller}: expected the evaluation to have the metric ${metric}, got ${there}`);
}
