import {
  expandDims,
  max,
  mul,
  type Scalar,
  softplus,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { ratio } from "../ratio.ts";
import { requirePairs, requirePositive } from "../require.ts";
import { maskedLogSumExp } from "./masked-log-sum-exp.ts";
import { pairCosines } from "./pair-cosines.ts";
import { pairMasks } from "./pair-masks.ts";

/** Options of {@link ntXent}. */
export interface NtXentOptions {
  /**
   * Divisor τ of the cosines, above 0.
   *
   * @defaultValue 0.07, as in pytorch-metric-learning; SimCLR's best is 0.1 to 0.5
   */
  readonly temperature?: number;
}

/**
 * Normalized temperature-scaled cross-entropy: each positive pair against the anchor's negatives.
 *
 * ```text
 * mean over (i, p) of  −log( exp(cos(i, p)/τ) / (exp(cos(i, p)/τ) + Σ over n of exp(cos(i, n)/τ)) )
 * ```
 *
 * over all ordered pairs `(i, p)` of one class and the negatives `n` of `i`. With two views of each image under one label,
 * this is SimCLR's loss. With more positives, the others of the anchor's class stay out of the denominator, as in
 * pytorch-metric-learning; {@link supCon} has them in. An anchor without negatives, and a batch without positives, cost 0.
 * Embeddings are L2-normalized here.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together or `temperature` is not above 0.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { ntXent } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * ntXent(embeddings, tensor1d([0, 0, 1], "int32"), { temperature: 1 }); // => 0.687241
 * ```
 *
 * @see {@link https://arxiv.org/abs/2002.05709 | Chen et al., A simple framework for contrastive learning (SimCLR)}
 */
export function ntXent(embeddings: Tensor2D, labels: Tensor1D, options: NtXentOptions = {}): Scalar {
  const { temperature = 0.07 } = options;
  requirePairs("ntXent", embeddings, labels);
  requirePositive("ntXent", "temperature", temperature);
  return tidy(() => {
    const logits = mul(pairCosines(embeddings), 1 / temperature) as Tensor2D;
    const { positive, negative } = pairMasks(labels);
    const others = maskedLogSumExp(logits, negative);
    const costs = mul(softplus(sub(expandDims(others, 1), logits)), expandDims(max(negative, 1), 1));
    return ratio(sum(mul(costs, positive)), sum(positive));
  });
}
