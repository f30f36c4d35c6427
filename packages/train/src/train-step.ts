import { keep, type Scalar, type Tensor, tidy, valueAndGrads } from "@tensorflow/tfjs-core";
import type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
import type { Optimizer } from "./sgd.ts";

/** How a loss function shall run its model. */
export interface LossContext {
  readonly training: true;
  /** Whether batch norm uses the batch's statistics and updates the running ones, or uses the running ones. */
  readonly batchNorm: "batch" | "running";
}

/** What a loss function gives back. */
export interface LossResult {
  /** Scalar to be made smaller. */
  readonly loss: Scalar;
  /** New values of parameters that no gradient moves, such as running means. */
  readonly statistics?: Parameters;
  /** Other values to report. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

/** Options of {@link createTrainStep}. */
export interface TrainStepOptions {
  /** The model and its loss, as a pure function of tensors. */
  readonly loss: (
    parameters: Parameters,
    inputs: Readonly<Record<string, Tensor>>,
    context: LossContext,
  ) => LossResult;
  readonly optimizer: Optimizer;
  /** Initial values of every parameter, running statistics among them. */
  readonly parameters: NamedArrays;
  /**
   * Which parameters a gradient moves. Running statistics (`*.running_mean`, `*.running_var`) are never among them.
   *
   * @defaultValue all others
   */
  readonly isTrainable?: (name: string) => boolean;
  /**
   * Keeps batch norm as it is: running statistics are used and not updated, and its weights and biases do not move.
   *
   * @defaultValue false
   */
  readonly frozenBatchNorm?: boolean;
}

/** A training step as a pure function of inputs and state. */
export interface TrainStep {
  /** Initial state: the parameters and the optimizer's slots, all of them by name. */
  readonly state: NamedArrays;
  /** Names of the parameters that a gradient moves. */
  readonly trainable: readonly string[];
  /**
   * One step. `inputs` are the batch and a scalar `learningRate`; `outputs` are `loss` and the metrics; the new `state`
   * holds only what changed.
   */
  readonly run: (
    inputs: Readonly<Record<string, Tensor>>,
    state: Readonly<Record<string, Tensor>>,
  ) => {
    readonly outputs: Readonly<Record<string, Tensor>>;
    readonly state: Readonly<Record<string, Tensor>>;
  };
  /** Takes the parameters out of a state, without the optimizer's slots. */
  readonly parametersOf: (state: NamedArrays) => NamedArrays;
}

/**
 * Builds a training step: loss, gradients, optimizer update and new running statistics in one pure function.
 *
 * Run it eagerly on any TensorFlow.js backend, or compile it into one graph. Frozen batch norm is the last stage of the
 * 2019 system, where the image size grows and batches become too small for good statistics.
 *
 * @returns The step; the caller owns the tensors that `run` gives back.
 * @throws RangeError if no parameter is trainable.
 *
 * @example
 * ```ts
 * import { createTrainStep, sgd } from "@lmk/train";
 *
 * const step = createTrainStep({
 *   loss: (parameters, { x }) => ({ loss: parameters.w.sub(x).square().sum() }),
 *   optimizer: sgd({ momentum: 0, weightDecay: 0 }),
 *   parameters: { w: { shape: [1], data: Float32Array.of(3) } },
 * });
 * step.trainable; // => ["w"]
 * ```
 */
export function createTrainStep(options: TrainStepOptions): TrainStep {
  const { loss, optimizer, parameters, isTrainable = () => true, frozenBatchNorm = false } = options;
  const names = Object.keys(parameters);
  const trainable = names.filter(
    (name) =>
      !isRunningStatistic(name) && !(frozenBatchNorm && isBatchNorm(name, parameters)) && isTrainable(name),
  );
  if (trainable.length === 0) {
    throw new RangeError(
      "createTrainStep: expected `isTrainable` to accept at least one parameter, got none",
    );
  }
  const context: LossContext = { training: true, batchNorm: frozenBatchNorm ? "running" : "batch" };
  const slotName = (slot: string, name: string): string => `${optimizer.name}/${slot}/${name}`;

  const run: TrainStep["run"] = (inputs, state) =>
    tidy(() => {
      const { learningRate, ...batch } = inputs;
      if (learningRate === undefined)
        throw new RangeError("createTrainStep: expected `inputs` to have learningRate, got none");
      const fixed = Object.fromEntries(names.map((name) => [name, state[name]!]));
      let statistics: Parameters = {};
      let metrics: Readonly<Record<string, Tensor>> = {};
      const { value, grads } = valueAndGrads((...moving: Tensor[]) => {
        const current = { ...fixed, ...Object.fromEntries(trainable.map((name, i) => [name, moving[i]!])) };
        const result = loss(current, batch, context);
        // The tape's own scope would free what is not the loss.
        statistics = mapTensors(result.statistics ?? {}, keep);
        metrics = mapTensors(result.metrics ?? {}, keep);
        return result.loss;
      })(trainable.map((name) => state[name]!));

      const next: Record<string, Tensor> = frozenBatchNorm ? {} : release(statistics);
      trainable.forEach((name, i) => {
        const slots = optimizer.slots.map((slot) => state[slotName(slot, name)]!);
        const updated = optimizer.update(state[name]!, grads[i]!, slots, learningRate as Scalar);
        next[name] = updated.parameter;
        optimizer.slots.forEach((slot, s) => {
          next[slotName(slot, name)] = updated.slots[s]!;
        });
      });
      return { outputs: { loss: value, ...release(metrics) }, state: next };
    });

  return {
    state: { ...parameters, ...initialSlots(parameters, trainable, optimizer, slotName) },
    trainable,
    run,
    parametersOf: (state) => Object.fromEntries(names.map((name) => [name, state[name]!])),
  };
}

function initialSlots(
  parameters: NamedArrays,
  trainable: readonly string[],
  optimizer: Optimizer,
  slotName: (slot: string, name: string) => string,
): Record<string, NamedArray> {
  return Object.fromEntries(
    optimizer.slots.flatMap((slot) =>
      trainable.map((name): [string, NamedArray] => {
        const { shape, data } = parameters[name]!;
        return [slotName(slot, name), { shape, data: new Float32Array(data.length) }];
      }),
    ),
  );
}

function isRunningStatistic(name: string): boolean {
  return /(^|\.)running_(mean|var)$/.test(name);
}

function isBatchNorm(name: string, parameters: NamedArrays): boolean {
  return name.replace(/[^.]*$/, "running_mean") in parameters;
}

function mapTensors(
  tensors: Readonly<Record<string, Tensor>>,
  change: (tensor: Tensor) => Tensor,
): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}

/** Hands kept tensors over to the scope around: clones share their values, and the kept ones are freed. */
function release(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return mapTensors(tensors, (tensor) => {
    const shared = tensor.clone();
    tensor.dispose();
    return shared;
  });
}
