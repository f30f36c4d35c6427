import type { TrainCallback, TrainedWeights, TrainResult } from "./callback.ts";
import type { Checkpoint, Checkpoints } from "./checkpoints.ts";
import type { Communicator } from "./communicator.ts";
import type { Engine } from "./engine.ts";
import type { NamedArrays } from "./parameters.ts";
import { requireInteger } from "./require.ts";
import type { Schedule } from "./schedules/schedule.ts";
import { createStepRunner, type StepRunner, type TrainBatch } from "./step-runner.ts";
import { createTrainStep, type TrainStepOptions } from "./train-step.ts";
import { TrainingError } from "./training-error.ts";

/** What a checkpoint of {@link train} says beside its arrays. */
export interface TrainProgress {
  readonly seed: number;
  /** What callbacks asked to be kept, by their names and, for those of one name, their order. */
  readonly callbacks: Readonly<Record<string, unknown>>;
}

/** An evaluation that {@link train} makes on the way. */
export interface Evaluation {
  /** Steps between evaluations; one more follows the last step. */
  readonly everySteps: number;
  /** Every rank evaluates; the callbacks are told what rank 0 finds. */
  readonly run: (weights: TrainedWeights, step: number) => Promise<Readonly<Record<string, number>>>;
}

/** Options of {@link train}. */
export interface TrainOptions extends Omit<TrainStepOptions, "replicas"> {
  /** What runs the steps: compiled graphs, or a TensorFlow.js backend. */
  readonly engine: Engine;
  /** Steps of the whole run. The schedule may be longer: then the run stops early on it. */
  readonly steps: number;
  /**
   * The batches from one on, `accumulate` of them for each step, of any number of shapes. The same number must get the
   * same batch, whatever batch the run starts from; each rank gets its own share.
   */
  readonly batches: (
    from: number,
    shard: { readonly rank: number; readonly size: number },
  ) => AsyncIterable<TrainBatch>;
  readonly schedule: Schedule;
  /**
   * Where the loss's random numbers start; with equal data, weights and threads, equal seeds give equal weights.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /**
   * Where checkpoints are kept. The run goes on from the newest whole one.
   *
   * @defaultValue none are kept
   */
  readonly checkpoints?: Checkpoints<TrainProgress>;
  /**
   * Steps between checkpoints; one more is written after the last step, and when the run is stopped.
   *
   * @defaultValue 1000
   */
  readonly checkpointEverySteps?: number;
  readonly evaluation?: Evaluation;
  /**
   * Told what happens, on rank 0.
   *
   * @defaultValue none
   */
  readonly callbacks?: readonly TrainCallback[];
  /** Finishes the step, saves a checkpoint and ends the run; see {@link stopOnInterrupt}. */
  readonly signal?: AbortSignal;
  /**
   * The processes that train together. Gradients, statistics and reported values are averaged over them, and rank 0 gives
   * its state to the others at the start and writes all files.
   *
   * @defaultValue this process alone
   */
  readonly communicator?: Communicator;
}

/** What {@link train} gives back. */
export interface TrainedModel extends TrainResult {
  readonly parameters: NamedArrays;
  /** The moving averages; the parameters where none are kept. */
  readonly averages: NamedArrays;
}

/**
 * Trains a model: batches through steps until the last, with checkpoints, evaluations and callbacks on the way.
 *
 * A run that was killed at any moment and starts again goes on from its last checkpoint, and ends with the weights of a
 * run that was never killed: what a step does depends on its number, its batches, the state and the seed alone.
 *
 * @returns How it ended, and the weights.
 * @throws RangeError if a number is out of its range, or a batch's arrays do not fit their shapes.
 * @throws TrainingError `not-finite` if the loss is not a number any more: the checkpoints before stay as they are;
 * `no-more-batches` if `batches` ends early; `other-run` if the checkpoint is of another model or seed. Whatever else fails,
 * such as a batch that cannot be read or a rank that is lost, the last finished step is saved first.
 *
 * @example
 * ```ts
 * import { cosineSchedule, eagerEngine, sgd, train } from "@lmk/train";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const { parameters } = await train({
 *   engine: eagerEngine({ backend: "cpu" }),
 *   loss: ({ w }, { x }) => ({ loss: tf.mean(tf.square(tf.sub(w, x))) }),
 *   parameters: { w: { shape: [1], data: Float32Array.of(0) } },
 *   optimizer: sgd({ momentum: 0, weightDecay: 0 }),
 *   schedule: cosineSchedule({ base: 0.5, minimum: 0, steps: 4 }),
 *   steps: 4,
 *   batches: async function* () {
 *     for (;;) yield { inputs: { x: { shape: [2], data: Float32Array.of(1, 3) } }, images: 2 };
 *   },
 * });
 * parameters.w.data[0].toFixed(3); // => "2.000"
 * ```
 */
