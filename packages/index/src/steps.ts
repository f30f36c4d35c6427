import { startSteps } from "./files/run-steps.ts";
import type { RunOptions } from "./matrix.ts";

/** Work in pieces of a few milliseconds: at each pause a number tells how much was done since the last. */
export type Steps<Result> = Generator<number, Result, void>;

/** Multiplications between two pauses: 1 to 4 ms. */
export const stepWork = 4_000_000;

const sliceMilliseconds = 25;

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

/** The same work, none of which counts as progress. */
export function* uncounted<Result>(steps: Steps<Result>): Steps<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield 0;
  }
}

/** Runs pieces of work so that the event loop turns at least every 25 ms or so, over all of them together. */
export interface Pacer {
  run<Result>(steps: Steps<Result>): Promise<Result>;
  /** Tells that all is done. */
  finish(): void;
}

export function createPacer(options: RunOptions, total: number): Pacer {
  const progress = startSteps(options, total);
  let sliceStart = performance.now();
  return {
    run: async (steps) => {
      for (;;) {
        const step = steps.next();
        progress.advance(step.done ? 0 : step.value);
        if (step.done) return step.value;
        if (performance.now() - sliceStart < sliceMilliseconds) continue;
        await new Promise((resolve) => setTimeout(resolve));
        sliceStart = performance.now();
      }
    },
    finish: progress.finish,
  };
}

/** One piece of work from start to end, at the pace of {@link createPacer}. */
export async function runStepsAsync<Result>(
  steps: Steps<Result>,
  total: number,
  options: RunOptions,
): Promise<Result> {
  const pacer = createPacer(options, total);
  const result = await pacer.run(steps);
  pacer.finish();
  return result;
}
