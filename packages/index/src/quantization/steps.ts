import type { RunOptions } from "../matrix.ts";

/** Work in pieces of a few milliseconds: at each pause a number tells how much was done since the last. */
export type Steps<Result> = Generator<number, Result, void>;

/** Multiplications between two pauses: 1 to 4 ms. */
export const stepWork = 4_000_000;

const sliceMilliseconds = 25;
const progressMilliseconds = 50;

/** Rows that can be worked on between two pauses. */
export function rowsPerStep(workPerRow: number): number {
  return Math.max(1, Math.floor(stepWork / workPerRow));
}

export function runSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Runs for 25 ms at a time and lets the event loop turn in between. */
export async function runStepsAsync<Result>(
  steps: Steps<Result>,
  total: number,
  { signal, onProgress }: RunOptions,
): Promise<Result> {
  let done = 0;
  let told = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const start = performance.now();
    let now = start;
    while (now - start < sliceMilliseconds) {
      const step = steps.next();
      if (step.done) {
        onProgress?.({ done: total, total });
        return step.value;
      }
      done += step.value;
      now = performance.now();
    }
    if (onProgress !== undefined && now - told >= progressMilliseconds) {
      told = now;
      onProgress({ done, total });
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}
