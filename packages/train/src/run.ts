import type { TrainedWeights } from "./callback.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { NamedArrays } from "./parameters.ts";
import { requireInteger } from "./require.ts";
import { createRowStore } from "./sampled-rows.ts";
import { createStepRunner, type StepRunner } from "./step-runner.ts";
import { isWriter, keyed, tell } from "./tell.ts";
import type { TrainedModel, TrainOptions, TrainProgress } from "./train-options.ts";
import { createTrainStep } from "./train-step.ts";
import { TrainingError } from "./training-error.ts";

/** A run under way. */
export interface Run {
  readonly runner: StepRunner;
  readonly weights: TrainedWeights;
  /** The weights of a run that has ended, sampled rows without a copy. */
  readonly trained: () => Promise<Pick<TrainedModel, "parameters" | "averages">>;
  readonly save: () => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** Whether the newest checkpoint holds all that was done. */
  readonly isSaved: () => boolean;
  /** Steps done, and those that a checkpoint holds. */
  step: number;
  saved: number;
  /** The step of the last evaluation. */
  evaluated: number;
  loss: number;
}

/** Makes the step and its state, at the newest checkpoint if there is one. */
export async function startRun(options: TrainOptions): Promise<Run> {
  const { engine, communicator, checkpoints, seed = 0, callbacks = [], sampledRows = [] } = options;
  const { accumulate = 1 } = options;
  requireInteger("train", "steps", options.steps, 1);
  requireInteger("train", "seed", seed, 0);
  requireInteger("train", "checkpointEverySteps", options.checkpointEverySteps ?? 1000, 1);
  if (options.evaluation) requireInteger("train", "evaluation.everySteps", options.evaluation.everySteps, 1);
  if (sampledRows.length > 0 && communicator !== undefined && communicator.size > 1) {
    throw new RangeError(
      `train: expected \`communicator\` to have one rank with \`sampledRows\`, got ${communicator.size}`,
    );
  }

  const replicas = communicator && {
    replicas: { rank: communicator.rank, size: communicator.size, mean: engine.replicaMean },
  };
  const step = createTrainStep({ ...options, ...replicas });
  const state = engine.createState(step.state);

  const outside: NamedArrays = Object.assign({}, ...Object.values(step.sampled));
  let saved: NamedArrays | undefined;
  let fromStep = 0;
  let evaluated = 0;
  if (checkpoints && isWriter(options)) {
    const { checkpoint, rejected } = await checkpoints.latest();
    for (const { path, reason } of rejected)
      await tell(options, (one) => one.onNotice?.(`passed over ${path}: ${reason}`));
    if (checkpoint) {
      requireSameRun(checkpoint, { ...step.state, ...outside }, options, checkpoints.folder);
      const named = (arrays: NamedArrays): NamedArrays =>
        Object.fromEntries(Object.keys(arrays).map((name) => [name, checkpoint.arrays[name]!]));
      saved = named(outside);
      state.write(named(step.state));
      for (const [key, callback] of keyed(callbacks)) {
        if (key in checkpoint.progress.callbacks) callback.restore?.(checkpoint.progress.callbacks[key]);
      }
      fromStep = checkpoint.step;
      evaluated = checkpoint.progress.evaluated;
    }
  }
  if (communicator) {
    const arrays = await state.read();
    await communicator.broadcast(Object.values(arrays).map(({ data }) => data));
    state.write(arrays);
    fromStep = await communicator.max(fromStep);
    evaluated = await communicator.max(evaluated);
  }

  const rowStore = createRowStore(step.sampled, saved);
  const read = async (): Promise<NamedArrays> => ({ ...(await state.read()), ...rowStore.arrays });
  const copied = (arrays: NamedArrays): NamedArrays =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, data }]) => [
        name,
        { shape, data: name in rowStore.arrays ? data.slice() : data },
      ]),
    );
  const runner = createStepRunner(step, state, rowStore, { ...options, seed });
  let savedEvaluation = evaluated;
  const run: Run = {
    runner,
    weights: {
      parameters: async () => copied(step.parametersOf(await read())),
      averages: async () => copied(step.averagesOf(await read())),
    },
    async trained() {
      const arrays = await read();
      return { parameters: step.parametersOf(arrays), averages: step.averagesOf(arrays) };
    },
    async save() {
      if (checkpoints && isWriter(options)) {
        const kept: Record<string, unknown> = {};
        for (const [key, callback] of keyed(callbacks)) {
          const saved = await callback.save?.();
          if (saved !== undefined) kept[key] = saved;
        }
        const progress = { seed, accumulate, evaluated: run.evaluated, callbacks: kept };
        await checkpoints.save({ step: run.step, arrays: await read(), progress });
      }
      if (!checkpoints) return;
      run.saved = run.step;
      savedEvaluation = run.evaluated;
      await tell(options, (callback) => callback.onCheckpoint?.({ step: run.step }));
    },
    isSaved: () => run.saved === run.step && savedEvaluation === run.evaluated,
    async dispose() {
      await runner.dispose();
      state.dispose();
    },
    step: fromStep,
    saved: fromStep,
    evaluated,
    loss: Number.NaN,
  };
  return run;
}

/** Refuses a checkpoint from which this run cannot go on. */
function requireSameRun(
  checkpoint: Checkpoint<TrainProgress>,
  state: NamedArrays,
  { steps, seed = 0, accumulate = 1 }: TrainOptions,
  folder: string,
): void {
  const differs = (what: string): TrainingError =>
    new TrainingError(
      "other-run",
      `train: expected the checkpoint in ${folder} to be of this run, but ${what}; choose another folder`,
    );
  if (checkpoint.progress.seed !== seed)
    throw differs(`its seed is ${checkpoint.progress.seed} instead of ${seed}`);
  if (checkpoint.progress.accumulate !== accumulate)
    throw differs(`it gathers ${checkpoint.progress.accumulate} batches a step instead of ${accumulate}`);
  if (checkpoint.step > steps) throw differs(`it has done ${checkpoint.step} steps of ${steps}`);
  const names = new Set([...Object.keys(state), ...Object.keys(checkpoint.arrays)]);
  for (const name of names) {
    const [here, there] = [state[name], checkpoint.arrays[name]];
    if (there === undefined) throw differs(`it lacks ${name}`);
    if (here === undefined) throw differs(`it has ${name}, which the model lacks`);
    if (String(here.shape) !== String(there.shape))
      throw differs(`its ${name} has shape [${there.shape}] instead of [${here.shape}]`);
  }
}
