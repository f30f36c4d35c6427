import {
  add,
  mul,
  relu,
  type Scalar,
  square,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { normalizeRows } from "../normalize-rows.ts";
import { ratio } from "../ratio.ts";
import { requireNotNegative, requireOneOf, requirePairs } from "../require.ts";
import { distances as distancesOf } from "./distances.ts";
import { minePairs } from "./mine.ts";
import type { PairMiner } from "./miners.ts";
import { pairMasks } from "./pair-masks.ts";
import { allPairs } from "./pair-miners.ts";

/** Options of {@link contrastive}. */
export interface ContrastiveOptions {
  /**
   * Distance from which a negative costs nothing, 0 or above.
   *
   * @defaultValue 0.7, as in cirtorch; pytorch-metric-learning has 1
   */
  readonly margin?: number;
  /**
   * Distance up to which a positive costs nothing, 0 or above.
   *
   * @defaultValue 0, as in cirtorch and in pytorch-metric-learning
   */
  readonly positiveMargin?: number;
  /**
   * Whether a pair costs half its squared excess, as in cirtorch, or its excess, as in pytorch-metric-learning.
   *
   * @defaultValue "half-square"
   */
  readonly cost?: "half-square" | "linear";
  /**
   * `"mean"`: over all chosen pairs. `"sum"`: as in cirtorch. `"mean-of-nonzero"`: the mean over positives that cost
   * anything plus the mean over such negatives, as in pytorch-metric-learning.
   *
   * @defaultValue "mean", as losses of this package are
   */
  readonly reduction?: "mean" | "sum" | "mean-of-nonzero";
  /**
   * Added to each component of a difference before its length is taken, 0 or above.
   *
   * @defaultValue 1e-6, as in cirtorch; pytorch-metric-learning adds none
   */
  readonly epsilon?: number;
  /**
   * Whether embeddings are L2-normalized first.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
  /**
   * Chooses the pairs, by their distances.
   *
   * @defaultValue {@link allPairs}
   */
  readonly miner?: PairMiner;
}

/**
 * Contrastive loss: draws pairs of one class together and pushes pairs of two classes apart up to a margin.
 *
 * ```text
 * half-square:  ½ max(0, D − m⁺)² for positives,  ½ max(0, m − D)² for negatives
 * linear:         max(0, D − m⁺)  for positives,    max(0, m − D)  for negatives
 * ```
 *
 * where `D` is the Euclidean distance of a pair, `m` the margin and `m⁺` the positive margin. Pairs are ordered: each two
 * embeddings count twice. The defaults are cirtorch's formula for all pairs of the batch; `{ margin: 1, cost: "linear",
 * reduction: "mean-of-nonzero", epsilon: 0 }` is pytorch-metric-learning's default.
 *
 * Distances come from the products of the embeddings; vectors closer than about 1e-3 of their length count as equal and
 * give no gradient. A batch without pairs costs 0.
 *
 * @param embeddings - `[N, d]`.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, a margin or `epsilon` is below 0 or not finite, or
 * `cost` or `reduction` is unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { contrastive } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * // Distances: 0.632 of the positive pair, 0.894 and 0.283 of the negative ones.
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * contrastive(embeddings, tensor1d([0, 0, 1], "int32"), { reduction: "sum" }); // => 0.574020
 * ```
 *
 * @see {@link http://yann.lecun.com/exdb/publis/pdf/hadsell-chopra-lecun-06.pdf | Hadsell et al., Dimensionality reduction
 * by learning an invariant mapping}
 * @see {@link https://arxiv.org/abs/1711.02512 | Radenović et al., Fine-tuning CNN image retrieval with no human annotation}
 */
export function contrastive(
  embeddings: Tensor2D,
  labels: Tensor1D,
  options: ContrastiveOptions = {},
): Scalar {
  const { margin = 0.7, positiveMargin = 0, cost = "half-square", reduction = "mean" } = options;
  const { epsilon = 1e-6, normalize = true, miner = allPairs() } = options;
  requirePairs("contrastive", embeddings, labels);
  requireNotNegative("contrastive", "margin", margin);
  requireNotNegative("contrastive", "positiveMargin", positiveMargin);
  requireNotNegative("contrastive", "epsilon", epsilon);
  requireOneOf("contrastive", "cost", cost, ["half-square", "linear"]);
  requireOneOf("contrastive", "reduction", reduction, ["mean", "sum", "mean-of-nonzero"]);
  return tidy(() => {
    const points = normalize ? normalizeRows(embeddings) : embeddings;
    const distances = distancesOf(points, epsilon);
    const input = { distances, ...pairMasks(labels), dimension: embeddings.shape[1] };
    const { positive, negative } = minePairs(miner, input);
    const costOf = (excess: Tensor): Tensor =>
      cost === "linear" ? relu(excess) : mul(square(relu(excess)), 0.5);
    const positives = costOf(sub(distances, positiveMargin));
    const negatives = costOf(sub(margin, distances));
    if (reduction === "mean-of-nonzero") {
      const meanOfNonzero = (costs: Tensor, weights: Tensor): Scalar =>
        ratio(sum(mul(costs, weights)), sum(mul(step(costs), weights)));
      return add(meanOfNonzero(positives, positive), meanOfNonzero(negatives, negative)) as Scalar;
    }
    const total = add(sum(mul(positives, positive)), sum(mul(negatives, negative))) as Scalar;
    return reduction === "sum" ? total : ratio(total, add(sum(positive), sum(negative)));
  });
}
