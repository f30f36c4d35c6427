import { maximum, sqrt, square, sum, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/** The least square of a row's length that is divided by: that of 1e-12, still a normal float32. */
export const smallestSquare = 1e-24;

/** L2 norms of rows, `[N]`, at least 1e-12, so that their slope is finite at zero too. */
export function rowLengths(rows: Tensor2D): Tensor1D {
  return sqrt(maximum(sum(square(rows), 1), smallestSquare)) as Tensor1D;
}
