import { add, matMul, type Scalar, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { requireColumns, requireHead, requireShape } from "../require.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";

/**
 * Logits of a linear classifier: `z = x Wᵀ + b`, without any normalization.
 *
 * @param embeddings - `[N, d]`.
 * @param weight - `[C, d]`, a row per class.
 * @param bias - `[C]`.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { softmaxLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * softmaxLogits(tensor2d([[3, 4]]), weight, tensor1d([0, 10])); // => [3, 14]
 * ```
 */
export function softmaxLogits(embeddings: Tensor2D, weight: Tensor2D, bias: Tensor1D): Tensor2D {
  requireColumns("softmaxLogits", embeddings, weight);
  requireShape("softmaxLogits", "bias", bias, [weight.shape[0]]);
  return tidy(() => add(matMul(embeddings, weight, false, true), bias) as Tensor2D);
}

/**
 * Softmax classification: mean cross-entropy of the {@link softmaxLogits}.
 *
 * The baseline of the 2019 winners' loss table; it neither normalizes nor widens margins.
 *
 * @param embeddings - `[N, d]`.
 * @param weight - `[C, d]`, a row per class.
 * @param bias - `[C]`.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param options - Of the {@link crossEntropy}.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { softmax } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * softmax(tensor2d([[2, 0]]), weight, tensor1d([0, 0]), tensor1d([0], "int32")); // => 0.126928
 * ```
 */
export function softmax(
  embeddings: Tensor2D,
  weight: Tensor2D,
  bias: Tensor1D,
  labels: Tensor1D,
  options: CrossEntropyOptions = {},
): Scalar {
  requireHead("softmax", embeddings, weight, labels);
  requireShape("softmax", "bias", bias, [weight.shape[0]]);
  return tidy(() => crossEntropy(softmaxLogits(embeddings, weight, bias), labels, options));
}
