import type { TrainRun } from "./train-run.ts";

/**
 * The file of a run's weights: the original's name, with `.safetensors` instead of `.pth`.
 *
 * @param epoch - After which epoch, from 1, for weights that are kept of one; without, those of the last.
 */
export function weightsName(
  { kernelType, fold }: Pick<TrainRun, "kernelType" | "fold">,
  epoch?: number,
): string {
  return `${kernelType}_fold${fold}${epoch === undefined ? "" : `_ep${epoch}`}.safetensors`;
}
