import { clipByValue, mul, sqrt, square, sub, type Tensor1D } from "@tensorflow/tfjs-core";

/** The smallest squared sine whose root still has a finite slope in float32. */
const smallestSquaredSine = 1e-12;

/** `cos(θ + m)` of `cos θ`, with one margin or one for each; by the addition theorem, finite in its slope at ±1 too. */
export function widenAngle(
  cosine: Tensor1D,
  margin: { readonly cos: number | Tensor1D; readonly sin: number | Tensor1D },
): Tensor1D {
  const sine = sqrt(clipByValue(sub(1, square(cosine)), smallestSquaredSine, 1));
  return sub(mul(cosine, margin.cos), mul(sine, margin.sin));
}
