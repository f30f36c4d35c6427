import {
  add,
  cast,
  div,
  equal,
  expandDims,
  greater,
  max,
  maximum,
  min,
  mul,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { requireNotNegative } from "../require.ts";
import type { AnchorTriplets, MinerInput, TripletMiner } from "./miners.ts";
import { far, farthest, nearest } from "./pair-miners.ts";

/** Anchor × positive × negative, 1 for every triplet of the batch. */
const everyTriplet = ({ positive, negative }: MinerInput): Tensor3D =>
  mul(expandDims(positive, 2), expandDims(negative, 1));

/** How much farther the negative is than the positive, `[anchor, positive, negative]`. */
const gaps = (distances: Tensor2D): Tensor3D => sub(expandDims(distances, 1), expandDims(distances, 2));

/** Rows, along the last axis, divided by their sum; rows of zeros stay. */
const shares = <T extends Tensor>(weights: T): T => div(weights, maximum(sum(weights, -1, true), 1e-30)) as T;

/**
 * Chooses all triplets of the batch, N³ weights.
 *
 * @example
 * ```ts
 * import { allTriplets, triplet } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * triplet(embeddings, labels, { miner: allTriplets() }); // => 0.181417
 * ```
 *
 * @see {@link https://arxiv.org/abs/1703.07737 | Hermans et al., In defense of the triplet loss} ("batch all")
 */
export function allTriplets(): TripletMiner {
  return (pairs) => ({ kind: "triplets", weights: everyTriplet(pairs) });
}

/**
 * Chooses for each anchor its farthest positive and its nearest negative, with N² memory. Ties share the weight.
 *
 * It serves as a {@link PairMiner} as well.
 *
 * @example
 * ```ts
 * import { batchHard, triplet } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * triplet(embeddings, labels, { miner: batchHard() }); // => 0.343821
 * ```
 *
 * @see {@link https://arxiv.org/abs/1703.07737 | Hermans et al., In defense of the triplet loss} ("batch hard")
 */
export function batchHard(): (pairs: MinerInput) => AnchorTriplets {
  return ({ distances, positive, negative }) => {
    const extreme = (mask: Tensor2D, bound: Tensor): Tensor2D =>
      shares(mul(mask, cast(equal(distances, expandDims(bound, 1)), "float32")));
    return {
      kind: "anchors",
      positive: extreme(positive, farthest(distances, positive)),
      negative: extreme(negative, nearest(distances, negative)),
    };
  };
}

/** Options of {@link semiHard}. */
export interface SemiHardOptions {
  /**
   * Width of the band of negatives, 0 or above, in distances.
   *
   * @defaultValue 0.2, as in FaceNet
   */
  readonly margin?: number;
}

/**
 * Chooses all triplets whose negative is farther than the positive, but by no more than the margin.
 *
 * ```text
 * 0 < d(i, n) − d(i, p) ≤ margin
 * ```
 *
 * The same choice as pytorch-metric-learning's `TripletMarginMiner` of type `semihard`. N³ weights.
 *
 * @throws RangeError if `margin` is below 0 or not finite.
 *
 * @example
 * ```ts
 * import { semiHard, triplet } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * triplet(embeddings, labels, { miner: semiHard({ margin: 0.3 }) }); // => 0.038028
 * ```
 *
 * @see {@link https://arxiv.org/abs/1503.03832 | Schroff et al., FaceNet}
 */
export function semiHard(options: SemiHardOptions = {}): TripletMiner {
  const { margin = 0.2 } = options;
  requireNotNegative("semiHard", "margin", margin);
  return (pairs) => {
    const gap = gaps(pairs.distances);
    const within = sub(1, step(sub(gap, margin)));
    return { kind: "triplets", weights: mul(everyTriplet(pairs), mul(step(gap), within)) };
  };
}

/**
 * Chooses for each anchor and positive one negative: the nearest that is farther than the positive, or the farthest of all
 * where none is. Ties share the weight. N³ weights.
 *
 * The choice of TensorFlow Addons' `triplet_semihard_loss`.
 *
 * @example
 * ```ts
 * import { nearestSemiHard, triplet } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * triplet(embeddings, labels, { miner: nearestSemiHard() }); // => 0.038028
 * ```
 *
 * @see {@link https://arxiv.org/abs/1503.03832 | Schroff et al., FaceNet}
 */
export function nearestSemiHard(): TripletMiner {
  return (pairs) => {
    const { distances, positive, negative } = pairs;
    const toNegatives = expandDims(distances, 1);
    const farther = mul(everyTriplet(pairs), cast(greater(gaps(distances), 0), "float32"));
    const outside = mul(sub(1, farther), far);
    const closest = min(add(mul(toNegatives, farther), outside), 2);
    const fallback = mul(positive, expandDims(farthest(distances, negative), 1));
    const found = max(farther, 2);
    const distance = add(mul(found, closest), mul(sub(1, found), fallback));
    const chosen = cast(equal(toNegatives, expandDims(distance, 2)), "float32");
    const allowed = add(farther, mul(everyTriplet(pairs), expandDims(sub(1, found), 2)));
    return { kind: "triplets", weights: shares(mul(allowed, chosen)) as Tensor3D };
  };
}
