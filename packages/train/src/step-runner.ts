import type { Communicator } from "./communicator.ts";
import type { Engine, InputSpec, RunnableStep, StepFunction, StepState } from "./engine.ts";
import type { ParameterGroup } from "./parameter-groups.ts";
import type { Schedule } from "./schedules/schedule.ts";
import { stepSeed } from "./step-seed.ts";
import type { TrainStep } from "./train-step.ts";

/** One array of a batch, row-major. */
export interface BatchArray {
  readonly shape: readonly number[];
  /** Float32Array for float32, Int32Array for int32. */
  readonly data: Float32Array | Int32Array;
}

/** One batch: what the loss function gets as its inputs, by name. */
export interface TrainBatch {
  readonly inputs: Readonly<Record<string, BatchArray>>;
  /** How many images it holds, for the rate. */
  readonly images: number;
}

/** Runs the steps of a run, each shape of batch with a function loaded for it. */
export interface StepRunner {
  /** Runs step number `step`, counted from 0, on its batches. */
  readonly run: (step: number, batches: readonly TrainBatch[]) => Promise<StepValues>;
  /** Whether the state is that of a finished step, and not of one whose gradients are being gathered. */
  readonly isWhole: () => boolean;
  readonly dispose: () => Promise<void>;
}

/** What a step gave. */
export interface StepValues {
  readonly loss: number;
  readonly learningRate: number;
  readonly images: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What {@link createStepRunner} needs of a run's options. */
export interface StepRunnerOptions {
  readonly engine: Engine;
  readonly schedule: Schedule;
  readonly seed: number;
  readonly groups?: readonly ParameterGroup[];
  readonly communicator?: Communicator;
}

/** Loads a step's functions on an engine, once for each shape of batch, and runs them. */
export function createStepRunner(step: TrainStep, state: StepState, options: StepRunnerOptions): StepRunner {
  const { engine, schedule, seed, groups = [], communicator } = options;
  const loaded = new Map<string, Promise<RunnableStep>>();
  const ranks = communicator?.size ?? 1;
  let whole = true;

  const ratesAt = (number: number): Record<string, BatchArray> => {
    const scheduled = groups.flatMap((group) =>
      group.schedule ? [[`learningRate/${group.name}`, group.schedule(number)] as const] : [],
    );
    const rates = [["learningRate", schedule(number)] as const, ...scheduled];
    return Object.fromEntries(
      rates.map(([name, rate]) => [name, { shape: [], data: Float32Array.of(rate) }]),
    );
  };

  const call = async (fn: StepFunction, inputs: Readonly<Record<string, BatchArray>>) => {
    const specs = Object.entries(inputs).map(([name, { shape, data }]): [string, InputSpec] => {
      requireArray(name, shape, data);
      return [name, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }];
    });
    const key = `${fn === step.run} ${JSON.stringify(specs)}`;
    const runnable = loaded.get(key) ?? engine.load(fn, Object.fromEntries(specs), state, communicator);
    loaded.set(key, runnable);
    const arrays = Object.entries(inputs).map(([name, { data }]) => [name, data] as const);
    return scalarsOf(await (await runnable).run(Object.fromEntries(arrays)));
  };

  return {
    async run(number, batches) {
      const exchanged = communicator?.seconds() ?? 0;
      const rates = ratesAt(number);
      const sums: Record<string, number> = {};
      let last: Record<string, number> = {};
      for (const [i, { inputs }] of batches.entries()) {
        const place = (number * batches.length + i) * ranks + (communicator?.rank ?? 0);
        const given = { ...inputs, seed: { shape: [], data: Int32Array.of(stepSeed(seed, place)) } };
        const isLast = i === batches.length - 1;
        last = isLast ? await call(step.run, { ...given, ...rates }) : await call(step.gather, given);
        whole = isLast;
        for (const [name, value] of Object.entries(last)) sums[name] = (sums[name] ?? 0) + value;
      }
      if (sums.loss === undefined)
        throw new RangeError("train: expected the step's outputs to have `loss`, got none");
      // The norm is of the whole step's gradients; the others are means over its batches.
      const means = Object.entries(sums).map(([name, sum]) => [name, sum / batches.length] as const);
      const { loss, ...metrics } = { ...Object.fromEntries(means), ...pick(last, "gradientNorm") };
      const waited = communicator && { communicationSeconds: communicator.seconds() - exchanged };
      return {
        loss: loss!,
        learningRate: schedule(number),
        images: ranks * batches.reduce((images, batch) => images + batch.images, 0),
        metrics: { ...metrics, ...waited },
      };
    },
    isWhole: () => whole,
    async dispose() {
      for (const runnable of loaded.values()) {
        const one = await runnable.catch(() => undefined);
        await one?.dispose();
      }
    },
  };
}

function pick(values: Readonly<Record<string, number>>, name: string): Record<string, number> {
  return name in values ? { [name]: values[name]! } : {};
}

function requireArray(name: string, shape: readonly number[], data: Float32Array | Int32Array): void {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (data.length === size) return;
  throw new RangeError(
    `train: expected \`inputs.${name}\` to have ${size} values for shape [${shape}], got ${data.length}`,
  );
}

function scalarsOf(
  outputs: Readonly<Record<string, { readonly data: ArrayLike<number> }>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]));
}
