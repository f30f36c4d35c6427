import { mul, type Scalar, sub, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { circleLogits } from "../circle-logits.ts";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireHead, requirePositive, requireShare } from "../require.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";

/** Options of {@link circleClassificationLogits}. */
export interface CircleClassificationLogitsOptions {
  /**
   * Factor `γ` on all logits.
   *
   * @defaultValue 256, as in the paper for faces and in the code of the second place of 2021
   */
  readonly scale?: number;
  /**
   * Relaxation `m`, from 0 to 1: the loss asks for own cosines above 1 − m and others below m.
   *
   * @defaultValue 0.25, as in the paper for faces and in the code of the second place of 2021
   */
  readonly margin?: number;
}

/** Options of {@link circleClassification}: those of its logits and of the {@link crossEntropy}. */
export interface CircleClassificationOptions extends CircleClassificationLogitsOptions, CrossEntropyOptions {}

/**
 * Circle loss logits of class labels: each cosine is weighed by how far it is from where it should be.
 *
 * ```text
 * zᵢⱼ = γ · [1 + m − cos θᵢⱼ]₊ · (cos θᵢⱼ − (1 − m))   for j = yᵢ
 * zᵢⱼ = γ · [cos θᵢⱼ + m]₊ · (cos θᵢⱼ − m)             for j ≠ yᵢ
 * ```
 *
 * The weights `[…]₊` are held constant in the gradient.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is not from 0 to 1.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { circleClassificationLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * circleClassificationLogits(tensor2d([[3, 4]]), weight, labels, { scale: 10 }); // => [2.975, 0.225]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2002.10857 | Sun et al., Circle Loss}
 */
export function circleClassificationLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: CircleClassificationLogitsOptions = {},
): Tensor2D {
  const { scale = 256, margin = 0.25 } = options;
  requireHead("circleClassificationLogits", embeddings, weight, labels);
  requirePositive("circleClassificationLogits", "scale", scale);
  requireShare("circleClassificationLogits", "margin", margin);
  return tidy(() => {
    const own = ownClass(labels, weight.shape[0]);
    const signed = circleLogits(cosines(embeddings, weight), own, { scale, margin });
    return mul(signed, sub(1, mul(own, 2)));
  });
}

/**
 * Circle loss of class labels: mean cross-entropy of the {@link circleClassificationLogits}, the paper's equation 6 for
 * one own class and C − 1 others.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is not from 0 to 1; and as
 * {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { circleClassification } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * // Own: (1.25 − 0.8) · (0.8 − 0.75) = 0.0225; the other: (0.6 + 0.25) · (0.6 − 0.25) = 0.2975.
 * circleClassification(tensor2d([[3, 4]]), weight, tensor1d([1], "int32"), { scale: 1 }); // => 0.840071
 * ```
 *
 * @see {@link https://arxiv.org/abs/2002.10857 | Sun et al., Circle Loss}
 */
export function circleClassification(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: CircleClassificationOptions = {},
): Scalar {
  return tidy(() =>
    crossEntropy(circleClassificationLogits(embeddings, weight, labels, options), labels, options),
  );
}
