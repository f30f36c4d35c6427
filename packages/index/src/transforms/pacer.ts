import { startSteps } from "../files/run-steps.ts";
import type { RunOptions } from "../matrix.ts";
import type { Steps } from "../quantization/steps.ts";

const sliceMilliseconds = 25;

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
