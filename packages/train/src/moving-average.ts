import { add, div, maximum, mul, type Scalar, sub, type Tensor } from "@tensorflow/tfjs-core";
import type { Parameters } from "./parameters.ts";

/** Options of the moving average of parameters. */
export interface MovingAverageOptions {
  /** Share of the old average that is kept, above 0 and below 1, such as 0.9999. */
  readonly decay: number;
  /**
   * Keeps less at first: min(decay, (1 + t) / (10 + t)) after `t` updates, as TensorFlow does.
   *
   * @defaultValue false
   */
  readonly warmUp?: boolean;
}

/** Where the average of a parameter is kept in the state. */
export const averageName = (name: string): string => `average/${name}`;

/**
 * The averages after an update: a ← decay · a + (1 − decay) · p, also of the running statistics.
 *
 * @param next - What the update changed; the others are as in `state`.
 */
export function movingAverages(
  { decay, warmUp = false }: MovingAverageOptions,
  names: readonly string[],
  state: Parameters,
  next: Parameters,
  step: Scalar,
): Record<string, Tensor> {
  // The share of the new value, 1 − decay: in float32 a decay near 1 would lose its last digits.
  const share = warmUp ? maximum(1 - decay, div(9, add(step, 10))) : 1 - decay;
  const moved = names.filter((name) => next[name] !== undefined);
  return Object.fromEntries(
    moved.map((name) => {
      const old = state[averageName(name)]!;
      return [averageName(name), add(old, mul(sub(next[name]!, old), share))];
    }),
  );
}

/** Refuses a decay out of range. */
export function requireMovingAverage(caller: string, { decay }: MovingAverageOptions): void {
  if (decay > 0 && decay < 1) return;
  throw new RangeError(`${caller}: expected \`movingAverage.decay\` to be above 0 and below 1, got ${decay}`);
}
