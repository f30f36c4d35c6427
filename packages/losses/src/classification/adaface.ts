import {
  acos,
  add,
  clipByValue,
  cos,
  div,
  mean,
  mul,
  type Scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireAngle, requireHead, requirePositive, requireShape, requireShare } from "../require.ts";
import { rowLengths } from "../row-lengths.ts";
import { withoutGradient } from "../without-gradient.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { moveOwnCosines, ownCosines } from "./own-cosines.ts";

/** Options of {@link adaFaceLogits}. */
export interface AdaFaceLogitsOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 64, as in the paper
   */
  readonly scale?: number;
  /**
   * Margin `m`, from 0 to π: an angle in radians for short embeddings, taken from the cosine for long ones.
   *
   * @defaultValue 0.4, as in the paper
   */
  readonly margin?: number;
  /**
   * `h`: how much of the margin's range one standard deviation of the norms spans; above 0.
   *
   * @defaultValue 0.333, as in the paper
   */
  readonly concentration?: number;
  /**
   * Weight of this batch in the running statistics, from 0 to 1; 0 keeps them as they are given.
   *
   * @defaultValue 0.01, as in the paper and the authors' training
   */
  readonly momentum?: number;
}

/** Options of {@link adaFace}: those of its logits and of the {@link crossEntropy}. */
export interface AdaFaceOptions extends AdaFaceLogitsOptions, CrossEntropyOptions {}

/** Mean and standard deviation of embedding norms so far, both scalars; 20 and 100 before the first step. */
export interface AdaFaceRunning {
  readonly mean: Scalar;
  readonly deviation: Scalar;
}

/** Statistics by the name under which they are kept between steps. */
export type AdaFaceStatistics = Readonly<
  Record<"final.running_norm_mean" | "final.running_norm_deviation", Tensor>
>;

/** What {@link adaFace} gives. */
export interface AdaFaceResult {
  /** Mean over the batch. */
  readonly loss: Scalar;
  /** To be given to the next step. */
  readonly statistics: AdaFaceStatistics;
}

/** What {@link adaFaceLogits} gives. */
export interface AdaFaceLogits {
  /** `[N, C]`. */
  readonly logits: Tensor2D;
  /** To be given to the next step. */
  readonly statistics: AdaFaceStatistics;
}

/** Distance kept from cosines of ±1, from angles of 0 and π, and from a standard deviation of 0. */
const epsilon = 1e-3;

/**
 * AdaFace logits: a margin whose kind follows the length of the embedding, taken as the quality of the image.
 *
 * ```text
 * ‖x‖ is clamped to 0.001 … 100 and held constant in the gradient
 * μ   = α · mean ‖x‖ + (1 − α) · running mean
 * σ   = α · std ‖x‖ + (1 − α) · running deviation
 * q   = clamp((‖x‖ − μ) / (σ + 0.001) · h, −1, 1)
 * zᵢⱼ = s · cos θᵢⱼ                                                       for j ≠ yᵢ
 * zᵢⱼ = s · (cos(clamp(θᵢⱼ − m q, 0.001, π − 0.001)) − (m + m q))         for j = yᵢ
 * ```
 *
 * with all cosines clamped to ±0.999. The standard deviation is that of a sample, over N − 1; for a single embedding,
 * where the authors' code gives NaN, it is 0.
 *
 * @param embeddings - `[N, d]`; their lengths matter, so they are given before any normalization.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns The logits and the statistics after this batch, which these logits use already; the caller disposes them.
 * @throws RangeError if the shapes do not fit together, `scale` or `concentration` is not above 0, `margin` is not from
 * 0 to π or `momentum` is not from 0 to 1.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { adaFaceLogits } from "@lmk/losses";
 * import { scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * const running = { mean: scalar(5), deviation: scalar(1) };
 * adaFaceLogits(tensor2d([[3, 4]]), weight, labels, running, { scale: 10 }).logits; // => [6, 4]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2204.00964 | Kim et al., AdaFace}
 */
export function adaFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  running: AdaFaceRunning,
  options: AdaFaceLogitsOptions = {},
): AdaFaceLogits {
  const { scale = 64, margin = 0.4, concentration = 0.333, momentum = 0.01 } = options;
  requireHead("adaFaceLogits", embeddings, weight, labels);
  requireShape("adaFaceLogits", "running.mean", running.mean, []);
  requireShape("adaFaceLogits", "running.deviation", running.deviation, []);
  requirePositive("adaFaceLogits", "scale", scale);
  requireAngle("adaFaceLogits", "margin", margin);
  requirePositive("adaFaceLogits", "concentration", concentration);
  requireShare("adaFaceLogits", "momentum", momentum);
  return tidy(() => {
    const norms = withoutGradient([embeddings], (x) => clipByValue(rowLengths(x as Tensor2D), 1e-3, 100));
    const blend = (now: Tensor, before: Scalar): Tensor => add(mul(now, momentum), mul(before, 1 - momentum));
    const batchMean = mean(norms);
    const variance = div(sum(square(sub(norms, batchMean))), Math.max(1, norms.size - 1));
    const center = blend(batchMean, running.mean);
    const deviation = blend(sqrt(variance), running.deviation);
    const quality = clipByValue(mul(div(sub(norms, center), add(deviation, epsilon)), concentration), -1, 1);

    const cosine = clipByValue(cosines(embeddings, weight), -1 + epsilon, 1 - epsilon);
    const own = ownClass(labels, weight.shape[0]);
    const target = ownCosines(cosine, own);
    const angle = clipByValue(sub(acos(target), mul(quality, margin)), epsilon, Math.PI - epsilon);
    const moved = sub(cos(angle), add(mul(quality, margin), margin)) as Tensor1D;
    return {
      logits: mul(moveOwnCosines(cosine, own, target, moved), scale) as Tensor2D,
      statistics: { "final.running_norm_mean": center, "final.running_norm_deviation": deviation },
    };
  });
}

/**
 * AdaFace: mean cross-entropy of the {@link adaFaceLogits}.
 *
 * @param embeddings - `[N, d]`; their lengths matter, so they are given before any normalization.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns The loss and the statistics after this batch; the caller disposes them.
 * @throws RangeError if the shapes do not fit together, `scale` or `concentration` is not above 0, `margin` is not from
 * 0 to π or `momentum` is not from 0 to 1; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { adaFace } from "@lmk/losses";
 * import { scalar, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * const running = { mean: scalar(5), deviation: scalar(1) };
 * // The embedding is as long as the mean, so its margin is 0.4 off the cosine and no angle.
 * adaFace(tensor2d([[3, 4]]), weight, labels, running, { scale: 1 }).loss; // => 0.798139
 * ```
 *
 * @see {@link https://arxiv.org/abs/2204.00964 | Kim et al., AdaFace}
 */
export function adaFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  running: AdaFaceRunning,
  options: AdaFaceOptions = {},
): AdaFaceResult {
  return tidy(() => {
    const { logits, statistics } = adaFaceLogits(embeddings, weight, labels, running, options);
    return { loss: crossEntropy(logits, labels, options), statistics };
  });
}
