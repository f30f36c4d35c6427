import type { Communicator } from "./communicator.ts";
import type { Engine, InputSpec, RunnableStep, StepFunction, StepState } from "./engine.ts";
import type { ParameterGroup } from "./parameter-groups.ts";
import { requireAtLeast } from "./require.ts";
import type { RowStore } from "./sampled-rows.ts";
import type { Schedule } from "./schedules/schedule.ts";
import { stepSeed } from "./step-seed.ts";
import type { TrainStep } from "./train-step-options.ts";

/** One array of a batch, row-major. */
export interface BatchArray {
  readonly shape: readonly number[];
  /** Float32Array for float32, Int32Array for int32. */
  readonly data: Float32Array | Int32Array;
}

/** One batch: what the loss function gets as its inputs, by name. */
export interface TrainBatch {
  readonly inputs: Readonly<Record<string, BatchArray>>;
  /**
   * The rows that the batch uses of each parameter of `sampledRows`: distinct, in any order. Each number of rows gets a
   * step of its own, as each shape of inputs does.
   *
   * @defaultValue none
   */
  readonly rows?: Readonly<Record<string, Int32Array>>;
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
export function createStepRunner(
  step: TrainStep,
  state: StepState,
  rowStore: RowStore,
  options: StepRunnerOptions,
): StepRunner {
  const { engine, schedule, seed, groups = [], communicator } = options;
  const loaded = new Map<string, Promise<RunnableStep>>();
  const ranks = communicator?.size ?? 1;
  let whole = true;

  const ratesAt = (number: number): Record<string, BatchArray> => {
    const scheduled = groups.flatMap((group) =>
      group.schedule ? [[`learningRate/${group.name}`, group.schedule(number)] as const] : [],
    );
    const rates = [["learningRate", schedule(number)] as const, ...scheduled];
    for (const [name, rate] of rates) requireAtLeast("train", `${name} of step ${number}`, rate, 0);
    return Object.fromEntries(
      rates.map(([name, rate]) => [name, { shape: [], data: Float32Array.of(rate) }]),
    );
  };

  const call = async (
    fn: StepFunction,
    given: Readonly<Record<string, BatchArray>>,
    rows: TrainBatch["rows"] = {},
  ) => {
    const lent = rowStore.lend(rows);
    const inputs = { ...given, ...lent.inputs };
    const specs = Object.entries(inputs).map(([name, { shape, data }]): [string, InputSpec] => {
      requireArray(name, shape, data);
      return [name, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }];
    });
    const key = `${fn === step.run} ${JSON.stringify(specs)}`;
    const runnable = loaded.get(key) ?? engine.load(fn, Object.fromEntries(specs), state, communicator);
    loaded.set(key, runnable);
    const arrays = Object.entries(inputs).map(([name, { data }]) => [name, data] as const);
    return scalarsOf(lent.takeBack(await (await runnable).run(Object.fromEntries(arrays))));
  };

  return {
    async run(number, batches) {
      const exchanged = communicator?.seconds() ?? 0;
      const rates = ratesAt(number);
      const sums: Record<string, number> = {};
      let last: Record<string, number> = {};
      for (const [i, { inputs, rows }] of batches.entries()) {
        const place = (number * batches.length + i) * ranks + (communicator?.rank ?? 0);
        requireFreeNames(inputs);
        const given = { ...inputs, seed: { shape: [], data: Int32Array.of(stepSeed(seed, place)) } };
        const isLast = i === batches.length - 1;
        last = isLast
          ? await call(step.run, { ...given, ...rates }, rows)
          : await call(step.gather, given, rows);
        whole = isLast;
        for (const [name, value] of Object.entries(last)) sums[name] = (sums[name] ?? 0) + value;
      }
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
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => {
      if (data.length === 1) return [name, data[0]!];
      throw new RangeError(`train: expected the metric ${name} to be a scalar, got ${data.length} values`);
    }),
  );
}

/** Refuses inputs that would take the place of the step's own. */
function requireFreeNames(inputs: TrainBatch["inputs"]): void {
  const taken = Object.keys(inputs).find((name) =>
    /^(seed|learningRate|learningRate\/.*|rows\/.*)$/.test(name),
  );
  if (taken === undefined) return;
  throw new RangeError(
    `train: expected the batch's \`inputs\` to leave the name ${taken} to the step, got it`,
  );
}
