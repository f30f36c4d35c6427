import { add, expandDims, max, min, mul, step, sub, type Tensor, type Tensor2D } from "@tensorflow/tfjs-core";
import { requireNotNegative } from "../require.ts";
import type { PairMiner } from "./miners.ts";

/** Beyond every distance, for rows without pairs. */
export const far = 1e30;

/** The distance of each row's farthest pair, `[N]`; −1e30 for rows without pairs. */
export function farthest(distances: Tensor2D, mask: Tensor2D): Tensor {
  return max(sub(mul(distances, mask), mul(sub(1, mask), far)), 1);
}

/** The distance of each row's nearest pair, `[N]`; 1e30 for rows without pairs. */
export function nearest(distances: Tensor2D, mask: Tensor2D): Tensor {
  return min(add(mul(distances, mask), mul(sub(1, mask), far)), 1);
}

/**
 * Chooses all pairs.
 *
 * @example
 * ```ts
 * import { allPairs, contrastive } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * contrastive(embeddings, labels, { miner: allPairs() }); // => 0.095670
 * ```
 */
export function allPairs(): PairMiner {
  return ({ positive, negative }) => ({ positive, negative });
}

/** Options of {@link multiSimilarityPairs}. */
export interface MultiSimilarityPairsOptions {
  /**
   * How much easier than the anchor's hardest pair of the other sign a pair may be, 0 or above, in distances.
   *
   * @defaultValue 0.1, as in the paper
   */
  readonly epsilon?: number;
}

/**
 * Chooses the pairs that are hard beside the anchor's other pairs: positives farther than its nearest negative, and
 * negatives nearer than its farthest positive, each with ε to spare.
 *
 * ```text
 * positive p of anchor i:  d(i, p) > min over negatives n of d(i, n) − ε
 * negative n of anchor i:  d(i, n) < max over positives p of d(i, p) + ε
 * ```
 *
 * With distances of 1 − cosine, as {@link multiSimilarity} gives them, this is the paper's rule. Anchors without positives
 * or without negatives get no pairs.
 *
 * @throws RangeError if `epsilon` is below 0 or not finite.
 *
 * @example
 * ```ts
 * import { contrastive, multiSimilarityPairs } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0, 0, 1, 1], "int32");
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]);
 * contrastive(embeddings, labels, { miner: multiSimilarityPairs() }); // => 0.143505
 * ```
 *
 * @see {@link https://arxiv.org/abs/1904.06627 | Wang et al., Multi-similarity loss with general pair weighting}
 */
export function multiSimilarityPairs(options: MultiSimilarityPairsOptions = {}): PairMiner {
  const { epsilon = 0.1 } = options;
  requireNotNegative("multiSimilarityPairs", "epsilon", epsilon);
  return ({ distances, positive, negative }) => {
    const nearestNegative = expandDims(nearest(distances, negative), 1);
    const farthestPositive = expandDims(farthest(distances, positive), 1);
    return {
      positive: mul(positive, step(sub(add(distances, epsilon), nearestNegative))),
      negative: mul(negative, step(sub(farthestPositive, sub(distances, epsilon)))),
    };
  };
}
