import { add, expandDims, mul, sigmoid, sub, sum, type Tensor2D } from "@tensorflow/tfjs-core";

/**
 * Differentiable ranks `[N, N]`: where column `j` stands among the columns that row `i`'s mask keeps.
 *
 * ```text
 * rankᵢⱼ = 1 + Σ over k ≠ j of  maskᵢₖ · sigmoid((sᵢₖ − sᵢⱼ) / τ)
 * ```
 *
 * Memory grows with N³.
 */
export function softRanks(similarities: Tensor2D, mask: Tensor2D, temperature: number): Tensor2D {
  const ahead = mul(sub(expandDims(similarities, 1), expandDims(similarities, 2)), 1 / temperature);
  // The column itself adds sigmoid(0), which is taken out again.
  const passed = sum(mul(sigmoid(ahead), expandDims(mask, 1)), 2);
  return sub(add(passed, 1), mul(mask, 0.5)) as Tensor2D;
}
