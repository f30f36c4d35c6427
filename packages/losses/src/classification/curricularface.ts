import {
  add,
  expandDims,
  mean,
  mul,
  type Scalar,
  step,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireAngle, requireHead, requirePositive, requireShape, requireShare } from "../require.ts";
import { withoutGradient } from "../without-gradient.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { moveOwnCosines, ownCosines } from "./own-cosines.ts";
import { widenUpTo } from "./target-margin.ts";
import { angleOf, widenAngle } from "./widen-angle.ts";

/** Options of {@link curricularFaceLogits}. */
export interface CurricularFaceLogitsOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 64, as in the paper
   */
  readonly scale?: number;
  /**
   * Angle `m` added between an embedding and its own class, in radians, from 0 to π.
   *
   * @defaultValue 0.5, as in the paper
   */
  readonly margin?: number;
  /**
   * Weight of this batch in the running mean of target cosines, from 0 to 1; 0 keeps the mean as it is given.
   *
   * @defaultValue 0.01, as in the paper
   */
  readonly momentum?: number;
}

/** Options of {@link curricularFace}: those of its logits and of the {@link crossEntropy}. */
export interface CurricularFaceOptions extends CurricularFaceLogitsOptions, CrossEntropyOptions {}

/** What {@link curricularFace} gives. */
export interface CurricularFaceResult {
  /** Mean over the batch. */
  readonly loss: Scalar;
  /** `final.running_target_cosine`, to be given to the next step. */
  readonly statistics: Readonly<Record<"final.running_target_cosine", Tensor>>;
}

/** What {@link curricularFaceLogits} gives. */
export interface CurricularFaceLogits {
  /** `[N, C]`. */
  readonly logits: Tensor2D;
  /** `final.running_target_cosine`, to be given to the next step. */
  readonly statistics: Readonly<Record<"final.running_target_cosine", Tensor>>;
}

/**
 * CurricularFace logits: ArcFace's, with the cosines of hard other classes weighed by how far training has come.
 *
 * ```text
 * t   = μ · meanᵢ cos θᵢ,yᵢ + (1 − μ) · running             held constant in the gradient
 * zᵢⱼ = s · cos θᵢⱼ                 for j ≠ yᵢ, if cos θᵢⱼ ≤ cos(θᵢ,yᵢ + m): an easy class
 * zᵢⱼ = s · cos θᵢⱼ (t + cos θᵢⱼ)   for j ≠ yᵢ otherwise: a hard class
 * zᵢⱼ = s · cos(θᵢⱼ + m)            for j = yᵢ, if cos θ > cos(π − m)
 * zᵢⱼ = s · (cos θᵢⱼ − m sin(π−m))  for j = yᵢ otherwise
 * ```
 *
 * Early in training `t` is near 0 and hard classes count less than easy ones; as `t` grows they count more. The sine is
 * computed from a clamped square, so that parallel vectors give a finite gradient; the authors' code gives NaN there.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param running - The mean target cosine so far, a scalar; 0 before the first step.
 * @returns The logits and the mean after this batch, which these logits use already; the caller disposes both.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is not from 0 to π or
 * `momentum` is not from 0 to 1.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { curricularFaceLogits } from "@lmk/losses";
 * import { scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * curricularFaceLogits(tensor2d([[3, 4]]), weight, labels, scalar(0.5), { scale: 10 }).logits; // => [6.618, 4.1441]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.00288 | Huang et al., CurricularFace}
 */
export function curricularFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  running: Scalar,
  options: CurricularFaceLogitsOptions = {},
): CurricularFaceLogits {
  const { scale = 64, margin = 0.5, momentum = 0.01 } = options;
  requireHead("curricularFaceLogits", embeddings, weight, labels);
  requireShape("curricularFaceLogits", "running", running, []);
  requirePositive("curricularFaceLogits", "scale", scale);
  requireAngle("curricularFaceLogits", "margin", margin);
  requireShare("curricularFaceLogits", "momentum", momentum);
  return tidy(() => {
    const cosine = cosines(embeddings, weight);
    const own = ownClass(labels, weight.shape[0]);
    const target = ownCosines(cosine, own);
    const progress = withoutGradient([target], (cosines) =>
      add(mul(mean(cosines!), momentum), mul(running, 1 - momentum)),
    );
    const angle = angleOf(margin);
    const hard = mul(step(sub(cosine, expandDims(widenAngle(target, angle), 1))), sub(1, own));
    const weighed = add(cosine, mul(hard, mul(cosine, add(cosine, sub(progress, 1))))) as Tensor2D;
    const moved = moveOwnCosines(weighed, own, target, widenUpTo(target, angle, "linear"));
    const logits = mul(moved, scale) as Tensor2D;
    return { logits, statistics: { "final.running_target_cosine": progress } };
  });
}

/**
 * CurricularFace: mean cross-entropy of the {@link curricularFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param running - The mean target cosine so far, a scalar; 0 before the first step.
 * @returns The loss and the mean after this batch; the caller disposes both.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is not from 0 to π or
 * `momentum` is not from 0 to 1; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { curricularFace } from "@lmk/losses";
 * import { scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * const { loss, statistics } = curricularFace(tensor2d([[3, 4]]), weight, labels, scalar(0.5), { scale: 1 });
 * loss; // => 0.824473
 * statistics["final.running_target_cosine"]; // => 0.503, which is 0.01 · 0.8 + 0.99 · 0.5
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.00288 | Huang et al., CurricularFace}
 */
export function curricularFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  running: Scalar,
  options: CurricularFaceOptions = {},
): CurricularFaceResult {
  return tidy(() => {
    const { logits, statistics } = curricularFaceLogits(embeddings, weight, labels, running, options);
    return { loss: crossEntropy(logits, labels, options), statistics };
  });
}
