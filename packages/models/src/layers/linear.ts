import { add, matMul, reshape, type Tensor, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { Layer } from "./layer.ts";

/** What makes a linear layer. */
export interface LinearOptions {
  readonly in: number;
  readonly out: number;
  /** Whether a bias is added; it is unless given. */
  readonly bias?: boolean;
}

/** `x Wᵀ + b` over the last axis, with parameters `NAME.weight` of shape `[out, in]` and `NAME.bias`. */
export function linear<T extends Tensor = Tensor2D>(name: string, options: LinearOptions): Layer<T> {
  const { in: input, out, bias = true } = options;
  return {
    shapes: { [`${name}.weight`]: [out, input], ...(bias ? { [`${name}.bias`]: [out] } : {}) },
    apply: (pass, x) => {
      const rows = reshape(x, [-1, input]) as Tensor2D;
      const product = matMul(rows, pass.parameters[`${name}.weight`] as Tensor2D, false, true);
      const sum = bias ? add(product, pass.parameters[`${name}.bias`] as Tensor1D) : product;
      return reshape(sum, [...x.shape.slice(0, -1), out]) as T;
    },
  };
}
