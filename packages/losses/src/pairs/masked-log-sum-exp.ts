import {
  add,
  exp,
  expandDims,
  log,
  max,
  maximum,
  mul,
  neg,
  step,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { withoutGradient } from "../without-gradient.ts";

/** Options of {@link maskedLogSumExp}. */
export interface MaskedLogSumExpOptions {
  /**
   * The axis summed over.
   *
   * @defaultValue 1
   */
  readonly axis?: 0 | 1;
  /**
   * Whether 1 is added to the sum.
   *
   * @defaultValue false
   */
  readonly addOne?: boolean;
}

/**
 * Logarithms of sums of exponentials over the entries that a mask keeps.
 *
 * ```text
 * log Σⱼ maskᵢⱼ exp(valuesᵢⱼ)    or    log(1 + Σⱼ maskᵢⱼ exp(valuesᵢⱼ))
 * ```
 *
 * The largest kept value is taken out of the sum, so that large values do not overflow. A row without kept entries gives 0
 * with a gradient of zero.
 *
 * @param values - `[N, M]`.
 * @param mask - `[N, M]`, 0 or a positive weight.
 * @returns `[N]`, or `[M]` for axis 0.
 */
export function maskedLogSumExp(
  values: Tensor2D,
  mask: Tensor2D,
  options: MaskedLogSumExpOptions = {},
): Tensor1D {
  const { axis = 1, addOne = false } = options;
  const kept = step(mask);
  const any = max(kept, axis);
  const top = withoutGradient([values], (given) => {
    const largest = mul(max(add(mul(given, kept), mul(sub(kept, 1), 1e30)), axis), any);
    return addOne ? maximum(largest, 0) : largest;
  });
  // Entries outside the mask are set to 0 before the exponential: theirs could be infinite.
  const shifted = mul(sub(values, expandDims(top, axis)), kept);
  const total = sum(mul(exp(shifted), mask), axis);
  const rest: Tensor = addOne ? exp(neg(top)) : sub(1, any);
  return add(log(add(total, rest)), top) as Tensor1D;
}
