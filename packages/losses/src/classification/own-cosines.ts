import { add, expandDims, mul, sub, sum, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/** Each row's cosine to its own class, `[N]`, of cosines `[N, C]` and the mask {@link ownClass} gives. */
export function ownCosines(cosine: Tensor2D, own: Tensor2D): Tensor1D {
  return sum(mul(cosine, own), 1);
}

/** Cosines `[N, C]` with each row's own one moved from `from` to `to`, both `[N]`. */
export function moveOwnCosines(cosine: Tensor2D, own: Tensor2D, from: Tensor1D, to: Tensor1D): Tensor2D {
  return add(cosine, mul(own, expandDims(sub(to, from), 1)));
}
