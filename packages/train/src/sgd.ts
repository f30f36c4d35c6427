import { add, mul, type Scalar, sub, type Tensor } from "@tensorflow/tfjs-core";
import { requireAtLeast } from "./require.ts";

/**
 * A rule that moves one parameter against its gradient.
 *
 * It is a pure function of tensors, so that it can be compiled into the same graph as the gradient. What it remembers
 * between steps are *slots*: tensors of the parameter's shape, zero at first.
 */
export interface Optimizer {
  /** First part of the slots' names in a checkpoint. */
  readonly name: string;
  /** Names of the slots that each parameter has. */
  readonly slots: readonly string[];
  /** The parameter and its slots after one step. */
  readonly update: (
    parameter: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    learningRate: Scalar,
  ) => OptimizerUpdate;
}

/** What an {@link Optimizer} gives back for one parameter. */
export interface OptimizerUpdate {
  readonly parameter: Tensor;
  /** New slots, in the order of `Optimizer.slots`. */
  readonly slots: readonly Tensor[];
}

/** Options of {@link sgd}. */
export interface SgdOptions {
  /**
   * Share of the last velocity that is kept, from 0 to below 1.
   *
   * @defaultValue 0.9, as in the 2019 winners' code
   */
  readonly momentum?: number;
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
 * p ← p − rate · v
 * ```
 *
 * The velocity does not contain the learning rate, so that changing the rate takes effect at once.
 *
 * @throws RangeError if `momentum` is not in [0, 1) or `weightDecay` is negative.
 *
 * @see {@link https://proceedings.mlr.press/v28/sutskever13.html | Sutskever et al., On the importance of initialization
 * and momentum}
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0.9, weightDecay = 1e-5 } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw new RangeError(`sgd: expected \`momentum\` to be from 0 to below 1, got ${momentum}`);
  }
  requireAtLeast("sgd", "weightDecay", weightDecay, 0);
  return {
    name: "sgd",
    slots: momentum === 0 ? [] : ["momentum"],
    update(parameter, gradient, [velocity], learningRate) {
      const decayed = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
      const moved = velocity === undefined ? decayed : add(mul(velocity, momentum), decayed);
      return {
        parameter: sub(parameter, mul(moved, learningRate)),
        slots: velocity === undefined ? [] : [moved],
      };
    },
  };
}
