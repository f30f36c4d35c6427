import { div, maximum, sqrt, square, sum, type Tensor2D } from "@tensorflow/tfjs-core";

/** Rows divided by their L2 norm, or by 1e-12 where the norm is smaller, as PyTorch's `normalize` does. */
export function normalizeRows(rows: Tensor2D): Tensor2D {
  // The square of 1e-12 is still a normal float32, so clamping under the root keeps its slope finite at zero.
  return div(rows, sqrt(maximum(sum(square(rows), 1, true), 1e-24)));
}
