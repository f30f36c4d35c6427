import { type DynamicMarginsOptions, dynamicMargins } from "@lmk/losses";
import type { StepData } from "./system.ts";

/**
 * The margin of each class of the head, in radians: the largest for the smallest class, by all images of
 * the training step, also those that are validated on.
 *
 * @param headClasses - Least classes of the head; those without images have a margin that is never used.
 */
export function headMargins(
  { classIds, landmarkIds }: StepData,
  options: DynamicMarginsOptions,
  headClasses = 0,
): Float32Array {
  const counts = new Int32Array(landmarkIds.length);
  for (const classId of classIds) counts[classId]! += 1;
  const margins = new Float32Array(Math.max(landmarkIds.length, headClasses));
  margins.set(dynamicMargins(counts, options));
  return margins;
}
