import {
  add,
  clipByValue,
  div,
  mean,
  mul,
  type Scalar,
  sub,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireAngle, requireHead, requireNotNegative, requirePositive } from "../require.ts";
import { rowLengths } from "../row-lengths.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { moveOwnCosines, ownCosines } from "./own-cosines.ts";
import { type BeyondMargin, requireBeyond, widenUpTo } from "./target-margin.ts";
import { angleOf } from "./widen-angle.ts";

/** Options of {@link magFaceLogits}. */
export interface MagFaceLogitsOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 64, as in the authors' code
   */
  readonly scale?: number;
  /**
   * `l_a`: the length up to which an embedding gets the smallest margin; above 0.
   *
   * @defaultValue 10, as in the paper
   */
  readonly lowerNorm?: number;
  /**
   * `u_a`: the length from which an embedding gets the largest margin; above `lowerNorm`.
   *
   * @defaultValue 110, as in the paper
   */
  readonly upperNorm?: number;
  /**
   * `l_m`: the smallest margin, in radians, from 0 to π.
   *
   * @defaultValue 0.45, as in the authors' code; the paper has 0.4
   */
  readonly lowerMargin?: number;
  /**
   * `u_m`: the largest margin, in radians, from `lowerMargin` to π.
   *
   * @defaultValue 0.8, as in the paper
   */
  readonly upperMargin?: number;
  /**
   * What the own cosine becomes where the margin would carry the angle past π: see {@link BeyondMargin}.
   *
   * @defaultValue "easy", the easy margin, as in the authors' code
   */
  readonly beyond?: BeyondMargin;
}

/** Options of {@link magFace}: those of its logits, of the {@link crossEntropy}, and its own. */
export interface MagFaceOptions extends MagFaceLogitsOptions, CrossEntropyOptions {
  /**
   * `λ_g`: weight of the term that rewards length, at least 0.
   *
   * @defaultValue 35, as in the paper
   */
  readonly regularization?: number;
}

/** Lengths of embeddings within the given bounds. */
function boundedNorms(embeddings: Tensor2D, lower: number, upper: number): Tensor1D {
  return clipByValue(rowLengths(embeddings), lower, upper);
}

/** The bounds of norms and margins, checked. */
function boundsOf(caller: string, options: MagFaceLogitsOptions): [number, number, number, number] {
  const { lowerNorm = 10, upperNorm = 110, lowerMargin = 0.45, upperMargin = 0.8 } = options;
  requirePositive(caller, "lowerNorm", lowerNorm);
  requirePositive(caller, "upperNorm", upperNorm);
  requireAngle(caller, "lowerMargin", lowerMargin);
  requireAngle(caller, "upperMargin", upperMargin);
  if (upperNorm <= lowerNorm) {
    throw new RangeError(`${caller}: expected \`upperNorm\` to be above ${lowerNorm}, got ${upperNorm}`);
  }
  if (upperMargin < lowerMargin) {
    throw new RangeError(
      `${caller}: expected \`upperMargin\` to be at least ${lowerMargin}, got ${upperMargin}`,
    );
  }
  return [lowerNorm, upperNorm, lowerMargin, upperMargin];
}

/**
 * MagFace logits: ArcFace's, with a margin that grows with the length of the embedding.
 *
 * ```text
 * a   = clamp(‖x‖, l_a, u_a)
 * m   = l_m + (u_m − l_m) · (a − l_a) / (u_a − l_a)
 * zᵢⱼ = s · cos θᵢⱼ            for j ≠ yᵢ
 * zᵢⱼ = s · cos(θᵢⱼ + mᵢ)     for j = yᵢ, if cos θ > 0
 * zᵢⱼ = s · cos θᵢⱼ            for j = yᵢ otherwise
 * ```
 *
 * With another `beyond` the last two lines are those of {@link arcFaceLogits}, with `mᵢ` for `m`. The gradient goes through
 * the margin to the length. The sine is computed from a clamped square, so that parallel vectors give a finite gradient;
 * the authors' code gives NaN there.
 *
 * @param embeddings - `[N, d]`; their lengths matter, so they are given before any normalization.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` or `lowerNorm` is not above 0, a margin is not from 0
 * to π, an upper bound is below its lower one, or `beyond` is unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { magFaceLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * // A length of 50 gives a margin of 0.59.
 * magFaceLogits(tensor2d([[30, 40]]), weight, labels, { scale: 10 }); // => [6, 3.3094]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2103.06627 | Meng et al., MagFace}
 */
export function magFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: MagFaceLogitsOptions = {},
): Tensor2D {
  const { scale = 64, beyond = "easy" } = options;
  requireHead("magFaceLogits", embeddings, weight, labels);
  requirePositive("magFaceLogits", "scale", scale);
  requireBeyond("magFaceLogits", beyond);
  const [lowerNorm, upperNorm, lowerMargin, upperMargin] = boundsOf("magFaceLogits", options);
  const slope = (upperMargin - lowerMargin) / (upperNorm - lowerNorm);
  return tidy(() => {
    const norms = boundedNorms(embeddings, lowerNorm, upperNorm);
    const margin = add(mul(sub(norms, lowerNorm), slope), lowerMargin) as Tensor1D;
    const cosine = cosines(embeddings, weight);
    const own = ownClass(labels, weight.shape[0]);
    const target = ownCosines(cosine, own);
    const moved = widenUpTo(target, angleOf(margin), beyond);
    return mul(moveOwnCosines(cosine, own, target, moved), scale);
  });
}

/**
 * MagFace: mean cross-entropy of the {@link magFaceLogits}, and a term that makes embeddings longer.
 *
 * ```text
 * loss = cross-entropy + λ_g · meanᵢ g(aᵢ)    where g(a) = a / u_a² + 1 / a and a = clamp(‖x‖, l_a, u_a)
 * ```
 *
 * The term counts every embedding alike, whatever weights the cross-entropy is given. An embedding that is easy to tell
 * can afford the larger margin of a greater length, so that length comes to stand for quality. The proof that this has
 * one solution asks for `λ_g ≥ s · (u_m − l_m) / (u_a − l_a) · u_a² l_a² / (u_a² − l_a²)`.
 *
 * @param embeddings - `[N, d]`; their lengths matter, so they are given before any normalization.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` or `lowerNorm` is not above 0, a margin is not from 0
 * to π, an upper bound is below its lower one, `beyond` is unknown, or `regularization` is negative; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { magFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * // A length of 50 gives a margin of 0.45 + 0.35 · 40 / 100 = 0.59.
 * magFace(tensor2d([[30, 40]]), weight, tensor1d([1], "int32"), { scale: 1 }); // => 1.68133
 * ```
 *
 * @see {@link https://arxiv.org/abs/2103.06627 | Meng et al., MagFace}
 */
export function magFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: MagFaceOptions = {},
): Scalar {
  const { regularization = 35 } = options;
  requireNotNegative("magFace", "regularization", regularization);
  const [lowerNorm, upperNorm] = boundsOf("magFace", options);
  return tidy(() => {
    const norms = boundedNorms(embeddings, lowerNorm, upperNorm);
    const term = mean(add(div(norms, upperNorm ** 2), div(1, norms)));
    const entropy = crossEntropy(magFaceLogits(embeddings, weight, labels, options), labels, options);
    return add(entropy, mul(term, regularization)) as Scalar;
  });
}
