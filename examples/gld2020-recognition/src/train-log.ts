import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TrainRun } from "./train-run.ts";
import type { Validation } from "./validation.ts";

/** An epoch as the log tells it. */
export interface EpochResult extends Validation {
  /** From 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** Mean loss of the epoch's steps. */
  readonly trainLoss: number;
}

/** The line of an epoch in the original's format; the time is local, as C's `ctime` writes it. */
export function logLine(fold: number, result: EpochResult, time: Date): string {
  const { epoch, learningRate, trainLoss, loss, accuracy, globalAveragePrecision } = result;
  const values = [
    `lr: ${fixed(learningRate, 7)}`,
    `train loss: ${fixed(trainLoss, 5)}`,
    `valid loss: ${fixed(loss, 5)}`,
    `acc_m: ${fixed(accuracy, 6)}`,
    `gap_m: ${fixed(globalAveragePrecision, 6)}`,
  ];
  return `${ctime(time)} Fold ${fold}, Epoch ${epoch}, ${values.join(", ")}.`;
}

/** Adds the line of an epoch to the log of a run, `<kernel type>.txt`, which runs of several folds share. */
export async function appendLogLine(
  folder: string,
  { kernelType, fold }: Pick<TrainRun, "kernelType" | "fold">,
  result: EpochResult,
): Promise<string> {
  const line = logLine(fold, result, new Date());
  await mkdir(folder, { recursive: true });
  await appendFile(join(folder, `${kernelType}.txt`), `${line}\n`);
  return line;
}

/** As Python writes it: NaN is `nan`. */
function fixed(value: number, digits: number): string {
  return Number.isNaN(value) ? "nan" : value.toFixed(digits);
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Such as `Sun Jun  7 03:05:09 2020`. */
function ctime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  const day = String(time.getDate()).padStart(2);
  return `${days[time.getDay()]} ${months[time.getMonth()]} ${day} ${clock} ${time.getFullYear()}`;
}
