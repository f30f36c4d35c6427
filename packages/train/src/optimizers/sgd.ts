import { add, mul, sub, type Tensor } from "@tensorflow/tfjs-core";
import { requireAtLeast } from "../require.ts";
import type { Optimizer } from "./optimizer.ts";
import { requireShare } from "./require-share.ts";

/** Options of {@link sgd}. */
export interface SgdOptions {
  /**
   * Share of the last velocity that is kept, from 0 to below 1.
   *
   * @defaultValue 0.9, as in the 2019 winners' code
   */
  readonly momentum?: number;
  /**
   * Takes the step from where the velocity leads, as the 2020 first place does.
   *
   * @defaultValue false
   */
  readonly nesterov?: boolean;
  /**
   * Coefficient of the L2 penalty, added to the gradient.
   *
   * @defaultValue 1e-5, as in the 2019 winners' code
   */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum and weight decay, in PyTorch's form.
 *
 * ```text
 * g ← g + weightDecay · p
 * v ← momentum · v + g
 * p ← p − rate · v                     or, with Nesterov's momentum,
 * p ← p − rate · (g + momentum · v)
 * ```
 *
 * The velocity does not contain the learning rate, so that changing the rate takes effect at once.
 *
 * @throws RangeError if `momentum` is not in [0, 1), `weightDecay` is negative, or `nesterov` is asked for without
 * momentum.
 *
 * @see {@link https://proceedings.mlr.press/v28/sutskever13.html | Sutskever et al., On the importance of initialization
 * and momentum}
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, nesterov = false, weightDecay = 1e-5 } = options;
  requireShare("sgd", "momentum", momentum);
  requireAtLeast("sgd", "weightDecay", weightDecay, 0);
  if (nesterov && momentum === 0) {
    throw new RangeError("sgd: expected `momentum` above 0 with `nesterov`, got 0");
  }
  return {
    name: "sgd",
    slots: momentum > 0 ? ["momentum"] : [],
    weightDecay,
    countsSteps: false,
    update(parameter, gradient, [velocity], { learningRate, weightDecay: decay }) {
      const descent: Tensor = decay > 0 ? add(gradient, mul(parameter, decay)) : gradient;
      if (velocity === undefined) return { parameter: sub(parameter, mul(descent, learningRate)), slots: [] };
      const next = add(mul(velocity, momentum), descent);
      const direction = nesterov ? add(descent, mul(next, momentum)) : next;
      return { parameter: sub(parameter, mul(direction, learningRate)), slots: [next] };
    },
  };
}
