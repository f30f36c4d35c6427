import type { NamedArrays } from "./parameters.ts";
import { uniform } from "./random.ts";
import { requirePositiveInteger } from "./require.ts";

/** Options of {@link arcFaceParameters} and {@link softmaxParameters}. */
export interface ClassRowsOptions {
  /** Number of classes, C. */
  readonly classes: number;
  /** Length of an embedding, d. */
  readonly dimension: number;
  /** Any whole number; the same seed gives the same weights. */
  readonly seed: number;
}

/**
 * Initial class rows of a margin loss: `final.weight`, `[C, d]`, uniform within ±√(6 / (C + d)).
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @see {@link https://proceedings.mlr.press/v9/glorot10a.html | Glorot and Bengio, Understanding the difficulty of training
 * deep feedforward neural networks}
 */
export function arcFaceParameters(options: ClassRowsOptions): NamedArrays {
  const { classes, dimension, seed } = options;
  requirePositiveInteger("arcFaceParameters", "classes", classes);
  requirePositiveInteger("arcFaceParameters", "dimension", dimension);
  const bound = Math.sqrt(6 / (classes + dimension));
  return { "final.weight": { shape: [classes, dimension], data: uniform(classes * dimension, bound, seed) } };
}

/**
 * Initial weights of {@link softmax}: `final.weight` `[C, d]` and `final.bias` `[C]`, uniform within ±1/√d, as PyTorch's
 * linear layer.
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 */
export function softmaxParameters(options: ClassRowsOptions): NamedArrays {
  const { classes, dimension, seed } = options;
  requirePositiveInteger("softmaxParameters", "classes", classes);
  requirePositiveInteger("softmaxParameters", "dimension", dimension);
  const bound = 1 / Math.sqrt(dimension);
  return {
    "final.weight": { shape: [classes, dimension], data: uniform(classes * dimension, bound, seed) },
    "final.bias": { shape: [classes], data: uniform(classes, bound, seed + 1) },
  };
}
