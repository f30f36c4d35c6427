import type { TrainCallback, TrainedWeights, TrainResult } from "./callback.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Communicator } from "./communicator.ts";
import type { Engine } from "./engine.ts";
import type { NamedArrays } from "./parameters.ts";
import type { Schedule } from "./schedules/schedule.ts";
import type { TrainBatch } from "./step-runner.ts";
import type { TrainStepOptions } from "./train-step-options.ts";

/** What a checkpoint of `train` says beside its arrays. */
export interface TrainProgress {
  readonly seed: number;
  readonly accumulate: number;
  /** The step of the last evaluation, 0 before the first. */
  readonly evaluated: number;
  /** What callbacks asked to be kept, by their names and, for those of one name, their order. */
  readonly callbacks: Readonly<Record<string, unknown>>;
}

/** An evaluation that `train` makes on the way. */
export interface Evaluation {
  /** Steps between evaluations; one more follows the last step. */
  readonly everySteps: number;
  /** Every rank evaluates; the callbacks are told what rank 0 finds. */
  readonly run: (weights: TrainedWeights, step: number) => Promise<Readonly<Record<string, number>>>;
}

/** Options of `train`. */
export interface TrainOptions extends Omit<TrainStepOptions, "replicas"> {
  /** What runs the steps: compiled graphs, or a TensorFlow.js backend. */
  readonly engine: Engine;
  /** Steps of the whole run. The schedule may be longer: then the run stops early on it. */
  readonly steps: number;
  /**
   * The batches from one on, `accumulate` of them for each step, of any number of shapes. The same number must get the
   * same batch, whatever batch the run starts from; each rank gets its own share, as large as the others'. A batch's arrays
   * must stay as they are until the step is done: with `accumulate`, several batches are asked for before.
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
   * Where checkpoints are kept. The run goes on from the newest whole one. Arrays of `sampledRows` are large: `save` is
   * lent them for the time it takes, and those that `latest` gives become the run's own.
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
  /** Finishes the step, saves a checkpoint and ends the run; see `stopOnInterrupt`. */
  readonly signal?: AbortSignal;
  /**
   * The processes that train together. Gradients, statistics and reported values are averaged over them, and rank 0 gives
   * its state to the others at the start and writes all files.
   *
   * @defaultValue this process alone
   */
  readonly communicator?: Communicator;
}

/** What `train` gives back; arrays of `sampledRows` are the same ones in both. */
export interface TrainedModel extends TrainResult {
  readonly parameters: NamedArrays;
  /** The moving averages; the parameters where none are kept. */
  readonly averages: NamedArrays;
}
