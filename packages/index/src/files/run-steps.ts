import type { RunOptions } from "../matrix.ts";

/** A call under way that goes step by step. */
export interface RunSteps {
  /** Counts a step; throws the signal's reason where the call is to end early. */
  advance(count: number): void;
  /** Tells that all is done. */
  finish(): void;
}

/** Milliseconds between two reports: 20 a second. */
const reportInterval = 50;

/** Starts to count steps; throws the signal's reason where it is aborted already. */
export function startSteps({ signal, onProgress }: RunOptions, total: number): RunSteps {
  signal?.throwIfAborted();
  let done = 0;
  let reported = performance.now();
  return {
    advance: (count) => {
      signal?.throwIfAborted();
      done += count;
      const now = performance.now();
      if (onProgress === undefined || done >= total || now - reported < reportInterval) return;
      reported = now;
      onProgress({ done, total });
    },
    finish: () => onProgress?.({ done: total, total }),
  };
}
