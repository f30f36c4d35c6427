import { add, div, maximum, sqrt, square, sum, type Tensor, type Tensor2D } from "@tensorflow/tfjs-core";

/** Rows divided by their length plus `epsilon`; rows of zeros stay, with a gradient that is finite. */
export function unitLength(rows: Tensor2D, epsilon: number): Tensor2D {
  const length: Tensor = sqrt(maximum(sum(square(rows), 1, true), 1e-24));
  return div(rows, add(length, epsilon));
}
