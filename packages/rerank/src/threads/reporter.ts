import type { Progress } from "../matrix.ts";

/** Milliseconds between two reports: 20 a second. */
const reportInterval = 50;

/** Counts the rows of a stage and tells of them. */
export function createReporter(
  stage: string,
  total: number,
  onProgress: ((progress: Progress) => void) | undefined,
): { readonly advance: (rows: number) => void; readonly finish: () => void } {
  let done = 0;
  let reported = performance.now();
  return {
    advance: (rows) => {
      done += rows;
      const now = performance.now();
      if (onProgress === undefined || done >= total || now - reported < reportInterval) return;
      reported = now;
      onProgress({ stage, done, total });
    },
    finish: () => onProgress?.({ stage, done: total, total }),
  };
}
