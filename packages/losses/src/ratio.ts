import { add, div, type Scalar, step, sub, type Tensor } from "@tensorflow/tfjs-core";

/** A sum of losses over how many there are, both ≥ 0; 0 where there are none. */
export function ratio(total: Tensor, count: Tensor): Scalar {
  return div(total, add(count, sub(1, step(count)))) as Scalar;
}
