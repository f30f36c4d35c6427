import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/** What a batch norm learns, and what it adds to variances. */
export interface Affine {
  readonly weight: Tensor1D;
  readonly bias: Tensor1D;
  readonly epsilon: number;
}

/** A normalized tensor, and the mean and biased variance of each channel. */
export interface Normalized {
  readonly average: Tensor;
  readonly variance: Tensor;
  readonly normalized: Tensor;
}
