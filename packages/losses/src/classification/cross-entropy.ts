import {
  logSoftmax,
  mean,
  mul,
  neg,
  type Scalar,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";

/**
 * Mean cross-entropy of logits against class numbers.
 *
 * ```text
 * loss = −1/N · Σᵢ log( exp(zᵢ,yᵢ) / Σⱼ exp(zᵢ,ⱼ) )
 * ```
 *
 * Computed through log-softmax, so that large logits neither overflow nor lose the smaller ones.
 *
 * @param logits - `[N, C]`.
 * @param labels - `[N]`, int32, from 0 to C − 1. A label outside gives its row a loss of 0, as one-hot encoding does.
 * @returns A scalar; the caller disposes it.
 *
 * @example
 * ```ts
 * import { crossEntropy } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * crossEntropy(tensor2d([[2, 0]]), tensor1d([0], "int32")); // => 0.126928, which is log(1 + e⁻²)
 * ```
 */
export function crossEntropy(logits: Tensor2D, labels: Tensor1D): Scalar {
  return tidy(() => {
    const target = ownClass(labels, logits.shape[1]);
    return neg(mean(sum(mul(target, logSoftmax(logits)), 1))) as Scalar;
  });
}
