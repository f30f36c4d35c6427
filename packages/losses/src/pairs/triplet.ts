import {
  add,
  expandDims,
  max,
  mul,
  relu,
  type Scalar,
  softplus,
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
import { rootOf, squaredDistances } from "./distances.ts";
import { mineTriplets } from "./mine.ts";
import type { AnchorTriplets, TripletMiner, WeightedTriplets } from "./miners.ts";
import { pairMasks } from "./pair-masks.ts";
import { batchHard } from "./triplet-miners.ts";

/** Options of {@link triplet}. */
export interface TripletOptions {
  /**
   * How much farther a negative should be than a positive, 0 or above, in distances (squared ones with `squared`).
   *
   * @defaultValue 0.3, as in the 2021 second place's code, or 0 with `soft`; cirtorch has 0.1 with `squared`
   */
  readonly margin?: number;
  /**
   * Softplus instead of a hinge, so that triplets beyond the margin still learn a little.
   *
   * @defaultValue false
   */
  readonly soft?: boolean;
  /**
   * Whether the loss and the miner take squared distances, as cirtorch does.
   *
   * @defaultValue false
   */
  readonly squared?: boolean;
  /**
   * Whether embeddings are L2-normalized first.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
  /**
   * Chooses the triplets, by the distances of their pairs.
   *
   * @defaultValue {@link batchHard}, as in the 2021 second place's code
   */
  readonly miner?: TripletMiner;
  /**
   * `"mean"`: over all chosen triplets. `"sum"`: as in cirtorch. `"mean-of-nonzero"`: over chosen triplets that cost
   * anything, as in pytorch-metric-learning.
   *
   * @defaultValue "mean"
   */
  readonly reduction?: "mean" | "sum" | "mean-of-nonzero";
}

/**
 * Triplet loss: an anchor should be nearer to its positive than to its negative by a margin.
 *
 * ```text
 * hinge:  max(0, D(i, p) − D(i, n) + m)
 * soft:   log(1 + exp(D(i, p) − D(i, n) + m))
 * ```
 *
 * where `D` is the Euclidean distance. The triplets come from the batch: a miner chooses them, and no gradient flows
 * through its choice. `batchHard` needs memory of N², the other miners of N³.
 *
 * Distances come from the products of the embeddings; vectors closer than about 1e-3 of their length count as equal and
 * give no gradient. A batch without triplets costs 0. Where several positives or negatives are equally hard, the gradient
 * is shared among them; the solution's code follows the first.
 *
 * @param embeddings - `[N, d]`.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `margin` is below 0 or not finite, or `reduction` is
 * unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { triplet } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * // Distances: 0.632 of the positive pair, 0.894 and 0.283 of the negative ones.
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * triplet(embeddings, tensor1d([0, 0, 1], "int32")); // => 0.343821
 * ```
 *
 * @see {@link https://arxiv.org/abs/1503.03832 | Schroff et al., FaceNet}
 * @see {@link https://arxiv.org/abs/1703.07737 | Hermans et al., In defense of the triplet loss}
 */
export function triplet(embeddings: Tensor2D, labels: Tensor1D, options: TripletOptions = {}): Scalar {
  const { soft = false, squared = false, normalize = true, miner = batchHard() } = options;
  const { margin = soft ? 0 : 0.3, reduction = "mean" } = options;
  requirePairs("triplet", embeddings, labels);
  requireNotNegative("triplet", "margin", margin);
  requireOneOf("triplet", "reduction", reduction, ["mean", "sum", "mean-of-nonzero"]);
  return tidy(() => {
    const points = normalize ? normalizeRows(embeddings) : embeddings;
    const squares = squaredDistances(points);
    const distances = squared ? squares : rootOf(squares);
    const input = { distances, ...pairMasks(labels), dimension: embeddings.shape[1] };
    const { gaps, weights } = gapsOf(mineTriplets(miner, input), distances);
    const costs = soft ? softplus(add(gaps, margin)) : relu(add(gaps, margin));
    const total = sum(mul(costs, weights)) as Scalar;
    if (reduction === "sum") return total;
    return ratio(total, sum(reduction === "mean" ? weights : mul(weights, step(costs))));
  });
}

/** D(i, p) − D(i, n) of the chosen triplets, with their weights. */
function gapsOf(
  triplets: AnchorTriplets | WeightedTriplets,
  distances: Tensor2D,
): { gaps: Tensor; weights: Tensor } {
  if (triplets.kind === "triplets") {
    const gaps = sub(expandDims(distances, 2), expandDims(distances, 1));
    return { gaps, weights: triplets.weights };
  }
  const { positive, negative } = triplets;
  const gaps = sub(sum(mul(distances, positive), 1), sum(mul(distances, negative), 1));
  return { gaps, weights: mul(step(max(positive, 1)), step(max(negative, 1))) };
}