export async function train(options: TrainOptions): Promise<TrainedModel> {
  const run = await startRun(options);
  let result: TrainResult | undefined;
  try {
    result = await runSteps(options, run);
    const { parameters, averages } = run.weights;
    return { ...result, parameters: await parameters(), averages: await averages() };
  } catch (error) {
    if (!(error instanceof TrainingError && error.code === "not-finite")) await saveFinished(options, run);
    throw error;
  } finally {
    await run.dispose();
    await teller(options)((callback) => callback.onEnd?.(result));
  }
}

/** A run under way. */
interface Run {
  readonly runner: StepRunner;
  readonly weights: TrainedWeights;
  readonly save: () => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** Steps done, and those that a checkpoint holds. */
  step: number;
  saved: number;
  loss: number;
}

/** Makes the step and its state, at the newest checkpoint if there is one. */
async function startRun(options: TrainOptions): Promise<Run> {
  const { engine, communicator, checkpoints, seed = 0, callbacks = [] } = options;
  requireInteger("train", "steps", options.steps, 1);
  requireInteger("train", "seed", seed, 0);
  requireInteger("train", "checkpointEverySteps", options.checkpointEverySteps ?? 1000, 1);
  if (options.evaluation) requireInteger("train", "evaluation.everySteps", options.evaluation.everySteps, 1);

  const replicas = communicator && {
    replicas: { rank: communicator.rank, size: communicator.size, mean: engine.replicaMean },
  };
  const step = createTrainStep({ ...options, ...replicas });
  const state = engine.createState(step.state);
  const tell = teller(options);

  let fromStep = 0;
  if (checkpoints && isWriter(options)) {
    const { checkpoint, rejected } = await checkpoints.latest();
    for (const { path, reason } of rejected)
      await tell((one) => one.onNotice?.(`passed over ${path}: ${reason}`));
    if (checkpoint) {
      requireSameRun(checkpoint, step.state, seed, checkpoints.folder);
      state.write(checkpoint.arrays);
      for (const [key, callback] of keyed(callbacks)) {
        if (key in checkpoint.progress.callbacks) callback.restore?.(checkpoint.progress.callbacks[key]);
      }
      fromStep = checkpoint.step;
    }
  }
  if (communicator) {
    const arrays = await state.read();
    await communicator.broadcast(Object.values(arrays).map(({ data }) => data));
    state.write(arrays);
    fromStep = await communicator.max(fromStep);
  }

  const runner = createStepRunner(step, state, { ...options, seed });
  const run: Run = {
    runner,
    weights: {
      parameters: async () => step.parametersOf(await state.read()),
      averages: async () => step.averagesOf(await state.read()),
    },
    async save() {
      run.saved = run.step;
      if (!checkpoints || !isWriter(options)) return;
      const kept: Record<string, unknown> = {};
      for (const [key, callback] of keyed(callbacks)) {
        const saved = await callback.save?.();
        if (saved !== undefined) kept[key] = saved;
      }
      await checkpoints.save({
        step: run.step,
        arrays: await state.read(),
        progress: { seed, callbacks: kept },
      });
      await tell((callback) => callback.onCheckpoint?.({ step: run.step }));
    },
    async dispose() {
      await runner.dispose();
      state.dispose();
    },
    step: fromStep,
    saved: fromStep,
    loss: Number.NaN,
  };
  return run;
}

