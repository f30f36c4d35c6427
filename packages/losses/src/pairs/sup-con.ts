import {
  add,
  div,
  expandDims,
  max,
  maximum,
  mul,
  type Scalar,
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

/** Options of {@link supCon}. */
export interface SupConOptions {
  /**
   * Divisor τ of the cosines, above 0.
   *
   * @defaultValue 0.1, as in the paper
   */
  readonly temperature?: number;
}

/**
 * Supervised contrastive loss, in the paper's form "out": each positive against all other embeddings of the batch.
 *
 * ```text
 * mean over i of  −1/|P(i)| Σ over p in P(i) of  log( exp(cos(i, p)/τ) / Σ over a ≠ i of exp(cos(i, a)/τ) )
 * ```
 *
 * where `P(i)` are the other embeddings of anchor `i`'s class. The mean is over anchors with positives; a batch without any
 * costs 0. Embeddings are L2-normalized here.
 *
 * For several views of an image, stack the views' embeddings along the first axis and repeat the labels: each view is then
 * an anchor and the other views are among its positives. The authors' code also multiplies by τ over a base temperature.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together or `temperature` is not above 0.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { supCon } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * supCon(embeddings, tensor1d([0, 0, 1], "int32"), { temperature: 1 }); // => 0.687241
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.11362 | Khosla et al., Supervised contrastive learning}
 */
export function supCon(embeddings: Tensor2D, labels: Tensor1D, options: SupConOptions = {}): Scalar {
  const { temperature = 0.1 } = options;
  requirePairs("supCon", embeddings, labels);
  requirePositive("supCon", "temperature", temperature);
  return tidy(() => {
    const logits = mul(pairCosines(embeddings), 1 / temperature) as Tensor2D;
    const { positive, negative } = pairMasks(labels);
    const all = maskedLogSumExp(logits, add(positive, negative) as Tensor2D);
    const costs = sum(mul(positive, sub(expandDims(all, 1), logits)), 1);
    const counts = sum(positive, 1);
    return ratio(sum(div(costs, maximum(counts, 1))), sum(max(positive, 1)));
  });
}
