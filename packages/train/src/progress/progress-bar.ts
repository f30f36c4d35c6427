import { createStatusLine } from "./status-line.ts";
import { formatRate, formatSeconds } from "./units.ts";

/** What a progress bar shows. */
export interface ProgressBar {
  /** Shows that `done` units are done; `note` is shown behind the rate, such as the loss. */
  readonly update: (done: number, note?: string) => void;
  /** Ends the line. */
  readonly stop: () => void;
}

/** Options of {@link createProgressBar}. */
export interface ProgressBarOptions {
  /** What is being done: the first word of the line. */
  readonly label: string;
  /** Units of the whole job. */
  readonly total: number;
  /**
   * Units done before, which do not count for the rate.
   *
   * @defaultValue 0
   */
  readonly done?: number;
  /**
   * Name of a unit, as in `120 images/s`.
   *
   * @defaultValue "images"
   */
  readonly unit?: string;
  /**
   * Where to draw.
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

/**
 * A progress bar with rate and time left; on a stream that is no terminal, a line every few seconds instead.
 *
 * @example
 * ```ts
 * import { createProgressBar } from "@lmk/train/progress";
 *
 * const bar = createProgressBar({ label: "train", total: 3200 });
 * bar.update(32, "loss 12.1");
 * bar.stop();
 * ```
 */
export function createProgressBar(options: ProgressBarOptions): ProgressBar {
  const { done: before = 0, unit = "images", stream = process.stderr, lineEverySeconds = 15 } = options;
  const { label, total } = options;
  const started = performance.now();
  const partsOf = (done: number, note: string): string[] => {
    const seconds = (performance.now() - started) / 1000;
    const rate = (done - before) / Math.max(seconds, 1e-3);
    const left = done > before ? formatSeconds((total - done) / rate) : "?";
    return [formatRate(rate, unit), `${left} left`, note];
  };
  const line = createStatusLine({
    label,
    total,
    done: before,
    stream,
    lineEverySeconds,
    barSize: 24,
    parts: partsOf(before, ""),
  });
  return {
    update: (done, note = "") => line.update(done, partsOf(done, note)),
    stop: line.stop,
  };
}
