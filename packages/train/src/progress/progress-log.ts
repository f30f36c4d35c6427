import type { StepReport, TrainCallback, TrainResult } from "../callback.ts";
import { requireAtLeast } from "../require.ts";
import { createStatusLine, type StatusLine } from "./status-line.ts";
import { formatLearningRate, formatNumber, formatRate, formatSeconds } from "./units.ts";

/** Options of {@link progressLog}. */
export interface ProgressLogOptions {
  /**
   * What is being done: the first word of the lines.
   *
   * @defaultValue "train"
   */
  readonly label?: string;
  /**
   * Where to write.
   *
   * @defaultValue standard error
   */
  readonly stream?: NodeJS.WriteStream;
  /**
   * Seconds between lines where the stream is no terminal.
   *
   * @defaultValue 15
   */
  readonly lineEverySeconds?: number;
}

/** Steps over which rate and time left are averaged. */
const windowSteps = 50;

/**
 * Shows a run while it goes on: steps done, rate, time left, loss and learning rate as a bar on a terminal, and as a line
 * every few seconds elsewhere. Evaluations, notices and the end are lines that stay.
 *
 * ```text
 * train 100/3200 · 96 images/s · 17 min 13 s left · loss 12.50 · lr 0.001
 * train evaluation at step 100 · mAP 0.25
 * train finished after 3200 steps · 17 min 46 s · loss 1.250
 * ```
 *
 * Rate and time left are those of the last 50 steps of this process, so that neither the steps before a resume nor the slow
 * first step count for long. The time left leaves out evaluations and checkpoints.
 *
 * @throws RangeError if `lineEverySeconds` is negative.
 *
 * @example
 * ```ts
 * import { progressLog } from "@lmk/train/progress";
 *
 * const callbacks = [progressLog({ label: "stage 1" })];
 * ```
 */
export function progressLog(options: ProgressLogOptions = {}): TrainCallback {
  const { label = "train", stream = process.stderr, lineEverySeconds = 15 } = options;
  requireAtLeast("progressLog", "lineEverySeconds", lineEverySeconds, 0);
  let line: StatusLine | undefined;
  let started = 0;
  let [from, done, total] = [0, 0, 0];
  let recent: StepReport[] = [];
  const print = (text: string): void => {
    if (line) line.print(`${label} ${text}`);
    else stream.write(`${label} ${text}\n`);
  };
  return {
    onStart({ steps, fromStep }) {
      started = performance.now();
      recent = [];
      [from, done, total] = [fromStep, fromStep, steps];
      print(fromStep > 0 ? `goes on from step ${fromStep} of ${steps}` : `begins: ${steps} steps`);
      const parts = ["waiting for the first step"];
      line = createStatusLine({ label, total, done, stream, lineEverySeconds, barSize: 10, parts });
    },
    onStep(report) {
      done = report.step;
      recent = [...recent.slice(1 - windowSteps), report];
      line?.update(done, partsOf(report, recent));
    },
    onEvaluate({ step, metrics }) {
      const values = Object.entries(metrics).map(([name, value]) => ` · ${name} ${formatNumber(value, 4)}`);
      print(`evaluation at step ${step}${values.join("")}`);
    },
    onNotice: print,
    onEnd(result) {
      line?.stop();
      line = undefined;
      const time = formatSeconds((performance.now() - started) / 1000);
      const loss = result && !Number.isNaN(result.loss) ? [`loss ${result.loss.toPrecision(4)}`] : [];
      const since = from > 0 ? `${time} since step ${from}` : time;
      print([endOf(result, done, total), since, ...loss].join(" · "));
    },
  };
}

function partsOf(report: StepReport, recent: readonly StepReport[]): string[] {
  const seconds = Math.max(sum(recent.map((one) => one.seconds)), 1e-3);
  const left = (report.steps - report.step) * (seconds / recent.length);
  return [
    formatRate(sum(recent.map((one) => one.images)) / seconds, "images"),
    `${formatSeconds(left)} left`,
    `loss ${report.loss.toPrecision(4)}`,
    `lr ${formatLearningRate(report.learningRate)}`,
  ];
}

function endOf(result: TrainResult | undefined, done: number, total: number): string {
  if (!result) return `failed after step ${done} of ${total}`;
  return result.reason === "finished"
    ? `finished after ${total} steps`
    : `${result.reason} after step ${result.step} of ${total}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
