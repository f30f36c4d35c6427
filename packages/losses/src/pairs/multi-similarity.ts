import { add, mean, mul, type Scalar, sub, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { requirePairs, requirePositive } from "../require.ts";
import { maskedLogSumExp } from "./masked-log-sum-exp.ts";
import { minePairs } from "./mine.ts";
import type { PairMiner } from "./miners.ts";
import { pairCosines } from "./pair-cosines.ts";
import { pairMasks } from "./pair-masks.ts";
import { multiSimilarityPairs } from "./pair-miners.ts";

/** Options of {@link multiSimilarity}. */
export interface MultiSimilarityOptions {
  /**
   * Sharpness α for positives, above 0.
   *
   * @defaultValue 2, as in the paper
   */
  readonly alpha?: number;
  /**
   * Sharpness β for negatives, above 0.
   *
   * @defaultValue 50, as in the paper
   */
  readonly beta?: number;
  /**
   * Cosine λ around which pairs are weighed.
   *
   * @defaultValue 0.5, as in the authors' code
   */
  readonly lambda?: number;
  /**
   * Chooses the pairs, by 1 − cosine.
   *
   * @defaultValue {@link multiSimilarityPairs}, as in the paper
   */
  readonly miner?: PairMiner;
}

/**
 * Multi-similarity loss: a pair weighs by its cosine and by its neighbors' among the anchor's pairs.
 *
 * ```text
 * mean over i of  1/α · log(1 + Σₚ exp(−α (cos(i, p) − λ))) + 1/β · log(1 + Σₙ exp(β (cos(i, n) − λ)))
 * ```
 *
 * over the chosen positives `p` and negatives `n` of anchor `i`. Embeddings are L2-normalized here. An anchor without
 * chosen pairs costs 0 and counts in the mean; with the default miner that are those without positives or negatives.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param labels - `[N]`, int32, any numbers.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `alpha` or `beta` is not above 0, or `lambda` is not finite.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { multiSimilarity } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8]]);
 * multiSimilarity(embeddings, tensor1d([0, 0, 1], "int32")); // => 0.226248
 * ```
 *
 * @see {@link https://arxiv.org/abs/1904.06627 | Wang et al., Multi-similarity loss with general pair weighting}
 */
export function multiSimilarity(
  embeddings: Tensor2D,
  labels: Tensor1D,
  options: MultiSimilarityOptions = {},
): Scalar {
  const { alpha = 2, beta = 50, lambda = 0.5, miner = multiSimilarityPairs() } = options;
  requirePairs("multiSimilarity", embeddings, labels);
  requirePositive("multiSimilarity", "alpha", alpha);
  requirePositive("multiSimilarity", "beta", beta);
  if (!Number.isFinite(lambda)) {
    throw new RangeError(`multiSimilarity: expected \`lambda\` to be a finite number, got ${lambda}`);
  }
  return tidy(() => {
    const cosine = pairCosines(embeddings);
    const dimension = embeddings.shape[1];
    const input = { distances: sub(1, cosine) as Tensor2D, ...pairMasks(labels), dimension };
    const { positive, negative } = minePairs(miner, input);
    const above = sub(cosine, lambda) as Tensor2D;
    const positives = maskedLogSumExp(mul(above, -alpha), positive, { addOne: true });
    const negatives = maskedLogSumExp(mul(above, beta), negative, { addOne: true });
    return mean(add(mul(positives, 1 / alpha), mul(negatives, 1 / beta))) as Scalar;
  });
}
