import { div, expandDims, type Tensor2D } from "@tensorflow/tfjs-core";
import { rowLengths } from "./row-lengths.ts";

/** Rows divided by their L2 norm, or by 1e-12 where the norm is smaller, as PyTorch's `normalize` does. */
export function normalizeRows(rows: Tensor2D): Tensor2D {
  return div(rows, expandDims(rowLengths(rows), 1));
}
