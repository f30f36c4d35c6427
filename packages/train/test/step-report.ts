import type { StepReport } from "@lmk/train";

/** The report of a step of 32 images in a quarter of a second. */
export function stepReport(step: number, changes: Partial<StepReport> = {}): StepReport {
  return {
    step,
    steps: 1000,
    loss: 12.5,
    learningRate: 0.001,
    images: 32,
    seconds: 0.25,
    metrics: {},
    ...changes,
  };
}
