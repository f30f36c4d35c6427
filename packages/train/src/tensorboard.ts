import { mkdir, readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { StepReport, TrainCallback } from "./callback.ts";
import { type LogFile, openLogFile } from "./logs/log-file.ts";
import { requireAtLeast, requireInteger } from "./require.ts";
import { type EventContent, encodeEvent } from "./tensorboard/event.ts";
import { encodeRecord } from "./tensorboard/record.ts";

/** Options of {@link tensorBoardLog}. */
export interface TensorBoardLogOptions {
  /**
   * Steps between points of a step's scalars: those whose number it divides are written, and the run's last one.
   *
   * @defaultValue 1
   */
  readonly everySteps?: number;
  /**
   * Seconds that points may wait in memory before they are written together; 0 writes each at once.
   *
   * @defaultValue 5
   */
  readonly flushEverySeconds?: number;
  /**
   * Last part of the files' names, which TensorBoard does not show.
   *
   * @defaultValue the machine's host name
   */
  readonly host?: string;
  /**
   * The time, in milliseconds since 1970.
   *
   * @defaultValue the system's clock
   */
  readonly now?: () => number;
}

/**
 * Writes a run's scalars for TensorBoard, as event files in a folder.
 *
 * ```text
 * loss, learning_rate, images_per_second     of each step
 * metrics/NAME                               of each step
 * evaluation/NAME                            of each evaluation
 * ```
 *
 * Values are float32. Each start of the run makes a file of its own, and TensorBoard reads a folder's files as one run. A
 * file begins with the step from which the run went on, so that TensorBoard drops what older files hold of the steps that
 * are done again; a run from step 0 drops all. Give each run its own folder below one that TensorBoard is pointed at:
 * `tensorboard --logdir runs`.
 *
 * Points wait in memory for a few seconds. They are on the disk before a checkpoint is, so what a killed process loses is of
 * steps after its last checkpoint, which the next run does again and writes again.
 *
 * @param folder - Where the event files shall be; made as needed.
 * @throws RangeError if an option is out of its range. Errors of the file system, such as a full disk, end the run.
 *
 * @example
 * ```ts
 * import { tensorBoardLog } from "@lmk/train/tensorboard";
 *
 * const callbacks = [tensorBoardLog("runs/first")];
 * ```
 *
 * @see {@link https://github.com/tensorflow/tensorboard | TensorBoard}
 */
export function tensorBoardLog(folder: string, options: TensorBoardLogOptions = {}): TrainCallback {
  const { everySteps = 1, flushEverySeconds = 5, host = hostname() } = options;
  const { now = () => performance.timeOrigin + performance.now() } = options;
  requireInteger("tensorBoardLog", "everySteps", everySteps, 1);
  requireAtLeast("tensorBoardLog", "flushEverySeconds", flushEverySeconds, 0);
  if (!/^[\w.-]+$/.test(host))
    throw new RangeError(
      `tensorBoardLog: expected \`host\` to be letters, digits, dots, dashes and underscores, got ${JSON.stringify(host)}`,
    );

  let file: LogFile | undefined;
  const add = (step: number, content: EventContent): void => {
    if (!file) throw new Error("tensorBoardLog: expected onStart before other calls, got none");
    file.append(encodeRecord(encodeEvent(now() / 1000, step, content)));
  };
  return {
    async onStart({ fromStep }) {
      file = openLogFile(await createEventFile(folder, host, now()), flushEverySeconds);
      add(0, { kind: "file-version" });
      add(fromStep === 0 ? 0 : fromStep + 1, { kind: "start" });
      file.flush();
    },
    onStep(report) {
      if (report.step % everySteps !== 0 && report.step !== report.steps) return;
      add(report.step, { kind: "scalars", scalars: scalarsOf(report) });
    },
    onEvaluate({ step, metrics }) {
      add(step, { kind: "scalars", scalars: withPrefix("evaluation", metrics) });
      file?.flush();
    },
    save() {
      file?.flush({ durable: true });
    },
    onEnd() {
      file?.flush();
    },
  };
}

/** Makes an empty file that TensorBoard, which goes by names, reads after all others of the folder. */
async function createEventFile(folder: string, host: string, now: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const times = (await readdir(folder)).map((name) =>
    Number(/^events\.out\.tfevents\.(\d+)\./.exec(name)?.[1] ?? -1),
  );
  const time = Math.max(Math.floor(now / 1000), ...times.map((other) => other + 1));
  const path = join(folder, `events.out.tfevents.${String(time).padStart(10, "0")}.${host}`);
  await writeFile(path, "", { flag: "wx" });
  return path;
}

function scalarsOf(report: StepReport): Record<string, number> {
  const { loss, learningRate, images, seconds, metrics } = report;
  const rate: Record<string, number> = seconds > 0 ? { images_per_second: images / seconds } : {};
  return { loss, learning_rate: learningRate, ...rate, ...withPrefix("metrics", metrics) };
}

function withPrefix(prefix: string, metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}/${name}`, value]));
}
