import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";

/** What a miner chooses from: the pairs of one batch. A miner's result is a constant; no gradient flows through it. */
export interface MinerInput {
  /** `[N, N]`, small for alike embeddings: Euclidean distances, or 1 − cosine for losses on cosines. */
  readonly distances: Tensor2D;
  /** `[N, N]`, 1 for ordered pairs of one class, else 0; the diagonal is 0. */
  readonly positive: Tensor2D;
  /** `[N, N]`, 1 for ordered pairs of two classes, else 0. */
  readonly negative: Tensor2D;
  /** Length `d` of an embedding. */
  readonly dimension: number;
}

/** Weights of pairs: row `i` holds those of anchor `i`. */
export interface MinedPairs {
  /** `[N, N]`, 0 or above, and 0 where the input's `positive` is 0. */
  readonly positive: Tensor2D;
  /** `[N, N]`, 0 or above, and 0 where the input's `negative` is 0. */
  readonly negative: Tensor2D;
}

/**
 * One triplet per anchor. The rows of `positive` and `negative` sum to 1, or to 0 where the anchor has no such pair; the
 * anchor then takes no part.
 */
export interface AnchorTriplets extends MinedPairs {
  readonly kind: "anchors";
}

/** Any triplets: weight `[i, p, n]` of anchor `i`, positive `p` and negative `n`, 0 or above. */
export interface WeightedTriplets {
  readonly kind: "triplets";
  /** `[N, N, N]`. */
  readonly weights: Tensor3D;
}

/**
 * Chooses the pairs that {@link contrastive} and {@link multiSimilarity} learn from.
 *
 * Any pure function of these tensors will do; {@link allPairs}, {@link multiSimilarityPairs} and {@link batchHard} are
 * three. It may use operations without a gradient.
 */
export type PairMiner = (pairs: MinerInput) => MinedPairs;

/**
 * Chooses the triplets that {@link triplet} learns from.
 *
 * Any pure function of these tensors will do; {@link batchHard}, {@link allTriplets}, {@link semiHard},
 * {@link nearestSemiHard} and {@link distanceWeighted} are five. It may use operations without a gradient.
 */
export type TripletMiner = (pairs: MinerInput) => AnchorTriplets | WeightedTriplets;
