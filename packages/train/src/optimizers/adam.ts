import { add, div, expm1, maximum, mul, neg, sqrt, square, sub, type Tensor } from "@tensorflow/tfjs-core";
import { requireAtLeast } from "../require.ts";
import type { Optimizer, UpdateRates } from "./optimizer.ts";
import { requireShare } from "./require-share.ts";

/** Options of {@link adam} and {@link adamW}. */
export interface AdamOptions {
  /**
   * Share of the mean gradient that is kept, from 0 to below 1.
   *
   * @defaultValue 0.9
   */
  readonly beta1?: number;
  /**
   * Share of the mean squared gradient that is kept, from 0 to below 1.
   *
   * @defaultValue 0.999
   */
  readonly beta2?: number;
  /**
   * Added to the root of the mean squared gradient, above 0.
   *
   * @defaultValue 1e-8
   */
  readonly epsilon?: number;
  /**
   * Weight decay: in {@link adam} an L2 penalty that is added to the gradient, in {@link adamW} a share of the parameter
   * that is taken off directly.
   *
   * @defaultValue 0 for `adam`, as in the 2020 third place's code; 0.01 for `adamW`
   */
  readonly weightDecay?: number;
  /**
   * Divides by the largest mean squared gradient so far instead of the present one.
   *
   * @defaultValue false
   */
  readonly amsgrad?: boolean;
}

/**
 * Adam, in PyTorch's form, with weight decay as an L2 penalty.
 *
 * ```text
 * g ← g + weightDecay · p
 * m ← β₁ · m + (1 − β₁) · g
 * v ← β₂ · v + (1 − β₂) · g²
 * p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * ```
 *
 * where `t` is the number of updates, this one included.
 *
 * @throws RangeError if a beta is not in [0, 1), `epsilon` is not above 0 or `weightDecay` is negative.
 *
 * @see {@link https://arxiv.org/abs/1412.6980 | Kingma and Ba, Adam}
 * @see {@link https://openreview.net/forum?id=ryQu7f-RZ | Reddi et al., On the convergence of Adam and beyond}, for
 * `amsgrad`
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return createAdam("adam", options, 0, false);
}

/**
 * AdamW: {@link adam} with weight decay apart from the gradient.
 *
 * ```text
 * p ← p − rate · weightDecay · p, then Adam's step without weight decay
 * ```
 *
 * @throws RangeError if a beta is not in [0, 1), `epsilon` is not above 0 or `weightDecay` is negative.
 *
 * @see {@link https://arxiv.org/abs/1711.05101 | Loshchilov and Hutter, Decoupled weight decay regularization}
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return createAdam("adamW", options, 0.01, true);
}

function createAdam(name: string, options: AdamOptions, defaultDecay: number, decoupled: boolean): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  const { weightDecay = defaultDecay } = options;
  requireShare(name, "beta1", beta1);
  requireShare(name, "beta2", beta2);
  requireAtLeast(name, "weightDecay", weightDecay, 0);
  if (!(epsilon > 0)) throw new RangeError(`${name}: expected \`epsilon\` to be above 0, got ${epsilon}`);
  return {
    name,
    slots: amsgrad ? ["mean", "square", "largest"] : ["mean", "square"],
    weightDecay,
    countsSteps: true,
    update(parameter, gradient, slots, rates) {
      const [oldMean, oldSquare, oldLargest] = slots as [Tensor, Tensor, Tensor | undefined];
      const { from, descent } = decay(parameter, gradient, rates, decoupled);
      const mean = add(mul(oldMean, beta1), mul(descent, 1 - beta1));
      const meanSquare = add(mul(oldSquare, beta2), mul(square(descent), 1 - beta2));
      const largest = oldLargest && maximum(oldLargest, meanSquare);
      const root = div(sqrt(largest ?? meanSquare), sqrt(correction(beta2, rates)));
      const rate = div(rates.learningRate, correction(beta1, rates));
      const next = sub(from, mul(div(mean, add(root, epsilon)), rate));
      return { parameter: next, slots: largest ? [mean, meanSquare, largest] : [mean, meanSquare] };
    },
  };
}

function decay(
  parameter: Tensor,
  gradient: Tensor,
  { learningRate, weightDecay }: UpdateRates,
  decoupled: boolean,
): { from: Tensor; descent: Tensor } {
  if (weightDecay === 0) return { from: parameter, descent: gradient };
  if (decoupled) return { from: mul(parameter, sub(1, mul(learningRate, weightDecay))), descent: gradient };
  return { from: parameter, descent: add(gradient, mul(parameter, weightDecay)) };
}

/** 1 − βᵗ: what a mean that starts at 0 has seen of its values. As −(eˣ − 1) it keeps its digits where βᵗ is near 1. */
function correction(beta: number, { step }: UpdateRates): Tensor {
  return neg(expm1(mul(step, Math.log(beta))));
}
