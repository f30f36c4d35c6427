import { div, matMul, maximum, sqrt, square, sum, type Tensor2D } from "@tensorflow/tfjs-core";
import { normalizeRows } from "./normalize-rows.ts";

/**
 * Cosines `[N, C]` of embeddings `[N, d]` to class rows `[C, d]`.
 *
 * The products are divided by the rows' lengths, and the rows themselves are not: of 203,094 × 3 rows a normalized copy
 * and its gradient would be two more gigabytes.
 */
export function cosines(embeddings: Tensor2D, weight: Tensor2D): Tensor2D {
  const lengths = sqrt(maximum(sum(square(weight), 1), 1e-24));
  return div(matMul(normalizeRows(embeddings), weight, false, true), lengths);
}
