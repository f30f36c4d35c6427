import { SingleBar } from "cli-progress";

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
  const {
    label,
    total,
    done: before = 0,
    unit = "images",
    stream = process.stderr,
    lineEverySeconds = 15,
  } = options;
  const started = performance.now();
  const describe = (done: number, note: string): { rate: string; left: string; note: string } => {
    const seconds = (performance.now() - started) / 1000;
    const rate = (done - before) / Math.max(seconds, 1e-3);
    const left = done > before ? formatSeconds((total - done) / rate) : "?";
    return { rate: `${formatRate(rate)} ${unit}/s`, left, note };
  };

  if (!stream.isTTY) {
    let shown = started;
    return {
      update(done, note = "") {
        if (done < total && performance.now() - shown < lineEverySeconds * 1000) return;
        shown = performance.now();
        const { rate, left } = describe(done, note);
        stream.write(
          `${[`${label} ${done}/${total}`, rate, `${left} left`, note].filter(Boolean).join(" · ")}\n`,
        );
      },
      stop() {},
    };
  }

  const format = `${label} {bar} {value}/{total} · {rate} · {left} left · {note}`;
  const bar = new SingleBar({
    format,
    stream,
    hideCursor: true,
    barsize: 24,
    clearOnComplete: true,
    autopadding: false,
  });
  bar.start(total, before, describe(before, ""));
  return {
    update: (done, note = "") => bar.update(done, describe(done, note)),
    stop: () => bar.stop(),
  };
}

function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2);
}

function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
