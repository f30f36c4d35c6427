import { expandDims, mul, type Scalar, sub, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireHead, requireNotNegative, requirePerClass, requirePositive } from "../require.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { type Margin, ofOwnClass } from "./target-margin.ts";

/** Options of {@link cosFaceLogits}. */
export interface CosFaceLogitsOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 30, as in the 2019 winners' code; the paper uses 64
   */
  readonly scale?: number;
  /**
   * What is taken from the cosine to the own class, of at least 0: one number, or one per class; see {@link Margin}.
   *
   * @defaultValue 0.3, the setting of the 2019 winners, whose class alone says 0.40; the paper uses 0.35
   */
  readonly margin?: Margin;
}

/** Options of {@link cosFace}: those of its logits and of the {@link crossEntropy}. */
export interface CosFaceOptions extends CosFaceLogitsOptions, CrossEntropyOptions {}

/**
 * CosFace logits: scaled cosines, less the margin at each row's own class.
 *
 * ```text
 * zᵢⱼ = s · cos θᵢⱼ        for j ≠ yᵢ
 * zᵢⱼ = s · (cos θᵢⱼ − m)  for j = yᵢ
 * ```
 *
 * where `θᵢⱼ` is the angle between embedding `i` and class row `j`; both are L2-normalized here.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, or `margin` is negative, not finite or not
 * one per class.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { cosFaceLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * cosFaceLogits(tensor2d([[3, 4]]), weight, labels, { scale: 10, margin: 0.2 }); // => [6, 6]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1801.09414 | Wang et al., CosFace}
 */
export function cosFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: CosFaceLogitsOptions = {},
): Tensor2D {
  const { scale = 30, margin = 0.3 } = options;
  requireHead("cosFaceLogits", embeddings, weight, labels);
  requirePositive("cosFaceLogits", "scale", scale);
  if (typeof margin === "number") requireNotNegative("cosFaceLogits", "margin", margin);
  else requirePerClass("cosFaceLogits", "margin", margin, weight.shape[0]);
  return tidy(() => {
    const own = ownClass(labels, weight.shape[0]);
    const margins = ofOwnClass(own, margin);
    const less = mul(own, typeof margins === "number" ? margins : expandDims(margins, 1));
    return mul(sub(cosines(embeddings, weight), less), scale);
  });
}

/**
 * CosFace: mean cross-entropy of the {@link cosFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length; {@link arcFaceParameters} gives initial ones.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, or `margin` is negative, not finite or not
 * one per class; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { cosFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[3, 4]]);
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * cosFace(embeddings, weight, tensor1d([1], "int32"), { scale: 1, margin: 0.2 }); // => 0.693147, which is ln 2
 * ```
 *
 * @see {@link https://arxiv.org/abs/1801.09414 | Wang et al., CosFace}
 */
export function cosFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: CosFaceOptions = {},
): Scalar {
  return tidy(() => crossEntropy(cosFaceLogits(embeddings, weight, labels, options), labels, options));
}
