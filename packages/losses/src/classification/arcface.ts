import { mul, type Scalar, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { requireHead, requirePositive } from "../require.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import {
  type BeyondMargin,
  type Margin,
  requireBeyond,
  requireMargin,
  widenTarget,
} from "./target-margin.ts";

/** Options of {@link arcFaceLogits}. */
export interface ArcFaceLogitsOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 30, as in the 2019 winners' code
   */
  readonly scale?: number;
  /**
   * Angle `m` added between an embedding and its own class, in radians, from 0 to π: one number, or one per class, as
   * {@link dynamicMargins} gives; see {@link Margin}.
   *
   * @defaultValue 0.3, as in the 2019 winners' code
   */
  readonly margin?: Margin;
  /**
   * What the own cosine becomes where the margin would carry the angle past π: see {@link BeyondMargin}.
   *
   * @defaultValue "linear", as in the winners' code of 2019, 2020 and 2021
   */
  readonly beyond?: BeyondMargin;
}

/** Options of {@link arcFace}: those of its logits and of the {@link crossEntropy}. */
export interface ArcFaceOptions extends ArcFaceLogitsOptions, CrossEntropyOptions {}

/**
 * ArcFace logits: scaled cosines, with the angle to each row's own class widened by the margin.
 *
 * ```text
 * zᵢⱼ = s · cos θᵢⱼ                for j ≠ yᵢ
 * zᵢⱼ = s · cos(θᵢⱼ + m)           for j = yᵢ, if cos θ > cos(π − m), or > 0 with an easy margin
 * zᵢⱼ = s · (cos θᵢⱼ − m sin(π−m)) for j = yᵢ otherwise, beyond: "linear"
 * zᵢⱼ = s · cos θᵢⱼ                                      beyond: "easy"
 * zᵢⱼ = −s                                               beyond: "hard"
 * zᵢⱼ = s · cos(θᵢⱼ + m)                                 beyond: "none"
 * ```
 *
 * where `θᵢⱼ` is the angle between embedding `i` and class row `j`; both are L2-normalized here. The sine is computed from
 * a clamped square, so that parallel vectors give a finite gradient; the original code gives NaN there.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is not from 0 to π or not one per
 * class, or `beyond` is unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { arcFaceLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * arcFaceLogits(tensor2d([[3, 4]]), weight, labels, { scale: 10, margin: 0.5 }); // => [6, 4.1441]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1801.07698 | Deng et al., ArcFace}
 */
export function arcFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: ArcFaceLogitsOptions = {},
): Tensor2D {
  const { scale = 30, margin = 0.3, beyond = "linear" } = options;
  requireHead("arcFaceLogits", embeddings, weight, labels);
  requirePositive("arcFaceLogits", "scale", scale);
  requireBeyond("arcFaceLogits", beyond);
  requireMargin("arcFaceLogits", margin, weight.shape[0]);
  return tidy(() => mul(widenTarget(cosines(embeddings, weight), labels, margin, beyond), scale));
}

/**
 * ArcFace: mean cross-entropy of the {@link arcFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length; {@link arcFaceParameters} gives initial ones.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is not from 0 to π or not one per
 * class, or `beyond` is unknown; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { arcFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[3, 4]]);
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * arcFace(embeddings, weight, tensor1d([1], "int32"), { scale: 1, margin: 0.5 }); // => 0.790241
 * ```
 *
 * @see {@link https://arxiv.org/abs/1801.07698 | Deng et al., ArcFace}
 */
export function arcFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: ArcFaceOptions = {},
): Scalar {
  return tidy(() => crossEntropy(arcFaceLogits(embeddings, weight, labels, options), labels, options));
}
