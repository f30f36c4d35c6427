import {
  add,
  expandDims,
  matMul,
  mul,
  relu,
  sqrt,
  square,
  step,
  sub,
  sum,
  type Tensor2D,
  transpose,
} from "@tensorflow/tfjs-core";
import { withoutGradient } from "../without-gradient.ts";

/** Squared distances below this share of the two squared lengths are rounding errors of float32. */
const rounding = 1e-6;

/**
 * Squared Euclidean distances `[N, N]`, from the products of the embeddings, so that memory grows with N² and not N²d.
 *
 * A squared distance below 1e-6 of the sum of both squared lengths is all rounding; it counts as 0, with a gradient of 0.
 */
export function squaredDistances(embeddings: Tensor2D): Tensor2D {
  const squares = sum(square(embeddings), 1, true);
  const both = add(squares, transpose(squares));
  const raw = relu(sub(both, mul(matMul(embeddings, embeddings, false, true), 2)));
  const apart = withoutGradient([raw, both], (found, of) => step(sub(found!, mul(of!, rounding))));
  return mul(raw, apart) as Tensor2D;
}

/** Roots of squared distances, with a gradient of 0 where the distance is 0. */
export function rootOf(squared: Tensor2D): Tensor2D {
  const apart = step(squared);
  const together = sub(1, apart);
  return sub(sqrt(add(squared, together)), together) as Tensor2D;
}

/**
 * Lengths `[N, N]` of the differences of all rows, with `epsilon` added to each component before squaring.
 *
 * ```text
 * Dᵢⱼ² = Σₖ (xᵢₖ − xⱼₖ + ε)² = ‖xᵢ − xⱼ‖² + 2ε Σₖ (xᵢₖ − xⱼₖ) + dε²
 * ```
 *
 * as PyTorch's `pairwise_distance` has it; the two orders of a pair differ by that little.
 */
export function distances(embeddings: Tensor2D, epsilon: number): Tensor2D {
  const squared = squaredDistances(embeddings);
  if (epsilon === 0) return rootOf(squared);
  const total = sum(embeddings, 1);
  const slant = mul(sub(expandDims(total, 1), expandDims(total, 0)), 2 * epsilon);
  const moved = add(add(squared, mul(slant, step(squared))), embeddings.shape[1] * epsilon ** 2);
  return rootOf(relu(moved) as Tensor2D);
}
