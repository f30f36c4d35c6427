import {
  add,
  cast,
  clipByValue,
  equal,
  exp,
  expandDims,
  lessEqual,
  log,
  matMul,
  mul,
  range,
  slice,
  square,
  step,
  sub,
  sum,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { requirePositive, requireShape } from "../require.ts";
import type { MinerInput, TripletMiner } from "./miners.ts";
import { farthest } from "./pair-miners.ts";

/** Options of {@link distanceWeighted}. */
export interface DistanceWeightedOptions {
  /** `[N, N]`, uniform from 0 to below 1: one draw for each anchor and positive. */
  readonly draws: Tensor2D;
  /**
   * Distances below this one count as it, so that the nearest negatives are not drawn always.
   *
   * @defaultValue 0.5, as in the paper
   */
  readonly cutoff?: number;
  /**
   * Negatives at this distance or farther are not drawn.
   *
   * @defaultValue 1.4, as in the authors' code; unit vectors at a right angle are √2 apart
   */
  readonly limit?: number;
}

/**
 * Draws for each anchor and positive one negative, with all distances about equally likely.
 *
 * ```text
 * P(n | i) ∝ 1 / q(max(d(i, n), cutoff))   for d(i, n) < limit
 * q(d)     = dᵏ⁻² (1 − d²/4)^((k − 3)/2)
 * ```
 *
 * where `q` is the density of the distance between random points of the unit sphere in `k` dimensions, so the embeddings
 * must be normalized and the distances Euclidean, as {@link triplet} has them by default. An anchor without negatives
 * within the limit takes no part. N³ weights.
 *
 * pytorch-metric-learning's `DistanceWeightedMiner` draws the positive as well; here every positive has its draw.
 *
 * @throws RangeError if `cutoff` or `limit` is not above 0 or `cutoff` is not below 2, and, when called with a batch, if
 * `draws` is not `[N, N]`.
 *
 * @example
 * ```ts
 * import { distanceWeighted, triplet } from "@lmk/losses";
 * import { fill, tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * const draws = fill([4, 4], 0.5); // of a generator of your own, new ones for each step
 * triplet(embeddings, labels, { miner: distanceWeighted({ draws }) }); // => 0.343821
 * ```
 *
 * @see {@link https://arxiv.org/abs/1706.07567 | Wu et al., Sampling matters in deep embedding learning}
 */
export function distanceWeighted(options: DistanceWeightedOptions): TripletMiner {
  const { draws, cutoff = 0.5, limit = 1.4 } = options;
  requirePositive("distanceWeighted", "cutoff", cutoff);
  requirePositive("distanceWeighted", "limit", limit);
  if (cutoff >= 2) {
    throw new RangeError(`distanceWeighted: expected \`cutoff\` to be below 2, got ${cutoff}`);
  }
  return (pairs) => {
    const { distances, positive, negative } = pairs;
    requireShape("distanceWeighted", "draws", draws, distances.shape);
    const size = distances.shape[0];
    const order = range(0, size, 1, "int32");
    const upTo = cast(lessEqual(expandDims(order, 1), expandDims(order, 0)), "float32");
    const reached = matMul(inverseDensities(pairs, cutoff, limit), upTo) as Tensor2D;
    const target = mul(draws, slice(reached, [0, size - 1], [size, 1]));
    // The drawn negative is the first at which the running sum of weights passes the draw.
    const before = sum(cast(lessEqual(expandDims(reached, 1), expandDims(target, 2)), "int32"), 2);
    const drawn = cast(equal(order, expandDims(before, 2)), "float32");
    const weights = mul(drawn, mul(expandDims(positive, 2), expandDims(negative, 1)));
    return { kind: "triplets", weights: weights as Tensor3D };
  };
}

/** 1 / q of the negatives within the limit, over the largest of each row; 0 elsewhere. */
function inverseDensities(pairs: MinerInput, cutoff: number, limit: number): Tensor2D {
  const { distances, negative, dimension } = pairs;
  const within = mul(negative, step(sub(limit, distances))) as Tensor2D;
  const clipped = clipByValue(distances, cutoff, Math.max(cutoff, 1.9999));
  const cap = log(sub(1, mul(square(clipped), 0.25)));
  const logWeights = add(mul(log(clipped), 2 - dimension), mul(cap, (3 - dimension) / 2)) as Tensor2D;
  const largest = expandDims(farthest(logWeights, within), 1);
  // Outside the limit the difference could overflow the exponential.
  return mul(exp(mul(sub(logWeights, largest), within)), within) as Tensor2D;
}
