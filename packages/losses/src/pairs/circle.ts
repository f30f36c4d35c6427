import {
  add,
  max,
  mul,
  type Scalar,
  softplus,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { circleLogits } from "../circle-logits.ts";
import { ratio } from "../ratio.ts";
import { requirePairs, requirePositive, requireShare } from "../require.ts";
import { maskedLogSumExp } from "./masked-log-sum-exp.ts";
import { pairCosines } from "./pair-cosines.ts";
import { pairMasks } from "./pair-masks.ts";

/** Options of {@link circle}. */
export interface CircleOptions {
  /**
   * Factor `γ` on the exponents; the paper has 80 for fine-grained retrieval, 128 for persons and 256 for faces.
   *
   * @defaultValue 80, as in the paper for retrieval and in pytorch-metric-learning
   */
  readonly scale?: number;
  /**
   * Relaxation `m`, from 0 to 1: the loss asks for cosines above 1 − m within a class and below m between classes.
   *
   * @defaultValue 0.4, as in the paper for retrieval and in pytorch-metric-learning
   */
  readonly margin?: number;
}

/**
 * Circle loss of pairs: every pair of a batch, weighed by how far its cosine is from where it should be.
 *
 * ```text
 * pᵢⱼ  = −γ · [1 + m − cos θᵢⱼ]₊ · (cos θᵢⱼ − (1 − m))   for two embeddings of one class
 * nᵢⱼ  =  γ · [cos θᵢⱼ + m]₊ · (cos θᵢⱼ − m)             for two embeddings of two classes
 * loss = meanᵢ log(1 + Σⱼ exp(pᵢⱼ) · Σⱼ exp(nᵢⱼ))
 * ```
 *
 * The weights `[…]₊` are held constant in the gradient. The mean is over the embeddings that have both another of their
 * class and one of another class in the batch; where none has, the loss is 0. This is pytorch-metric-learning's form,
 * with each embedding as an anchor; the paper's own code has one sum over all pairs of the batch.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `scale` is not above 0 or `margin` is not from 0 to 1.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { circle } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[1, 0], [4, 3], [0, 2]]);
 * // The third embedding has no other of its class.
 * circle(embeddings, tensor1d([0, 0, 1], "int32"), { scale: 1 }); // => 0.648431
 * ```
 *
 * @see {@link https://arxiv.org/abs/2002.10857 | Sun et al., Circle Loss}
 */
export function circle(embeddings: Tensor2D, labels: Tensor1D, options: CircleOptions = {}): Scalar {
  const { scale = 80, margin = 0.4 } = options;
  requirePairs("circle", embeddings, labels);
  requirePositive("circle", "scale", scale);
  requireShare("circle", "margin", margin);
  return tidy(() => {
    const { positive, negative } = pairMasks(labels);
    const logits = circleLogits(pairCosines(embeddings), positive, { scale, margin });
    const both = add(maskedLogSumExp(logits, positive), maskedLogSumExp(logits, negative));
    const anchors = mul(max(positive, 1), max(negative, 1));
    return ratio(sum(mul(softplus(both), anchors)), sum(anchors));
  });
}
