import { div, mul, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Pass } from "../pass.ts";
import type { Layer } from "./layer.ts";

/**
 * Drops a branch, whole image by whole image, with a probability of `rate` while training, and makes up for it by
 * `1 / (1 − rate)` where it stays.
 *
 * @see {@link https://arxiv.org/abs/1603.09382 | Huang et al., Deep networks with stochastic depth}
 */
export function stochasticDepth<T extends Tensor = Tensor4D>(caller: string, rate: number): Layer<T> {
  return {
    shapes: {},
    apply: (pass, x) => masked(caller, pass, x, rate, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]),
  };
}

/** Keeps a part `1 − rate` of the values, or of what a mask of `shape` spans, at a scale that keeps the mean. */
export function masked<T extends Tensor>(
  caller: string,
  pass: Pass,
  x: T,
  rate: number,
  shape: readonly number[],
): T {
  if (!pass.training || rate === 0) return x;
  if (pass.random === undefined) {
    throw new RangeError(
      `${caller}: expected \`random\` to draw what training drops, got none; give one, or set the rate to 0`,
    );
  }
  const keep = 1 - rate;
  return mul(x, div(pass.random(shape, keep), keep));
}
