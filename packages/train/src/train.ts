import type { Schedule } from "./cosine-schedule.ts";
import { requireInteger } from "./require.ts";
import { TrainingError } from "./training-error.ts";

/** One batch: the step's inputs by name, without the learning rate. */
export interface TrainBatch {
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  /** How many images it holds, for the rate. */
  readonly images: number;
}

/** A training step ready to run, such as a compiled one. It keeps its state itself. */
export interface RunnableStep {
  readonly run: (
    inputs: Readonly<Record<string, Float32Array | Int32Array>>,
  ) => Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
}

/** What happened in one step. */
export interface StepReport {
  /** Steps done, this one included. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly images: number;
  /** Scalars that the loss function reports besides the loss. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Options of {@link train}. */
export interface TrainOptions<Batch extends TrainBatch = TrainBatch> {
  /** Steps of the whole run. */
  readonly steps: number;
  /**
   * Steps done before, as a checkpoint says.
   *
   * @defaultValue 0
   */
  readonly fromStep?: number;
  /** The batches from a step on. The same step must get the same batch, whatever it starts from. */
  readonly batches: (fromStep: number) => AsyncIterable<Batch>;
  /** The step to run for a batch; batches of several image sizes have one compiled step each. */
  readonly step: (batch: Batch) => RunnableStep | Promise<RunnableStep>;
  readonly schedule: Schedule;
  /** Told after each step. */
  readonly onStep?: (report: StepReport) => void;
  /** Saves a checkpoint; called every `checkpointEverySteps` steps and after the last one. */
  readonly saveCheckpoint?: (step: number) => Promise<void>;
  /**
   * Steps between checkpoints.
   *
   * @defaultValue 1000
   */
  readonly checkpointEverySteps?: number;
  /** Stops before the next step; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a training step over batches until the last step, saving checkpoints on the way.
 *
 * The loop holds no state of its own but the number of steps done, so that a run that starts again from a checkpoint is
 * the same run.
 *
 * @returns The loss of the last step; `NaN` if there was nothing left to do.
 * @throws RangeError if `steps`, `fromStep` or `checkpointEverySteps` is no whole number in its range.
 * @throws TrainingError `not-finite` if the loss is not a number any more: the checkpoints before stay as they are;
 * `no-more-batches` if `batches` ends early.
 */
export async function train<Batch extends TrainBatch>(options: TrainOptions<Batch>): Promise<number> {
  const { steps, fromStep = 0, batches, step: stepOf, schedule, onStep, saveCheckpoint, signal } = options;
  const { checkpointEverySteps = 1000 } = options;
  requireInteger("train", "steps", steps, 1);
  requireInteger("train", "fromStep", fromStep, 0);
  requireInteger("train", "checkpointEverySteps", checkpointEverySteps, 1);

  let step = fromStep;
  let saved = fromStep;
  let loss = Number.NaN;
  if (step >= steps) return loss;
  for await (const batch of batches(fromStep)) {
    signal?.throwIfAborted();
    const learningRate = schedule(step);
    const compiled = await stepOf(batch);
    const outputs = await compiled.run({ ...batch.inputs, learningRate: Float32Array.of(learningRate) });
    const { loss: value, ...metrics } = scalarsOf(outputs);
    if (value === undefined)
      throw new RangeError("train: expected the step's outputs to have `loss`, got none");
    if (!Number.isFinite(value)) throw notFinite(value, step + 1, saved);
    loss = value;
    step += 1;
    onStep?.({ step, steps, loss, learningRate, images: batch.images, metrics });
    if (saveCheckpoint && (step % checkpointEverySteps === 0 || step === steps)) {
      await saveCheckpoint(step);
      saved = step;
    }
    if (step === steps) return loss;
  }
  throw new TrainingError("no-more-batches", `train: expected batches for ${steps} steps, got ${step}`);
}

function scalarsOf(
  outputs: Readonly<Record<string, { readonly data: ArrayLike<number> }>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]));
}

function notFinite(value: number, step: number, saved: number): TrainingError {
  const kept = saved === 0 ? "no checkpoint was written before" : `the last checkpoint is of step ${saved}`;
  const way = "lower the learning rate, or look at the images of this batch";
  return new TrainingError(
    "not-finite",
    `train: expected a finite loss, got ${value} at step ${step}; ${kept}; ${way}`,
  );
}
