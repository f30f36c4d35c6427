import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";

/** The file of a run's log, as the original names it. */
export const trainLogFile = "train_log.txt";

/** An epoch as the log tells it. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Steps of this run so far. */
  readonly step: number;
  readonly learningRate: number;
  /** Mean loss of the epoch's steps. */
  readonly loss: number;
}

/** The line of an epoch; the time is local. */
export function logLine({ epoch, step, learningRate, loss }: EpochResult, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${day} ${clock} Epoch ${epoch}, step ${step}: loss ${loss.toFixed(5)}, lr ${learningRate.toExponential(3)}`;
}

/** Adds the line of an epoch to the log of a run. */
export async function appendLogLine(folder: string, result: EpochResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  await appendFile(join(folder, trainLogFile), `${logLine(result, new Date())}\n`);
}
