import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Layer } from "./layer.ts";
import { masked } from "./stochastic-depth.ts";

/**
 * Sets each value to 0 with a probability of `rate` while training, and divides the others by `1 − rate`.
 *
 * @see {@link https://jmlr.org/papers/v15/srivastava14a.html | Srivastava et al., Dropout}
 */
export function dropout<T extends Tensor = Tensor2D>(caller: string, rate: number): Layer<T> {
  return { shapes: {}, apply: (pass, x) => masked(caller, pass, x, rate, x.shape) };
}
