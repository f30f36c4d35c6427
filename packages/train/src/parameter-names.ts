import type { NamedArrays } from "./parameters.ts";

/** Whether a parameter is a running statistic, which no gradient moves. */
export function isRunningStatistic(name: string): boolean {
  return /(^|\.)running_[^.]*$/.test(name);
}

/** Whether a parameter is one of the running statistics that a batch norm has. */
export function isBatchNormStatistic(name: string): boolean {
  return /(^|\.)running_(mean|var)$/.test(name);
}

/** Whether a parameter is of a batch norm, which is what has a running mean. */
export function isBatchNorm(name: string, parameters: NamedArrays): boolean {
  return name.replace(/[^.]*$/, "running_mean") in parameters;
}
