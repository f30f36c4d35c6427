import type { Scalar, Tensor } from "@tensorflow/tfjs-core";

/** What an update goes by, besides the gradient. */
export interface UpdateRates {
  /** The learning rate of the parameter's group in this step. */
  readonly learningRate: Scalar;
  /** The weight decay of the parameter's group. */
  readonly weightDecay: number;
  /** Updates done, this one included: 1 in the first. */
  readonly step: Scalar;
}

/** What an {@link Optimizer} gives back for one parameter. */
export interface OptimizerUpdate {
  readonly parameter: Tensor;
  /** New slots, in the order of `Optimizer.slots`. */
  readonly slots: readonly Tensor[];
}

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
  /** Weight decay of the parameters whose group says nothing else. */
  readonly weightDecay: number;
  /** Whether `update` reads `step`; the number of updates is then part of the state. */
  readonly countsSteps: boolean;
  /** The parameter and its slots after one step. */
  readonly update: (
    parameter: Tensor,
    gradient: Tensor,
    slots: readonly Tensor[],
    rates: UpdateRates,
  ) => OptimizerUpdate;
}
