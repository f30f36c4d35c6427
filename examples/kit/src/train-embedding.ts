import { join } from "node:path";
import { type Augmentation, groupedBatches, type ImageBatch, type SizeTemplate } from "@lmk/data";
import {
  type DecodedCache,
  type ImagePaths,
  loadBatches,
  type Normalization,
  type ResizeKernel,
} from "@lmk/data/images";
import {
  type Evaluation,
  jsonLinesLog,
  openCheckpoints,
  type Schedule,
  type TrainBatch,
  type TrainCallback,
  type TrainedModel,
  type TrainedWeights,
  type TrainOptions,
  type TrainProgress,
  train,
} from "@lmk/train";
import { UserError } from "./user-error.ts";

/** Everything that decides what training does; what is not described here goes to `train` as it is. */
export interface TrainEmbeddingOptions
  extends Omit<TrainOptions, "batches" | "steps" | "schedule" | "checkpoints" | "seed" | "evaluation"> {
  /** Where checkpoints and the history are kept. */
  readonly folder: string;
  /**
   * The file of the history.
   *
   * @defaultValue `history.jsonl` in `folder`
   */
  readonly history?: string;
  readonly paths: ImagePaths;
  /** The size group of each row; negative leaves the row out. */
  readonly sizeGroups: Int32Array;
  /** The class of each row; read only where the row is not left out. */
  readonly classes: Int32Array;
  /**
   * The batches of an epoch, from 0, for one of the processes that train together: its rows of each batch. They depend on
   * the arguments alone. An epoch has as many as the first one; of a longer one the last are left out.
   *
   * @defaultValue each row of `sizeGroups` once, in a random order of groups
   */
  readonly batches?: (epoch: number, shard: BatchShard) => readonly ImageBatch[];
  readonly template: SizeTemplate;
  readonly augmentation: Augmentation;
  readonly normalization?: Normalization;
  readonly kernel?: ResizeKernel;
  /** Where decoded images are kept for later epochs. */
  readonly cache?: DecodedCache;
  readonly seed: number;
  /** Epochs of the schedule. */
  readonly epochs: number;
  /**
   * The first epoch that is trained, from 1; those before it are passed over, with their batches and rates.
   *
   * @defaultValue 1
   */
  readonly startFromEpoch?: number;
  /**
   * Epochs that are trained; those of the schedule that are left can be trained by a later call, with other templates.
   *
   * @defaultValue all
   */
  readonly stopAfterEpoch?: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Images of a batch, those of all ranks together. */
  readonly batchSize: number;
  /** Made for the steps of all epochs, and those of one. */
  readonly schedule: (steps: number, stepsPerEpoch: number) => Schedule;
  /**
   * Called on rank 0 after the last step of each epoch, before a checkpoint is written; what it gives is logged. A run that
   * is killed before that checkpoint comes here once more.
   */
  readonly onEpoch?: (end: EpochEnd) => Promise<Readonly<Record<string, number>>>;
  /** Told once a line for what the reader should know, such as an image that cannot be read. */
  readonly onNotice: (line: string) => void;
}

/** Which of the processes that train together a batch is for. */
export interface BatchShard {
  /** From 0. */
  readonly rank: number;
  readonly size: number;
}

/** An epoch that has ended. */
export interface EpochEnd {
  /** From 1. */
  readonly epoch: number;
  /** Steps done in this run, those of its earlier epochs included. */
  readonly step: number;
  /** Whether the epoch was trained to its end; `maxSteps` may end it before. */
  readonly complete: boolean;
  /** That of its last step. */
  readonly learningRate: number;
  /** Mean loss of its steps. */
  readonly loss: number;
  readonly weights: TrainedWeights;
}

/** Steps that a run which is killed repeats at most, if it is not told otherwise and its epochs are not shorter. */
const longestUnsaved = 1000;

/**
 * Trains a model whose loss takes `images` `[N, H, W, 3]` and `labels` `[N]`, int32, going on from the last checkpoint if
 * there is one. Checkpoints are written every thousand steps, or every epoch if that is sooner, unless
 * `checkpointEverySteps` says otherwise; the history of the run beside them, as `history.jsonl`.
 *
 * Batches depend on seed, epoch and position alone, so a run that was interrupted ends with the same weights as one that
 * was not.
 */
