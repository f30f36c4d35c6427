import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { EvaluationReport, StepReport, TrainCallback } from "../callback.ts";
import { requireAtLeast, requireInteger } from "../require.ts";
import {
  evaluationOf,
  type LoggedStep,
  lineOfEvaluation,
  lineOfStep,
  parseLines,
  stepFields,
  stepOf,
} from "./json-lines.ts";
import { type LogFile, openLogFile } from "./log-file.ts";

/** Options of {@link jsonLinesLog}. */
export interface JsonLinesLogOptions {
  /**
   * Steps between lines: those whose number it divides are written, and the run's last one.
   *
   * @defaultValue 1
   */
  readonly everySteps?: number;
  /**
   * Seconds that lines may wait in memory before they are written together; 0 writes each at once.
   *
   * @defaultValue 5
   */
  readonly flushEverySeconds?: number;
}

/** What {@link readJsonLinesLog} reads. */
export interface JsonLinesLog {
  /** In the order of the file. */
  readonly steps: readonly LoggedStep[];
  /** In the order of the file. */
  readonly evaluations: readonly EvaluationReport[];
}

/**
 * Writes a run to a file, one JSON object a line: one for each step, and one for each evaluation.
 *
 * ```text
 * {"step":100,"loss":12.5,"learningRate":0.001,"images":32,"seconds":0.25,"accuracy":0.5}
 * {"step":100,"evaluation":{"mAP":0.25}}
 * ```
 *
 * A step's metrics stand beside its loss. `NaN`, `Infinity` and `-Infinity`, which JSON lacks, are written as the strings
 * `"NaN"`, `"Infinity"` and `"-Infinity"`, so that every line is valid JSON.
 *
 * A run from step 0 begins the file anew. A run that goes on from a checkpoint drops the lines of later steps, since those
 * steps are done again, and a last line that was cut short; the file is replaced whole, by renaming.
 *
 * Lines wait in memory for a few seconds. They are on the disk before a checkpoint is, so what a killed process loses is of
 * steps after its last checkpoint, which the next run does again and writes again.
 *
 * @param path - Where the log shall be; folders are made as needed.
 * @throws RangeError if an option is out of its range, or a step has a metric named like a field of the line.
 * @throws TrainingError `damaged`, when a run goes on, if a line but the last is no JSON object with a step. Errors of the
 * file system, such as a full disk, end the run.
 *
 * @example
 * ```ts
 * import { jsonLinesLog, readJsonLinesLog } from "@lmk/train";
 *
 * const log = jsonLinesLog("run/history.jsonl");
 * await log.onStart?.({ steps: 1, fromStep: 0 });
 * await log.onStep?.({
 *   step: 1, steps: 1, loss: 12.5, learningRate: 0.001, images: 32, seconds: 0.25, metrics: {},
 * });
 * await log.onEnd?.({ step: 1, reason: "finished", loss: 12.5 });
 * (await readJsonLinesLog("run/history.jsonl")).steps.map(({ loss }) => loss); // => [12.5]
 * ```
 */
export function jsonLinesLog(path: string, options: JsonLinesLogOptions = {}): TrainCallback {
  const { everySteps = 1, flushEverySeconds = 5 } = options;
  requireInteger("jsonLinesLog", "everySteps", everySteps, 1);
  requireAtLeast("jsonLinesLog", "flushEverySeconds", flushEverySeconds, 0);
  const file: LogFile = openLogFile(path, flushEverySeconds);
  return {
    onStart: ({ fromStep }) => beginAt(path, fromStep),
    onStep(report) {
      if (report.step % everySteps !== 0 && report.step !== report.steps) return;
      requireFreeNames(report);
      file.append(lineOfStep(report));
    },
    onEvaluate(report) {
      file.append(lineOfEvaluation(report));
      file.flush();
    },
    save() {
      file.flush({ durable: true });
    },
    onEnd: () => file.flush(),
  };
}

/**
 * Reads what {@link jsonLinesLog} wrote, also while the run goes on.
 *
 * A last line that was cut short is passed over.
 *
 * @throws TrainingError `damaged` if another line is not as {@link jsonLinesLog} writes it; the message names the line.
 */
export async function readJsonLinesLog(path: string): Promise<JsonLinesLog> {
  const steps: LoggedStep[] = [];
  const evaluations: EvaluationReport[] = [];
  for (const { line, number } of parseLines(path, await readFile(path, "utf8"))) {
    const evaluation = evaluationOf(path, line, number);
    if (evaluation) evaluations.push(evaluation);
    else steps.push(stepOf(path, line, number));
  }
  return { steps, evaluations };
}

/** Leaves in the file what belongs to the steps up to `fromStep`. */
async function beginAt(path: string, fromStep: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const kept = fromStep === 0 ? [] : parseLines(path, await textOf(path));
  const text = kept
    .filter(({ line }) => line.step <= fromStep)
    .map(({ line }) => `${JSON.stringify(line)}\n`)
    .join("");
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function requireFreeNames({ step, metrics }: StepReport): void {
  const taken = Object.keys(metrics).find((name) => stepFields.includes(name) || name === "evaluation");
  if (taken === undefined) return;
  throw new RangeError(
    `jsonLinesLog: expected the metrics of step ${step} to have other names than ${stepFields.join(", ")} and evaluation, got ${taken}`,
  );
}
