import {
  add,
  keep,
  mul,
  type Scalar,
  scalar,
  type Tensor,
  tidy,
  valueAndGrads,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { clipByNorm, clipByValues } from "./clip-gradients.ts";
import type { StepFunction } from "./engine.ts";
import {
  averageName,
  type MovingAverageOptions,
  movingAverages,
  requireMovingAverage,
} from "./moving-average.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { groupOf, type ParameterGroup, requireGroups } from "./parameter-groups.ts";
import type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
import { requireInteger, requirePositive } from "./require.ts";

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

/** Options of {@link createTrainStep}. */
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
  /** Initial state: the parameters, the optimizer's slots, accumulated gradients and averages, all of them by name. */
  readonly state: NamedArrays;
  /** Names of the parameters that a gradient moves. */
  readonly trainable: readonly string[];
  /**
   * One update. `inputs` are the batch, the scalar `learningRate`, a scalar `learningRate/NAME` for each group with a
   * schedule of its own, and optionally the int32 scalar `seed`; `outputs` are `loss` and the metrics; the new `state`
   * holds only what changed.
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

const stepName = "train/step";
const gradientName = (name: string): string => `gradient/${name}`;

/**
 * Builds a training step: loss, gradients, optimizer update and new running statistics in one pure function.
 *
 * Run it eagerly on any TensorFlow.js backend, or compile it into one graph. Frozen batch norm is the last stage of the
 * 2019 system, where the image size grows and batches become too small for good statistics. Parameters whose last part
 * begins with `running_` are statistics, moved by the loss's `statistics` and never by a gradient.
 *
 * @returns The step; the caller owns the tensors that `run` gives back.
 * @throws RangeError if no parameter is trainable, groups share a name, or a number is out of range.
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
  const {
    optimizer,
    parameters,
    groups = [],
    frozenBatchNorm = false,
    accumulate = 1,
    movingAverage,
  } = options;
  requireOptions(options);
  const names = Object.keys(parameters);
  const groupNamed = new Map(names.map((name) => [name, groupOf(groups, name, parameters[name]!.shape)]));
  const trainable = names.filter(
    (name) =>
      !isRunningStatistic(name) &&
      !(frozenBatchNorm && isBatchNorm(name, parameters)) &&
      !groupNamed.get(name)?.frozen,
  );
  if (trainable.length === 0) {
    throw new RangeError(
      "createTrainStep: expected `parameters` to have one that is not frozen, got none that a gradient moves",
    );
  }
  const slotName = (slot: string, name: string): string => `${optimizer.name}/${slot}/${name}`;
  const countsSteps = optimizer.countsSteps || movingAverage?.warmUp === true;
  const mean = options.replicas?.mean ?? (<T extends Tensor>(x: T): T => x);

  const update = (
    gradients: Gradients,
    rates: Readonly<Record<string, Tensor>>,
    state: Parameters,
    step: Scalar,
  ): Record<string, Tensor> => {
    const next: Record<string, Tensor> = {};
    for (const name of trainable) {
      const group = groupNamed.get(name);
      const slots = optimizer.slots.map((slot) => state[slotName(slot, name)]!);
      const updated = optimizer.update(state[name]!, gradients[name]!, slots, {
        learningRate: rateOf(group, rates),
        weightDecay: group?.weightDecay ?? optimizer.weightDecay,
        step,
      });
      next[name] = updated.parameter;
      optimizer.slots.forEach((slot, s) => {
        next[slotName(slot, name)] = updated.slots[s]!;
      });
    }
    return next;
  };

  const run: StepFunction = (inputs, state) =>
    tidy(() => {
      const { rates, seed, batch } = sort(inputs);
      const {
        loss,
        gradients: own,
        statistics,
        metrics,
      } = differentiate(options, trainable, batch, seed, state);
      const all = accumulate > 1 ? addGathered(own, state, 1 / accumulate) : own;
      // Deep parameters first: theirs are the gradients that are known first.
      const averaged = mapValues(reversed(all), mean);
      const limited = options.clipValue === undefined ? averaged : clipByValues(averaged, options.clipValue);
      const { gradients, norm } =
        options.clipNorm === undefined ? { gradients: limited } : clipByNorm(limited, options.clipNorm);
      const step = countsSteps ? (add(state[stepName]!, 1) as Scalar) : scalar(1);

      const next: Record<string, Tensor> = {
        ...mapValues(statistics, mean),
        ...update(gradients, rates, state, step),
        ...(countsSteps ? { [stepName]: step } : {}),
      };
      if (movingAverage) Object.assign(next, movingAverages(movingAverage, names, state, next, step));
      if (accumulate > 1) {
        for (const name of trainable) next[gradientName(name)] = zerosLike(state[gradientName(name)]!);
      }
      const reported = mapValues({ loss, ...metrics }, mean);
      return { outputs: norm ? { ...reported, gradientNorm: norm } : reported, state: next };
    });

  const gather: StepFunction = (inputs, state) =>
    tidy(() => {
      const { seed, batch } = sort(inputs);
      const { loss, gradients, statistics, metrics } = differentiate(options, trainable, batch, seed, state);
      const gathered = addGathered(gradients, state, 1 / accumulate);
      return {
        outputs: mapValues({ loss, ...metrics }, mean),
        state: {
          ...mapValues(statistics, mean),
          ...Object.fromEntries(trainable.map((name) => [gradientName(name), gathered[name]!])),
        },
      };
    });

  const zeros = (name: string): NamedArray => {
    const { shape, data } = parameters[name]!;
    return { shape, data: new Float32Array(data.length) };
  };
  const extra: [string, NamedArray][] = [
    ...optimizer.slots.flatMap((slot) =>
      trainable.map((name) => [slotName(slot, name), zeros(name)] as const),
    ),
    ...(accumulate > 1 ? trainable.map((name) => [gradientName(name), zeros(name)] as const) : []),
    ...(movingAverage ? names.map((name) => [averageName(name), parameters[name]!] as const) : []),
    ...(countsSteps ? [[stepName, { shape: [], data: new Float32Array(1) }] as const] : []),
  ].map(([name, array]) => [name, array]);
  return {
    state: { ...parameters, ...Object.fromEntries(extra) },
    trainable,
    run,
    gather,
    parametersOf: (state) => Object.fromEntries(names.map((name) => [name, state[name]!])),
    averagesOf: (state) =>
      Object.fromEntries(names.map((name) => [name, state[averageName(name)] ?? state[name]!])),
  };
}

type Gradients = Readonly<Record<string, Tensor>>;

/** The loss of one batch, its gradients, and what it gives beside. */
function differentiate(
  { loss, frozenBatchNorm = false, replicas, synchronizedBatchNorm = false }: TrainStepOptions,
  trainable: readonly string[],
  batch: Readonly<Record<string, Tensor>>,
  seed: Tensor,
  state: Readonly<Record<string, Tensor>>,
): { loss: Tensor; gradients: Gradients; statistics: Parameters; metrics: Parameters } {
  const context: LossContext = {
    training: true,
    batchNorm: frozenBatchNorm ? "running" : "batch",
    seed,
    ...(replicas && synchronizedBatchNorm ? { replicas } : {}),
  };
  let statistics: Parameters = {};
  let metrics: Parameters = {};
  const { value, grads } = valueAndGrads((...moving: Tensor[]) => {
    const current = { ...state, ...Object.fromEntries(trainable.map((name, i) => [name, moving[i]!])) };
    const result = loss(current, batch, context);
    // The tape's own scope would free what is not the loss.
    statistics = mapValues(result.statistics ?? {}, keep);
    metrics = mapValues(result.metrics ?? {}, keep);
    return result.loss;
  })(trainable.map((name) => state[name]!));
  const moved = Object.entries(release(statistics)).filter(
    ([name]) => !(frozenBatchNorm && isBatchNormStatistic(name)),
  );
  return {
    loss: value,
    gradients: Object.fromEntries(trainable.map((name, i) => [name, grads[i]!])),
    statistics: Object.fromEntries(moved),
    metrics: release(metrics),
  };
}

/** Separates the inputs of a step. */
function sort(inputs: Readonly<Record<string, Tensor>>): {
  rates: Record<string, Tensor>;
  seed: Tensor;
  batch: Record<string, Tensor>;
} {
  const entries = Object.entries(inputs);
  const isRate = (name: string): boolean => name === "learningRate" || name.startsWith("learningRate/");
  return {
    rates: Object.fromEntries(entries.filter(([name]) => isRate(name))),
    seed: inputs.seed ?? scalar(0, "int32"),
    batch: Object.fromEntries(entries.filter(([name]) => !isRate(name) && name !== "seed")),
  };
}

function rateOf(group: ParameterGroup | undefined, rates: Readonly<Record<string, Tensor>>): Scalar {
  const name = group?.schedule ? `learningRate/${group.name}` : "learningRate";
  const rate = rates[name];
  if (rate === undefined)
    throw new RangeError(`createTrainStep: expected \`inputs\` to have ${name}, got none`);
  const factor = group?.learningRate ?? 1;
  return (factor === 1 ? rate : mul(rate, factor)) as Scalar;
}

function addGathered(gradients: Gradients, state: Parameters, share: number): Gradients {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [
      name,
      add(state[gradientName(name)]!, mul(gradient, share)),
    ]),
  );
}

function requireOptions(options: TrainStepOptions): void {
  const { groups = [], accumulate = 1, clipNorm, clipValue, movingAverage } = options;
  requireGroups("createTrainStep", groups);
  requireInteger("createTrainStep", "accumulate", accumulate, 1);
  if (clipNorm !== undefined) requirePositive("createTrainStep", "clipNorm", clipNorm);
  if (clipValue !== undefined) requirePositive("createTrainStep", "clipValue", clipValue);
  if (movingAverage) requireMovingAverage("createTrainStep", movingAverage);
}

function isRunningStatistic(name: string): boolean {
  return /(^|\.)running_[^.]*$/.test(name);
}

function isBatchNormStatistic(name: string): boolean {
  return /(^|\.)running_(mean|var)$/.test(name);
}

function isBatchNorm(name: string, parameters: NamedArrays): boolean {
  return name.replace(/[^.]*$/, "running_mean") in parameters;
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function reversed<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).reverse());
}

/** Hands kept tensors over to the scope around: clones share their values, and the kept ones are freed. */
function release(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return mapValues(tensors, (tensor) => {
    const shared = tensor.clone();
    tensor.dispose();
    return shared;
  });
}
