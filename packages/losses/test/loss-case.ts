import type { NamedArrays, Parameters } from "@lmk/losses";
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/** A loss with inputs, for the tests that every loss must pass. */
export interface LossCase {
  readonly name: string;
  /** What gradients are taken of: embeddings, class rows, proxies. */
  readonly arrays: NamedArrays;
  readonly labels: Int32Array;
  /** The loss, or the loss as `loss` beside other values, such as running statistics. */
  readonly loss: (
    arrays: Parameters,
    labels: Tensor1D,
  ) => Scalar | (Readonly<Record<string, Tensor>> & { loss: Scalar });
  /**
   * For a loss that holds some of its values constant in the gradient: the same loss with those values as they are at
   * `arrays`, whose slope the gradient is.
   */
  readonly held?: (arrays: Parameters, labels: Tensor1D) => Scalar;
  /** Inputs at which value and gradient must be finite: cosines of ±1, equal embeddings, one class, no positives. */
  readonly extremes: readonly {
    readonly name: string;
    readonly arrays: NamedArrays;
    readonly labels: Int32Array;
  }[];
}

/** The numbers sin(offset + k), k = 0, 1, …, as the golden values of the specification use them. */
export function sines(
  shape: readonly number[],
  offset: number,
): { shape: readonly number[]; data: Float32Array } {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, k) => Math.sin(offset + k)) };
}
