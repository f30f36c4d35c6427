import {
  add,
  clipByValue,
  expandDims,
  mul,
  type Scalar,
  sqrt,
  square,
  step,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import { requireHead, requirePositive } from "../require.ts";
import { crossEntropy } from "./cross-entropy.ts";

/** Options of {@link arcFace}. */
export interface ArcFaceOptions {
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 30, as in the 2019 winners' code
   */
  readonly scale?: number;
  /**
   * Angle `m` added between an embedding and its own class, in radians, from 0 to π.
   *
   * @defaultValue 0.3, as in the 2019 winners' code
   */
  readonly margin?: number;
  /**
   * Where the margin would pass π: `false` subtracts `m · sin(π − m)` from the cosine there, which keeps the logit
   * falling with the angle; `true` applies the margin only up to a right angle.
   *
   * @defaultValue false
   */
  readonly easyMargin?: boolean;
}

/** The smallest squared sine whose root still has a finite slope in float32. */
const smallestSquaredSine = 1e-12;

/**
 * ArcFace logits: scaled cosines, with the angle to each row's own class widened by the margin.
 *
 * ```text
 * zᵢⱼ = s · cos θᵢⱼ                for j ≠ yᵢ
 * zᵢⱼ = s · cos(θᵢⱼ + m)           for j = yᵢ, if cos θ > cos(π − m)
 * zᵢⱼ = s · (cos θᵢⱼ − m sin(π−m)) for j = yᵢ otherwise
 * ```
 *
 * where `θᵢⱼ` is the angle between embedding `i` and class row `j`; both are L2-normalized here. The sine is computed from
 * a clamped square, so that parallel vectors give a finite gradient; the original code gives NaN there.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is not from 0 to π.
 * @throws TypeError if `labels` is not int32.
 *
 * @see {@link https://arxiv.org/abs/1801.07698 | Deng et al., ArcFace}
 */
export function arcFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: ArcFaceOptions = {},
): Tensor2D {
  const { scale = 30, margin = 0.3, easyMargin = false } = options;
  requireHead("arcFaceLogits", embeddings, weight, labels);
  requirePositive("arcFaceLogits", "scale", scale);
  if (!(margin >= 0 && margin <= Math.PI)) {
    throw new RangeError(`arcFaceLogits: expected \`margin\` to be from 0 to π, got ${margin}`);
  }
  return tidy(() => {
    const cosine = cosines(embeddings, weight);
    const own = ownClass(labels, weight.shape[0]);
    const target = sum(mul(cosine, own), 1);
    const sine = sqrt(clipByValue(sub(1, square(target)), smallestSquaredSine, 1));
    const widened = sub(mul(target, Math.cos(margin)), mul(sine, Math.sin(margin)));
    const beyond = easyMargin ? target : sub(target, margin * Math.sin(Math.PI - margin));
    const limit = easyMargin ? 0 : Math.cos(Math.PI - margin);
    // A step instead of a comparison: TensorFlow.js has a gradient for it, and it is zero.
    const inside = step(sub(target, limit));
    const moved = add(beyond, mul(inside, sub(widened, beyond)));
    return mul(add(cosine, mul(own, expandDims(sub(moved, target), 1))), scale);
  });
}

/**
 * ArcFace: mean cross-entropy of the {@link arcFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is not from 0 to π.
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
  return tidy(() => crossEntropy(arcFaceLogits(embeddings, weight, labels, options), labels));
}
