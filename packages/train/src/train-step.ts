import { add, mul, type Scalar, scalar, type Tensor, tidy, zerosLike } from "@tensorflow/tfjs-core";
import { clipByNorm, clipByValues } from "./clip-gradients.ts";
import { differentiate, type Gradients } from "./differentiate.ts";
import type { StepFunction } from "./engine.ts";
import { mapValues } from "./map-values.ts";
import { averageName, movingAverages, requireMovingAverage } from "./moving-average.ts";
import { groupOf, type ParameterGroup, requireGroups } from "./parameter-groups.ts";
import { isBatchNorm, isRunningStatistic } from "./parameter-names.ts";
import type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
import { requireInteger, requirePositive } from "./require.ts";
import { requireSampledRows, rowsName } from "./sampled-rows.ts";
import type { TrainStep, TrainStepOptions } from "./train-step-options.ts";

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
 * @throws RangeError if no parameter is trainable, groups share a name, a number is out of range, or `sampledRows` names
 * what has no rows or stands beside what it does not go with.
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
  requireUsedGroups(groups, groupNamed);
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
  const ownerOf = new Map(
    (options.sampledRows ?? []).flatMap((name) => [
      [name, name] as const,
      ...optimizer.slots.map((slot) => [slotName(slot, name), name] as const),
    ]),
  );
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

  const run: StepFunction = (inputs, kept) =>
    tidy(() => {
      const { rates, seed, batch, rows } = sort(inputs, Object.values(sampled).flatMap(Object.keys));
      const state = { ...kept, ...rows };
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
      const [moved, changed] = parted(next, (name) => name in rows);
      return {
        outputs: {
          ...reported,
          ...(norm ? { gradientNorm: norm } : {}),
          ...Object.fromEntries(Object.entries(moved).map(([name, values]) => [rowsName(name), values])),
        },
        state: changed,
      };
    });

  const gather: StepFunction = (inputs, state) =>
    tidy(() => {
      const { seed, batch } = sort(inputs, []);
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
  const extra: (readonly [string, NamedArray])[] = [
    ...optimizer.slots.flatMap((slot) =>
      trainable.map((name) => [slotName(slot, name), zeros(name)] as const),
    ),
    ...(accumulate > 1 ? trainable.map((name) => [gradientName(name), zeros(name)] as const) : []),
    ...(movingAverage ? names.map((name) => [averageName(name), parameters[name]!] as const) : []),
    ...(countsSteps ? [[stepName, { shape: [], data: new Float32Array(1) }] as const] : []),
  ];
  const [outside, state] = parted({ ...parameters, ...Object.fromEntries(extra) }, (name) =>
    ownerOf.has(name),
  );
  const sampled: Record<string, NamedArrays> = Object.fromEntries(
    (options.sampledRows ?? []).map((parameter) => [
      parameter,
      parted(outside, (name) => ownerOf.get(name) === parameter)[0],
    ]),
  );
  return {
    state,
    sampled,
    trainable,
    run,
    gather,
    parametersOf: (state) => Object.fromEntries(names.map((name) => [name, state[name]!])),
    averagesOf: (state) =>
      Object.fromEntries(names.map((name) => [name, state[averageName(name)] ?? state[name]!])),
  };
}

/** Separates the inputs of a step; `sampled` are the arrays of which it gets rows. */
function sort(
  inputs: Readonly<Record<string, Tensor>>,
  sampled: readonly string[],
): {
  rates: Record<string, Tensor>;
  seed: Tensor;
  batch: Record<string, Tensor>;
  rows: Record<string, Tensor>;
} {
  const rows = sampled.map((name): [string, Tensor] => {
    const values = inputs[rowsName(name)];
    if (values === undefined)
      throw new RangeError(`createTrainStep: expected \`inputs\` to have ${rowsName(name)}, got none`);
    return [name, values];
  });
  const ports = new Set(sampled.map(rowsName));
  const isRate = (name: string): boolean => name === "learningRate" || name.startsWith("learningRate/");
  const [rates, others] = parted(inputs, isRate);
  const [, batch] = parted(others, (name) => name === "seed" || ports.has(name));
  return { rates, seed: inputs.seed ?? scalar(0, "int32"), batch, rows: Object.fromEntries(rows) };
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

/** Refuses groups that no parameter belongs to: a typing error, most likely. */
function requireUsedGroups(
  groups: readonly ParameterGroup[],
  groupNamed: ReadonlyMap<string, ParameterGroup | undefined>,
): void {
  const used = new Set(groupNamed.values());
  const idle = groups.find((group) => !used.has(group));
  if (idle === undefined) return;
  throw new RangeError(
    `createTrainStep: expected each of \`groups\` to match a parameter, got none for ${idle.name}`,
  );
}

function requireOptions(options: TrainStepOptions): void {
  const { groups = [], accumulate = 1, clipNorm, clipValue, movingAverage, sampledRows = [] } = options;
  requireGroups("createTrainStep", groups);
  requireInteger("createTrainStep", "accumulate", accumulate, 1);
  if (clipNorm !== undefined) requirePositive("createTrainStep", "clipNorm", clipNorm);
  if (clipValue !== undefined) requirePositive("createTrainStep", "clipValue", clipValue);
  if (movingAverage) requireMovingAverage("createTrainStep", movingAverage);
  requireSampledRows("createTrainStep", sampledRows, options.parameters);
  if (sampledRows.length === 0) return;
  if (accumulate > 1) {
    throw new RangeError(
      `createTrainStep: expected \`accumulate\` to be 1 with \`sampledRows\`, got ${accumulate}`,
    );
  }
  if (movingAverage)
    throw new RangeError("createTrainStep: expected no `movingAverage` with `sampledRows`, got one");
}

/** The values whose names are wanted, and the others. */
function parted<T>(
  values: Readonly<Record<string, T>>,
  isWanted: (name: string) => boolean,
): [Record<string, T>, Record<string, T>] {
  const entries = Object.entries(values);
  return [
    Object.fromEntries(entries.filter(([name]) => isWanted(name))),
    Object.fromEntries(entries.filter(([name]) => !isWanted(name))),
  ];
}

function reversed<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).reverse());
}
