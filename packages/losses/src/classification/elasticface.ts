import {
  add,
  cast,
  equal,
  expandDims,
  gather,
  greater,
  less,
  mul,
  neg,
  range,
  type Scalar,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
  topk,
} from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { ownClass } from "../own-class.ts";
import {
  requireAngle,
  requireHead,
  requireNotNegative,
  requireOneOf,
  requirePositive,
  requireShape,
} from "../require.ts";
import { withoutGradient } from "../without-gradient.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { moveOwnCosines, ownCosines } from "./own-cosines.ts";
import { angleOf, widenAngle } from "./widen-angle.ts";

/** Options of {@link elasticFaceLogits}. */
export interface ElasticFaceLogitsOptions {
  /**
   * What the margin is added to or taken from: `"arc"` the angle, as in ArcFace; `"cos"` the cosine, as in CosFace.
   *
   * @defaultValue "arc"
   */
  readonly form?: "arc" | "cos";
  /**
   * Factor `s` on all logits.
   *
   * @defaultValue 64, as in the paper
   */
  readonly scale?: number;
  /**
   * Mean `m` of the margins: radians from 0 to π for `"arc"`, part of a cosine for `"cos"`.
   *
   * @defaultValue 0.5 for `"arc"`, 0.35 for `"cos"`, as in the paper
   */
  readonly margin?: number;
  /**
   * Standard deviation `σ` of the margins, at least 0. The paper has 0.0175 for `"arc"` and 0.025 for `"cos"` with
   * `plus`.
   *
   * @defaultValue 0.0125, as in the paper without `plus`
   */
  readonly deviation?: number;
  /**
   * Whether the larger margins go to the embeddings farther from their class (ElasticFace+), or each draw to its own
   * row.
   *
   * @defaultValue false
   */
  readonly plus?: boolean;
}

/** Options of {@link elasticFace}: those of its logits and of the {@link crossEntropy}. */
export interface ElasticFaceOptions extends ElasticFaceLogitsOptions, CrossEntropyOptions {}

/** For each target cosine a draw, the smallest for the largest cosine; of equal cosines the first has the smaller. */
function sortedByCosine(draws: Tensor1D, target: Tensor1D): Tensor1D {
  const count = target.shape[0];
  return withoutGradient([target], (cosine) => {
    const [own, other] = [expandDims(cosine!, 1), expandDims(cosine!, 0)];
    const place = range(0, count, 1, "int32");
    const earlier = cast(less(expandDims(place, 0), expandDims(place, 1)), "float32");
    const before = add(
      cast(greater(other, own), "float32"),
      mul(cast(equal(other, own), "float32"), earlier),
    );
    const ascending = neg(topk(neg(draws), count).values);
    return gather(ascending, cast(sum(before, 1), "int32")) as Tensor1D;
  });
}

/**
 * ElasticFace logits: ArcFace's or CosFace's with a margin drawn for each embedding.
 *
 * ```text
 * mᵢ  = m + σ · drawᵢ
 * zᵢⱼ = s · cos θᵢⱼ           for j ≠ yᵢ
 * zᵢⱼ = s · cos(θᵢⱼ + mᵢ)     for j = yᵢ, "arc"
 * zᵢⱼ = s · (cos θᵢⱼ − mᵢ)    for j = yᵢ, "cos"
 * ```
 *
 * With `plus` the draws are first handed out anew: the largest to the row with the smallest target cosine, and so on,
 * as the paper says. The authors' code sorts both, but then takes for row `i` the draw whose number is the row at place
 * `i` of the sorted cosines; this agrees with the paper only where that order is its own inverse.
 *
 * As in the authors' code, nothing keeps `θ + m` below π. The sine is computed from a clamped square, so that parallel
 * vectors give a finite gradient; the authors' code gives NaN there.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param draws - `[N]`, draws from the standard normal distribution, new ones for each step.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is negative or for `"arc"`
 * above π, `deviation` is negative, or `form` is unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { elasticFaceLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * elasticFaceLogits(tensor2d([[3, 4]]), weight, labels, tensor1d([2]), { form: "cos", scale: 10 }); // => [6, 4.25]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2109.09416 | Boutros et al., ElasticFace}
 */
export function elasticFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  draws: Tensor1D,
  options: ElasticFaceLogitsOptions = {},
): Tensor2D {
  const { form = "arc", scale = 64, deviation = 0.0125, plus = false } = options;
  const { margin = form === "arc" ? 0.5 : 0.35 } = options;
  requireHead("elasticFaceLogits", embeddings, weight, labels);
  requireShape("elasticFaceLogits", "draws", draws, [embeddings.shape[0]]);
  requirePositive("elasticFaceLogits", "scale", scale);
  requireOneOf("elasticFaceLogits", "form", form, ["arc", "cos"]);
  (form === "arc" ? requireAngle : requireNotNegative)("elasticFaceLogits", "margin", margin);
  requireNotNegative("elasticFaceLogits", "deviation", deviation);
  return tidy(() => {
    const cosine = cosines(embeddings, weight);
    const own = ownClass(labels, weight.shape[0]);
    const target = ownCosines(cosine, own);
    const given = plus ? sortedByCosine(draws, target) : draws;
    const margins = add(mul(given, deviation), margin) as Tensor1D;
    const moved = form === "arc" ? widenAngle(target, angleOf(margins)) : (sub(target, margins) as Tensor1D);
    return mul(moveOwnCosines(cosine, own, target, moved), scale);
  });
}

/**
 * ElasticFace: mean cross-entropy of the {@link elasticFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C, d]`, a row per class, of any length.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param draws - `[N]`, draws from the standard normal distribution, new ones for each step.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0, `margin` is negative or for `"arc"`
 * above π, `deviation` is negative, or `form` is unknown; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { elasticFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [0, 1]]);
 * const labels = tensor1d([1], "int32");
 * // The draw 2 makes the margin 0.35 + 2 · 0.0125 = 0.375.
 * elasticFace(tensor2d([[3, 4]]), weight, labels, tensor1d([2]), { form: "cos", scale: 1 }); // => 0.784470
 * ```
 *
 * @see {@link https://arxiv.org/abs/2109.09416 | Boutros et al., ElasticFace}
 */
export function elasticFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  draws: Tensor1D,
  options: ElasticFaceOptions = {},
): Scalar {
  return tidy(() =>
    crossEntropy(elasticFaceLogits(embeddings, weight, labels, draws, options), labels, options),
  );
}
