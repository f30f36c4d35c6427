import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { StepFunction } from "./engine.ts";
import type { MovingAverageOptions } from "./moving-average.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import type { ParameterGroup } from "./parameter-groups.ts";
import type { NamedArrays, Parameters } from "./parameters.ts";

/** The ranks that a step is shared by, as the step sees them. */
export interface Replicas {
  /** Which of them this process is, from 0. */
  readonly rank: number;
  readonly size: number;
  /** The mean of a tensor over the ranks; its gradient is the mean of the gradients. */
  readonly mean: <T extends Tensor>(x: T) => T;
}

/** How a loss function shall run its model; the models of `@lmk/models` take it as their options. */
export interface LossContext {
  readonly training: true;
  /** Whether batch norm uses the batch's statistics and updates the running ones, or uses the running ones. */
  readonly batchNorm: "batch" | "running";
  /** An int32 scalar that is another one for every batch, rank and step: where random numbers start. */
  readonly seed: Tensor;
  /** Given if batch norm shall use the statistics of all ranks' batches. */
  readonly replicas?: Replicas;
}

/** What a loss function gives back. */
export interface LossResult {
  /** Scalar to be made smaller. */
  readonly loss: Scalar;
  /** New values of parameters that no gradient moves, such as running means. */
  readonly statistics?: Parameters;
  /** Other scalars to report. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

/** The model and its loss, as a pure function of tensors. */
export type LossFunction = (
  parameters: Parameters,
  inputs: Readonly<Record<string, Tensor>>,
  context: LossContext,
) => LossResult;

/** Options of `createTrainStep`. */
export interface TrainStepOptions {
  readonly loss: LossFunction;
  readonly optimizer: Optimizer;
  /** Initial values of every parameter, running statistics among them. */
  readonly parameters: NamedArrays;
  /**
   * Parameters with a learning rate or weight decay of their own, or frozen ones; the first group that matches counts.
   *
   * @defaultValue none
   */
  readonly groups?: readonly ParameterGroup[];
  /**
   * Keeps batch norm as it is: running statistics are used and not updated, and its weights and biases do not move.
   *
   * @defaultValue false
   */
  readonly frozenBatchNorm?: boolean;
  /**
   * Batches whose gradients are averaged for one update. Batch norm sees each batch alone.
   *
   * @defaultValue 1
   */
  readonly accumulate?: number;
  /**
   * Scales all gradients together so that their L2 norm is at most this, as PyTorch's `clip_grad_norm_` does; the norm
   * before is reported as the metric `gradientNorm`.
   *
   * @defaultValue no limit
   */
  readonly clipNorm?: number;
  /**
   * Limits each element of the gradients to ± this.
   *
   * @defaultValue no limit
   */
  readonly clipValue?: number;
  /**
   * Keeps a moving average of all parameters beside them.
   *
   * @defaultValue none
   */
  readonly movingAverage?: MovingAverageOptions;
  /**
   * Names of parameters of which each batch uses some rows only, told by its `rows`: heads of many classes, as Partial FC
   * trains them. They and their slots stay outside the state, in main memory. The loss gets the batch's rows, `[M, …]` in
   * their order, in place of the parameter; gradient, weight decay, momentum and clipping are of these rows alone, and
   * all others stay as they are. `train` works on copies of the arrays, moved in place. Not with `accumulate` above
   * 1, with `movingAverage`, or on several ranks.
   *
   * @defaultValue none
   */
  readonly sampledRows?: readonly string[];
  /**
   * The ranks to average gradients over; statistics and reported values are averaged, too.
   *
   * @defaultValue this process alone
   */
  readonly replicas?: Replicas;
  /**
   * Whether batch norm uses the statistics of all ranks' batches together (SyncBN) instead of each rank's own.
   *
   * @defaultValue false
   */
  readonly synchronizedBatchNorm?: boolean;
}

/** A training step as pure functions of inputs and state. */
export interface TrainStep {
  /**
   * Initial state: the parameters, the optimizer's slots, accumulated gradients and averages, all of them by name, without
   * those of {@link TrainStep.sampled}.
   */
  readonly state: NamedArrays;
  /**
   * The initial arrays of each parameter of `sampledRows`: the parameter itself and its slots, by the names that they
   * would have in the state.
   */
  readonly sampled: Readonly<Record<string, NamedArrays>>;
  /** Names of the parameters that a gradient moves. */
  readonly trainable: readonly string[];
  /**
   * One update. `inputs` are the batch, the scalar `learningRate`, a scalar `learningRate/NAME` for each group with a
   * schedule of its own, and optionally the int32 scalar `seed`; `outputs` are `loss` and the metrics; the new `state`
   * holds only what changed. For each array NAME of `sampled` the input `rows/NAME` holds some rows, and the output of
   * the same name these rows after the update.
   */
  readonly run: StepFunction;
  /**
   * What the batches before the last of an update run, if there are several: adds to the gradients, and updates running
   * statistics. Its inputs are the batch and `seed`.
   */
  readonly gather: StepFunction;
  /** Takes the parameters out of a state, without the optimizer's slots. */
  readonly parametersOf: (state: NamedArrays) => NamedArrays;
  /** Takes the moving averages of the parameters out of a state; the parameters themselves where none are kept. */
  readonly averagesOf: (state: NamedArrays) => NamedArrays;
}
