import type { TrainResult } from "./callback.ts";
import { type Run, startRun } from "./run.ts";
import type { TrainBatch } from "./step-runner.ts";
import { tell, tellEnd } from "./tell.ts";
import type { TrainedModel, TrainOptions } from "./train-options.ts";
import { TrainingError } from "./training-error.ts";

/**
 * Trains a model: batches through steps until the last, with checkpoints, evaluations and callbacks on the way.
 *
 * A run that was killed at any moment and starts again goes on from its last checkpoint, and ends with the weights of a
 * run that was never killed: what a step does depends on its number, its batches, the state and the seed alone.
 *
 * @returns How it ended, and the weights.
 * @throws RangeError if a number is out of its range, a batch's arrays do not fit their shapes, or its `rows` are not
 * distinct rows of the parameters in `sampledRows`; also if several ranks shall train with `sampledRows`.
 * @throws TrainingError `not-finite` if the loss is not a number any more: the checkpoints before stay as they are;
 * `no-more-batches` if `batches` ends early; `other-run` if the checkpoint is of another model, seed or number of batches a step,
 * or of more steps; `rank-failed` where another rank has failed: that one throws its own error. Whatever else fails, such as a
 * batch that cannot be read or a rank that is lost, the last finished step is saved first; a step that is lost while it
 * gathers several batches goes back to the last checkpoint.
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
  let run: Run | undefined;
  let model: TrainedModel;
  try {
    run = await startRun(options);
    const result = await runSteps(options, run);
    model = { ...result, ...(await run.trained()) };
    await run.dispose();
  } catch (error) {
    if (run && !isNotFinite(error)) await saveFinished(options, run);
    // That something else fails, too, must not hide the failure.
    await run?.dispose().catch(() => undefined);
    await tellEnd(options, undefined);
    throw error;
  }
  const { step, reason, loss } = model;
  const failure = await tellEnd(options, { step, reason, loss });
  if (failure !== undefined) throw failure;
  return model;
}

/** What a rank has to say between two steps; the ranks do what the largest of theirs says. */
const signs = { goOn: 0, stop: 1, interrupt: 2, fail: 3 } as const;

/**
 * Runs the steps.
 *
 * What a rank does by itself (evaluating, telling callbacks, loading) is done between two steps, and then the ranks agree: where
 * one has failed, all learn of it after the same step, which rank 0 can still save.
 */
async function runSteps(options: TrainOptions, run: Run): Promise<TrainResult> {
  const { steps, communicator, signal, accumulate = 1, checkpointEverySteps = 1000 } = options;
  const shard = { rank: communicator?.rank ?? 0, size: communicator?.size ?? 1 };
  const failures: unknown[] = [];
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    if (failures.length === 0) await act().catch((error: unknown) => void failures.push(error));
  };

  let stop = false;
  let batches: AsyncIterator<TrainBatch> | undefined;
  await attempt(async () => {
    const answers = await tell(options, (one) => one.onStart?.({ steps, fromStep: run.step }));
    stop = answers.includes("stop");
  });
  try {
    for (;;) {
      const started = performance.now();
      let evaluating = 0;
      let taken: TrainBatch[] = [];
      const due = isEvaluationDue(options, run);
      // The ranks evaluate together or not at all, since they may exchange what they find.
      const aborted = Number(signal?.aborted ?? false);
      const skips = due && communicator ? (await communicator.max(aborted)) > 0 : aborted > 0;
      await attempt(async () => {
        if (due && !skips) {
          stop = (await evaluate(options, run)) || stop;
          evaluating = performance.now() - started;
        }
        if (run.step === steps || stop || signal?.aborted) return;
        batches ??= options.batches(run.step * accumulate, shard)[Symbol.asyncIterator]();
        taken = await take(batches, accumulate, run.step, steps);
      });
      const own =
        failures.length > 0 ? signs.fail : signal?.aborted ? signs.interrupt : stop ? signs.stop : signs.goOn;
      const sign = communicator ? await communicator.max(own) : own;
      const isDue = run.step % checkpointEverySteps === 0 || run.step === steps || sign !== signs.goOn;
      const begun = performance.now();
      if (isDue && !run.isSaved()) await run.save();
      const saving = performance.now() - begun;
      if (sign === signs.fail) throw failures[0] ?? anotherFailed();
      if (run.step === steps) return { step: steps, reason: "finished", loss: run.loss };
      if (sign !== signs.goOn)
        return { step: run.step, reason: sign === signs.stop ? "stopped" : "interrupted", loss: run.loss };

      const { loss, ...values } = await run.runner.run(run.step, taken);
      if (!Number.isFinite(loss)) throw notFinite(loss, run.step + 1, run.saved);
      run.step += 1;
      run.loss = loss;
      const seconds = (performance.now() - started - evaluating - saving) / 1000;
      const report = { step: run.step, steps, loss, ...values, seconds };
      await attempt(async () => void (await tell(options, (one) => one.onStep?.(report))));
    }
  } finally {
    await batches?.return?.();
  }
}

/** Whether the weights are to be evaluated now, or have not been because the run was interrupted. */
function isEvaluationDue({ evaluation, steps }: TrainOptions, { step, evaluated }: Run): boolean {
  if (evaluation === undefined || step <= evaluated) return false;
  return step % evaluation.everySteps === 0 || step === steps;
}

/** Evaluates the weights, and gives whether a callback wants to stop. */
async function evaluate(options: TrainOptions, run: Run): Promise<boolean> {
  const { step, weights } = run;
  const metrics = (await options.evaluation?.run(weights, step)) ?? {};
  const answers = await tell(options, (one) => one.onEvaluate?.({ step, metrics, weights }));
  run.evaluated = step;
  return answers.includes("stop");
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
  if (run.isSaved() || !run.runner.isWhole()) return;
  try {
    await run.save();
  } catch (error) {
    const line = `step ${run.step} could not be saved: ${(error as Error).message}`;
    await tell(options, (one) => one.onNotice?.(line)).catch(() => undefined);
  }
}

function isNotFinite(error: unknown): boolean {
  return error instanceof TrainingError && error.code === "not-finite";
}

function anotherFailed(): TrainingError {
  return new TrainingError(
    "rank-failed",
    "train: expected every rank to go on, got one that failed and shows why",
  );
}

function notFinite(value: number, step: number, saved: number): TrainingError {
  const kept = saved === 0 ? "no checkpoint was written before" : `the last checkpoint is of step ${saved}`;
  const way = "lower the learning rate, or look at the images of this batch";
  return new TrainingError(
    "not-finite",
    `train: expected a finite loss, got ${value} at step ${step}; ${kept}; ${way}`,
  );
}
