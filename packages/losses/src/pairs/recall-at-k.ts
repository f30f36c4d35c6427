import {
  add,
  addN,
  div,
  max,
  maximum,
  minimum,
  mul,
  type Scalar,
  sigmoid,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { ratio } from "../ratio.ts";
import { requirePairs, requirePositive, requirePositiveInteger } from "../require.ts";
import { pairCosines } from "./pair-cosines.ts";
import { pairMasks } from "./pair-masks.ts";
import { softRanks } from "./soft-ranks.ts";

/** Options of {@link recallAtK}. */
export interface RecallAtKOptions {
  /**
   * Depths `k` whose recalls are averaged, whole numbers above 0; above N they count as N.
   *
   * @defaultValue [1, 2, 4, 8, 16], as in the authors' code
   */
  readonly ks?: readonly number[];
  /**
   * Width τ₁ of the sigmoid that replaces the step in a rank, above 0, in cosines.
   *
   * @defaultValue 0.01, as in the paper
   */
  readonly rankTemperature?: number;
  /**
   * Width τ₂ of the sigmoid that replaces the step from rank `k`, above 0, in ranks.
   *
   * @defaultValue 1, as in the paper
   */
  readonly depthTemperature?: number;
  /**
   * Whether each query stands among its own results at cosine 1, which moves every rank down by one. The authors' code has
   * it so; the paper leaves the query out.
   *
   * @defaultValue false
   */
  readonly includeQuery?: boolean;
}

/**
 * Recall@k surrogate: one minus the mean recall of each embedding as a query of the rest, with soft ranks and depths.
 *
 * ```text
 * recallᵢ@k = min(k, Σ over j in P(i) of sigmoid((k − R(j)) / τ₂)) / min(k, |P(i)|)
 * R(j) = 1 + Σ over a ≠ j of  sigmoid((cos(i, a) − cos(i, j)) / τ₁)
 * loss = 1 − mean over i and k of recallᵢ@k
 * ```
 *
 * where `P(i)` are the other embeddings of query `i`'s class, and `a` all its results. Any labels will do: classes need not be of one size, and
 * queries without positives stay out of the mean. A batch without positives costs 0. Embeddings are L2-normalized here.
 * Memory grows with N³.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, a temperature is not above 0, or `ks` is empty or holds anything
 * but whole numbers above 0.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { recallAtK } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * // The positive is the first query's first and the second query's second: ½ and 0.268941 at depth 1.
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * recallAtK(embeddings, tensor1d([0, 0, 1], "int32"), { ks: [1] }); // => 0.615529
 * ```
 *
 * @see {@link https://arxiv.org/abs/2108.11179 | Patel et al., Recall@k surrogate loss with large batches and similarity
 * mixup}
 */
export function recallAtK(embeddings: Tensor2D, labels: Tensor1D, options: RecallAtKOptions = {}): Scalar {
  const {
    ks = [1, 2, 4, 8, 16],
    rankTemperature = 0.01,
    depthTemperature = 1,
    includeQuery = false,
  } = options;
  requirePairs("recallAtK", embeddings, labels);
  if (ks.length === 0) throw new RangeError("recallAtK: expected `ks` to hold at least one number, got none");
  for (const [i, k] of ks.entries()) requirePositiveInteger("recallAtK", `ks[${i}]`, k);
  requirePositive("recallAtK", "rankTemperature", rankTemperature);
  requirePositive("recallAtK", "depthTemperature", depthTemperature);
  return tidy(() => {
    const similarities = pairCosines(embeddings);
    const { positive, negative } = pairMasks(labels);
    const others = add(positive, negative) as Tensor2D;
    const results = (includeQuery ? add(others, sub(1, others)) : others) as Tensor2D;
    const ranks = softRanks(similarities, results, rankTemperature);
    const counts = sum(positive, 1);
    const recalls = ks.map((depth) => {
      const k = Math.min(depth, embeddings.shape[0]);
      const found = sum(mul(positive, sigmoid(mul(sub(k, ranks), 1 / depthTemperature))), 1);
      return div(minimum(found, k), maximum(minimum(counts, k), 1));
    });
    const recall = mul(addN(recalls), 1 / ks.length);
    const queries = max(positive, 1);
    return ratio(sum(mul(sub(1, recall), queries)), sum(queries));
  });
}