async function runSteps(options: TrainOptions, run: Run): Promise<TrainResult> {
  const { steps, communicator, evaluation, signal, accumulate = 1, checkpointEverySteps = 1000 } = options;
  const tell = teller(options);
  const shard = { rank: communicator?.rank ?? 0, size: communicator?.size ?? 1 };
  await tell((callback) => callback.onStart?.({ steps, fromStep: run.step }));

  let reason: TrainResult["reason"] = "finished";
  const batches =
    run.step < steps ? options.batches(run.step * accumulate, shard)[Symbol.asyncIterator]() : undefined;
  try {
    while (batches && run.step < steps && reason === "finished") {
      const started = performance.now();
      const taken = await take(batches, accumulate, run.step, steps);
      const { loss, ...values } = await run.runner.run(run.step, taken);
      if (!Number.isFinite(loss)) throw notFinite(loss, run.step + 1, run.saved);
      run.step += 1;
      run.loss = loss;
      const seconds = (performance.now() - started) / 1000;
      const report = { step: run.step, steps, loss, ...values, seconds };
      await tell((callback) => callback.onStep?.(report));

      let stop = 0;
      if (evaluation && (run.step % evaluation.everySteps === 0 || run.step === steps)) {
        const metrics = await evaluation.run(run.weights, run.step);
        const answers = await tell((callback) => callback.onEvaluate?.({ step: run.step, metrics }));
        if (answers.includes("stop")) stop = 1;
      }
      if (signal?.aborted) stop = 2;
      // A signal reaches the ranks at different moments, and all must stop after the same step.
      if (communicator) stop = await communicator.max(stop);
      reason = stop === 2 ? "interrupted" : stop === 1 ? "stopped" : "finished";
      if (run.step % checkpointEverySteps === 0 || run.step === steps || stop > 0) await run.save();
    }
  } finally {
    await batches?.return?.();
  }
  return { step: run.step, reason: run.step === steps ? "finished" : reason, loss: run.loss };
}

async function take(
  batches: AsyncIterator<TrainBatch>,
  count: number,
  step: number,
  steps: number,
): Promise<TrainBatch[]> {
  const taken: TrainBatch[] = [];
  for (let i = 0; i < count; i++) {
    const next = await batches.next();
    if (next.done)
      throw new TrainingError("no-more-batches", `train: expected batches for ${steps} steps, got ${step}`);
    taken.push(next.value);
  }
  return taken;
}

/** Keeps the last finished step of a run that fails; that it cannot be kept must not hide the failure. */
async function saveFinished(options: TrainOptions, run: Run): Promise<void> {
  if (run.step === run.saved || !run.runner.isWhole()) return;
  try {
    await run.save();
  } catch (error) {
    const line = `step ${run.step} could not be saved: ${(error as Error).message}`;
    await teller(options)((callback) => callback.onNotice?.(line));
  }
}

function isWriter({ communicator }: TrainOptions): boolean {
  return communicator === undefined || communicator.rank === 0;
}

/** Callbacks under the names that a checkpoint keeps their memory by. */
function keyed(callbacks: readonly TrainCallback[]): [string, TrainCallback][] {
  const seen = new Map<string, number>();
  return callbacks.map((callback) => {
    const { name = "callback" } = callback;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [`${name} ${count}`, callback];
  });
}

/** Speaks to the callbacks one after the other, on rank 0, and gives back their answers. */
function teller(
  options: TrainOptions,
): <Answer>(speak: (callback: TrainCallback) => Answer) => Promise<Awaited<Answer>[]> {
  const callbacks = isWriter(options) ? (options.callbacks ?? []) : [];
  return async (speak) => {
    const answers = [];
    for (const callback of callbacks) answers.push(await speak(callback));
    return answers;
  };
}

function requireSameRun(
  checkpoint: Checkpoint<TrainProgress>,
  state: NamedArrays,
  seed: number,
  folder: string,
): void {
  const differs = (what: string): TrainingError =>
    new TrainingError(
      "other-run",
      `train: expected the checkpoint in ${folder} to be of this run, but ${what}; choose another folder`,
    );
  if (checkpoint.progress.seed !== seed)
    throw differs(`its seed is ${checkpoint.progress.seed} instead of ${seed}`);
  const names = new Set([...Object.keys(state), ...Object.keys(checkpoint.arrays)]);
  for (const name of names) {
    const [here, there] = [state[name], checkpoint.arrays[name]];
    if (there === undefined) throw differs(`it lacks ${name}`);
    if (here === undefined) throw differs(`it has ${name}, which the model lacks`);
    if (String(here.shape) !== String(there.shape))
      throw differs(`its ${name} has shape [${there.shape}] instead of [${here.shape}]`);
  }
}

function notFinite(value: number, step: number, saved: number): TrainingError {
  const kept = saved === 0 ? "no checkpoint was written before" : `the last checkpoint is of step ${saved}`;
  const way = "lower the learning rate, or look at the images of this batch";
  return new TrainingError(
    "not-finite",
    `train: expected a finite loss, got ${value} at step ${step}; ${kept}; ${way}`,
  );
}
