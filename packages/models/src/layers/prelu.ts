import { type Tensor, type Tensor2D, prelu as withSlope } from "@tensorflow/tfjs-core";
import type { Layer } from "./layer.ts";

/** PyTorch's initial slope of a PReLU. */
export const preluSlope = 0.25;

/**
 * `max(x, 0) + a · min(x, 0)` with slopes `NAME.weight`: one for all values, or one per channel where `channels` says how
 * many.
 *
 * @see {@link https://arxiv.org/abs/1502.01852 | He et al., Delving deep into rectifiers}
 */
export function prelu<T extends Tensor = Tensor2D>(name: string, channels = 1): Layer<T> {
  return {
    shapes: { [`${name}.weight`]: [channels] },
    apply: (pass, x) => withSlope(x, pass.parameters[`${name}.weight`]!) as T,
  };
}