export async function trainEmbedding(options: TrainEmbeddingOptions): Promise<TrainedModel> {
  const { folder, epochs, startFromEpoch = 1, stopAfterEpoch = epochs, maxSteps = Infinity } = options;
  const { callbacks = [], accumulate = 1, history = join(folder, "history.jsonl") } = options;
  const stepsPerEpoch = Math.floor(batchesOf(options, 0, { rank: 0, size: 1 }).length / accumulate);
  if (stepsPerEpoch === 0) {
    throw new UserError(
      `train: expected at least ${options.batchSize * accumulate} images of one shape, got fewer; pass a smaller --batch-size`,
    );
  }
  const passed = stepsPerEpoch * (startFromEpoch - 1);
  const rates = options.schedule(stepsPerEpoch * epochs, stepsPerEpoch);
  const schedule: Schedule = (step) => rates(passed + step);
  const ends = epochEnds(options, schedule, stepsPerEpoch);
  return train({
    ...options,
    checkpointEverySteps: options.checkpointEverySteps ?? Math.min(longestUnsaved, stepsPerEpoch),
    steps: Math.min(stepsPerEpoch * stopAfterEpoch - passed, maxSteps),
    schedule,
    batches: (from, shard) =>
      imageBatches(options, stepsPerEpoch * accumulate, passed * accumulate + from, shard),
    checkpoints: await openCheckpoints<TrainProgress>(join(folder, "checkpoints")),
    callbacks: [jsonLinesLog(history), ...(ends?.callbacks ?? []), ...callbacks],
    ...(ends === undefined ? {} : { evaluation: ends.evaluation }),
  });
}

/** What calls `onEpoch`, and gathers what it is told; the sums are kept in checkpoints. */
function epochEnds(
  { onEpoch, communicator, startFromEpoch = 1 }: TrainEmbeddingOptions,
  schedule: Schedule,
  stepsPerEpoch: number,
): { readonly callbacks: readonly TrainCallback[]; readonly evaluation: Evaluation } | undefined {
  if (onEpoch === undefined) return undefined;
  let sums = { epoch: 0, loss: 0, steps: 0 };
  const epochOf = (step: number): number => startFromEpoch - 1 + Math.ceil(step / stepsPerEpoch);
  const adding: TrainCallback = {
    name: "epoch-loss",
    onStep({ step, loss }) {
      const epoch = epochOf(step);
      const before = sums.epoch === epoch ? sums : { loss: 0, steps: 0 };
      sums = { epoch, loss: before.loss + loss, steps: before.steps + 1 };
    },
    save: () => sums,
    restore(saved) {
      sums = saved as typeof sums;
    },
  };
  return {
    callbacks: [adding],
    evaluation: {
      everySteps: stepsPerEpoch,
      async run(weights, step) {
        if (communicator !== undefined && communicator.rank > 0) return {};
        const epoch = epochOf(step);
        const complete = step % stepsPerEpoch === 0;
        const learningRate = schedule(step - 1);
        return onEpoch({ epoch, step, complete, learningRate, loss: sums.loss / sums.steps, weights });
      },
    },
  };
}

/** One rank's rows of each batch of an epoch. */
function batchesOf(
  { sizeGroups, batchSize, seed, batches }: TrainEmbeddingOptions,
  epoch: number,
  shard: BatchShard,
): readonly ImageBatch[] {
  if (batches !== undefined) return batches(epoch, shard);
  return groupedBatches(sizeGroups, { batchSize, seed, epoch, shuffle: true, shard });
}

/** One rank's share of the batches, loaded and augmented. */
async function* imageBatches(
  options: TrainEmbeddingOptions,
  perEpoch: number,
  from: number,
  shard: BatchShard,
): AsyncGenerator<TrainBatch> {
  const { paths, classes, template, augmentation, seed, epochs, batchSize, onNotice } = options;
  const { accumulate = 1, normalization, kernel, cache } = options;
  const share = batchSize / shard.size;
  for (let epoch = Math.floor(from / perEpoch); epoch < epochs; epoch++) {
    const start = epoch === Math.floor(from / perEpoch) ? from % perEpoch : 0;
    // With several batches a step, those at the end of an epoch that make no step are left out.
    const all = batchesOf(options, epoch, shard);
    if (all.length < perEpoch) {
      throw new UserError(
        `train: expected ${perEpoch} batches in each epoch, as in the first, got ${all.length} in epoch ${epoch + 1}; take another sampler, or smaller batches`,
      );
    }
    const rest = all.slice(start, perEpoch);
    const loaded = loadBatches(paths, rest, {
      sizes: template.sizes,
      augment: { augmentation, seed, epoch },
      fill: "repeat",
      batchSize: share,
      ...(normalization === undefined ? {} : { normalization }),
      ...(kernel === undefined ? {} : { kernel }),
      ...(cache === undefined ? {} : { cache }),
      // A step that gathers several batches holds them all at once.
      reuseImages: accumulate === 1,
    });
    let position = 0;
    for await (const { images, rows, failures } of loaded) {
      for (const { path, message } of failures) onNotice(`left out ${path}: ${message}`);
      if (rows.length === 0)
        throw new UserError(
          `train: expected images, got a batch of which none can be read, such as ${failures[0]?.path}; mend it, or leave it out of the data set`,
        );
      const { width, height } = template.sizes[rest[position++]!.group]!;
      yield {
        images: share,
        inputs: {
          images: { shape: [share, height, width, 3], data: images },
          labels: { shape: [share], data: Int32Array.from(rows, (row) => classes[row]!) },
        },
      };
    }
  }
}
