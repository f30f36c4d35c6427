import { mul, type Scalar, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { requireColumns, requireHead, requirePositive } from "../require.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";

/** Options of {@link normalizedSoftmaxLogits}. */
export interface NormalizedSoftmaxLogitsOptions {
  /**
   * Factor `s` on all logits, one over the temperature.
   *
   * @defaultValue 20, the paper's temperature of 0.05
   */
  readonly scale?: number;
}

/** Options of {@link normalizedSoftmax}: those of its logits and of the {@link crossEntropy}. */
export interface NormalizedSoftmaxOptions extends NormalizedSoftmaxLogitsOptions, CrossEntropyOptions {}

/**
 * Logits of a classifier by angle: `zᵢⱼ = s · cos θᵢⱼ`.
 *
 * `θᵢⱼ` is the angle between embedding `i` and class row `j`; both are L2-normalized here. These are also the logits of a
 * margin loss without its margin, for predictions.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together or `scale` is not above 0.
 *
 * @example
 * ```ts
 * import { normalizedSoftmaxLogits } from "@lmk/losses";
 * import { tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * normalizedSoftmaxLogits(tensor2d([[3, 4]]), weight, { scale: 10 }); // => [6, 8]
 * ```
 */
export function normalizedSoftmaxLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  options: NormalizedSoftmaxLogitsOptions = {},
): Tensor2D {
  const { scale = 20 } = options;
  requireColumns("normalizedSoftmaxLogits", embeddings, weight);
  requirePositive("normalizedSoftmaxLogits", "scale", scale);
  return tidy(() => mul(cosines(embeddings, weight), scale));
}

/**
 * Normalized softmax: mean cross-entropy of the {@link normalizedSoftmaxLogits}.
 *
 * A margin loss with a margin of 0. With a scale of 60 it is the last stage of the ResNeSt-269 of the runners-up of 2021,
 * who write it as ArcFace with m = 0.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length; {@link arcFaceParameters} gives initial ones.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together or `scale` is not above 0; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { normalizedSoftmax } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[3, 4]]);
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * normalizedSoftmax(embeddings, weight, tensor1d([1], "int32"), { scale: 10 }); // => 0.126928, which is log(1 + e⁻²)
 * ```
 *
 * @see {@link https://arxiv.org/abs/1811.12649 | Zhai and Wu, Classification is a Strong Baseline for Deep Metric Learning}
 */
export function normalizedSoftmax(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: NormalizedSoftmaxOptions = {},
): Scalar {
  requireHead("normalizedSoftmax", embeddings, weight, labels);
  return tidy(() => crossEntropy(normalizedSoftmaxLogits(embeddings, weight, options), labels, options));
}
