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
  jsonLinesLog,
  openCheckpoints,
  type Schedule,
  type TrainBatch,
  type TrainedModel,
  type TrainOptions,
  type TrainProgress,
  train,
} from "@lmk/train";
import { UserError } from "./user-error.ts";

/** Everything that decides what training does; what is not described here goes to `train` as it is. */
export interface TrainEmbeddingOptions
  extends Omit<TrainOptions, "batches" | "steps" | "schedule" | "checkpoints" | "seed"> {
  /** Where checkpoints and the history are kept. */
  readonly folder: string;
  readonly paths: ImagePaths;
  /** The size group of each row; negative leaves the row out. */
  readonly sizeGroups: Int32Array;
  /** The class of each row; read only where the row is not left out. */
  readonly classes: Int32Array;
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
   * Epochs that are trained; those of the schedule that are left can be trained by a later call, with other templates.
   *
   * @defaultValue all
   */
  readonly stopAfterEpoch?: number;
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Images of a batch, those of all ranks together. */
  readonly batchSize: number;
  readonly schedule: (steps: number) => Schedule;
  /** Told once a line for what the reader should know, such as an image that cannot be read. */
  readonly onNotice: (line: string) => void;
}

/**
 * Trains a model whose loss takes `images` `[N, H, W, 3]` and `labels` `[N]`, int32, going on from the last checkpoint if
 * there is one. The history of the run is written beside the checkpoints, as `history.jsonl`.
 *
 * Batches depend on seed, epoch and position alone, so a run that was interrupted ends with the same weights as one that
 * was not.
 */
export async function trainEmbedding(options: TrainEmbeddingOptions): Promise<TrainedModel> {
  const { folder, epochs, stopAfterEpoch = epochs, maxSteps = Infinity } = options;
  const { callbacks = [], accumulate = 1 } = options;
  const perEpoch = batchesOf(options, 0, { rank: 0, size: 1 }).length;
  const stepsOf = (epochs: number): number => Math.floor((perEpoch * epochs) / accumulate);
  if (stepsOf(epochs) === 0) {
    throw new UserError(
      `train: expected at least ${options.batchSize * accumulate} images of one shape, got fewer; pass a smaller --batch-size`,
    );
  }
  return train({
    ...options,
    steps: Math.min(stepsOf(stopAfterEpoch), maxSteps),
    schedule: options.schedule(stepsOf(epochs)),
    batches: (from, shard) => imageBatches(options, perEpoch, from, shard),
    checkpoints: await openCheckpoints<TrainProgress>(join(folder, "checkpoints")),
    callbacks: [jsonLinesLog(join(folder, "history.jsonl")), ...callbacks],
  });
}

interface Shard {
  readonly rank: number;
  readonly size: number;
}

/** One rank's rows of each batch of an epoch. */
function batchesOf(
  { sizeGroups, batchSize, seed }: TrainEmbeddingOptions,
  epoch: number,
  shard: Shard,
): readonly ImageBatch[] {
  return groupedBatches(sizeGroups, { batchSize, seed, epoch, shuffle: true, shard });
}

/** One rank's share of the batches, loaded and augmented. */
async function* imageBatches(
  options: TrainEmbeddingOptions,
  perEpoch: number,
  from: number,
  shard: Shard,
): AsyncGenerator<TrainBatch> {
  const { paths, classes, template, augmentation, seed, epochs, batchSize, onNotice } = options;
  const { accumulate = 1, normalization, kernel, cache } = options;
  const share = batchSize / shard.size;
  for (let epoch = Math.floor(from / perEpoch); epoch < epochs; epoch++) {
    const start = epoch === Math.floor(from / perEpoch) ? from % perEpoch : 0;
    const rest = batchesOf(options, epoch, shard).slice(start);
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
          `train: expected images, got a whole batch that cannot be read; run prepare again`,
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
