import { augmentPixels } from "../augmentation/augment-pixels.ts";
import type { Augmentation } from "../augmentation/augmentations.ts";
import { drawAugmentation, requireAugmentation } from "../augmentation/draw-augmentation.ts";
import { requireInteger, requireOneOf } from "../require.ts";
import type { ImageBatch } from "../samplers/grouped-batches.ts";
import type { Size } from "../samplers/size-templates.ts";
import {
  decodeToSize,
  failureMessage,
  type ImageFailure,
  type ResizeKernel,
  resizeKernels,
} from "./decode.ts";
import { ImageMemory } from "./image-memory.ts";
import { defaultConcurrency, type ImagePaths, pathAt } from "./image-paths.ts";
import {
  imagenetNormalization,
  type Normalization,
  normalizationTable,
  normalizeInto,
} from "./normalization.ts";
import { TaskQueue } from "./task-queue.ts";

/** Options of {@link loadBatches}. */
export interface LoadBatchesOptions {
  /** The size of each group, such as `sizeTemplates.S2.sizes`. */
  readonly sizes: readonly Size[];
  /**
   * How images are changed at random; `seed` and `epoch` choose how, with the row.
   *
   * @defaultValue not given: not at all
   */
  readonly augment?: { readonly augmentation: Augmentation; readonly seed: number; readonly epoch: number };
  /**
   * What becomes of a batch that is short, because images of it could not be read or because it is a
   * group's last: `"none"` leaves it short; `"repeat"` repeats its images in their order up to
   * `batchSize`, so that it fits a network compiled for that size.
   *
   * @defaultValue "none"
   */
  readonly fill?: "none" | "repeat";
  /**
   * The length that `fill: "repeat"` brings batches to.
   *
   * @defaultValue each batch's own number of rows
   */
  readonly batchSize?: number;
  /**
   * Whether images are turned as their EXIF orientation says.
   *
   * @defaultValue true, as OpenCV does, by which the 2019 solution read them
   */
  readonly autoOrient?: boolean;
  /**
   * The interpolation to the size of the group; the aspect ratio is not kept.
   *
   * @defaultValue "linear", the nearest to OpenCV's bilinear one, which however aliases
   */
  readonly kernel?: ResizeKernel;
  /**
   * What is subtracted and divided by, per channel.
   *
   * @defaultValue `imagenetNormalization`
   */
  readonly normalization?: Normalization;
  /**
   * Batches that are loaded ahead of the one asked for.
   *
   * @defaultValue 2
   */
  readonly prefetch?: number;
  /**
   * Files in work at the same time. How many of them are decoded at the same time is the size of libuv's
   * thread pool: 4, or what `UV_THREADPOOL_SIZE` says when the process starts.
   *
   * @defaultValue twice the number of cores, at least 8
   */
  readonly concurrency?: number;
  /**
   * `true` lets the loader write a later batch into the `images` of an earlier one once the next batch
   * is asked for: for loops that are done with a batch by then. Large batches load faster, because the
   * system need not provide their memory anew.
   *
   * @defaultValue false: every batch keeps its own images
   */
  readonly reuseImages?: boolean;
  /** Stops the loading; the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A batch of images as a network takes it. */
export interface LoadedBatch {
  /** Images × height × width × RGB, normalized. */
  readonly images: Float32Array;
  /** The row of each image in `images`. */
  readonly rows: Int32Array;
  /** How many of the images, from the first, are there once; those after them are repeated ones. */
  readonly distinct: number;
  readonly height: number;
  readonly width: number;
  /** The images of the batch that could not be read, in the order of the batch. */
  readonly failures: readonly ImageFailure[];
}

/**
 * Decodes, warps, augments and normalizes images batch by batch, ahead of their use.
 *
 * An image that is missing, truncated or corrupt is left out of its batch and reported in `failures`; the
 * rest goes on. A batch of which no image can be read is empty, also with `fill: "repeat"`.
 *
 * Batches come in the order they are given in, and their pixels depend on nothing but the arguments: not
 * on the number of threads or the time a file takes. So loading goes on where it stopped when it is
 * called with the batches that are left.
 *
 * Decoding and warping happen on the native threads of sharp, which Node keeps for such work; the event
 * loop does only the random changes and the table look-up of the normalization: about a tenth of the work,
 * with an augmentation a fifth at 128 pixels and half at 448. Worker threads would share the same native
 * threads and add a copy of each image, so there are none. On more than four cores start the process with
 * `UV_THREADPOOL_SIZE` at the number of cores. `sharp.cache(false)` at the start of an application saves a
 * few percent, because no image is read twice soon, and makes sure that a file changed under the same name
 * is read again.
 *
 * Memory does not depend on the number of images. At most this much is held, beside what the caller
 * keeps:
 *
 * ```text
 * (prefetch + 1) * batch size * height * width * 12 bytes  +  concurrency * (one image being decoded)
 * ```
 *
 * For the defaults and 32 images of 448 × 448: 3 × 77 MB.
 *
 * Images with an embedded colour profile are converted to sRGB, transparency is dropped, of an animation
 * the first picture is taken.
 *
 * @param paths - The files, by row: an array, or the `paths` of a table.
 * @param batches - Which rows go together, such as the result of `groupedBatches`.
 * @returns The loaded batches, once; ending the loop early stops the loading.
 * @throws RangeError at the call if an option is out of range; when a batch is reached, if its group has
 * no size or a row no path; and the reason of `signal` once it is aborted.
 *
 * @example
 * ```ts
 * import sharp from "sharp";
 * import { loadBatches } from "@lmk/data/images";
 *
 * await sharp({ create: { width: 40, height: 30, channels: 3, background: "white" } }).toFile("white.png");
 * const batches = [{ group: 0, rows: Int32Array.of(0, 1) }];
 * for await (const batch of loadBatches(["white.png", "gone.jpg"], batches, { sizes: [{ width: 4, height: 2 }] })) {
 *   console.log(batch.rows, batch.images.length, batch.images[0]); // => Int32Array(1) [ 0 ] 24 2.248908281326294
 *   console.log(batch.failures); // => [ { row: 1, path: 'gone.jpg', message: 'Input file is missing' } ]
 * }
 * ```
 */
export function loadBatches(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  options: LoadBatchesOptions,
): AsyncGenerator<LoadedBatch, void, undefined> {
  const { augment, fill = "none", batchSize, kernel = "linear", prefetch = 2 } = options;
  const { concurrency = defaultConcurrency() } = options;
  for (const { width, height } of options.sizes) {
    requireInteger("loadBatches", "width", width, 1);
    requireInteger("loadBatches", "height", height, 1);
  }
  if (augment !== undefined) {
    requireAugmentation("loadBatches", augment.augmentation);
    requireInteger("loadBatches", "seed", augment.seed, 0);
    requireInteger("loadBatches", "epoch", augment.epoch, 0);
  }
  requireOneOf("loadBatches", "fill", fill, ["none", "repeat"]);
  if (batchSize !== undefined) requireInteger("loadBatches", "batchSize", batchSize, 1);
  requireOneOf("loadBatches", "kernel", kernel, resizeKernels);
  requireInteger("loadBatches", "prefetch", prefetch, 0);
  requireInteger("loadBatches", "concurrency", concurrency, 1);
  return readAhead(paths, batches, options, prefetch, new TaskQueue(concurrency));
}

async function* readAhead(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  options: LoadBatchesOptions,
  prefetch: number,
  queue: TaskQueue,
): AsyncGenerator<LoadedBatch, void, undefined> {
  const { signal, normalization = imagenetNormalization, reuseImages = false } = options;
  signal?.throwIfAborted();
  const table = normalizationTable(normalization);
  const aborted = rejectionOn(signal);
  const memory = new ImageMemory();
  const source = batches[Symbol.iterator]();
  const started: Promise<LoadedBatch>[] = [];
  let isDrained = false;
  try {
    for (;;) {
      while (!isDrained && started.length <= prefetch) {
        const next = source.next();
        isDrained = next.done === true;
        if (next.done !== true)
          started.push(handled(loadBatch(paths, next.value, options, table, queue, memory)));
      }
      const first = started.shift();
      if (first === undefined) return;
      const batch = await Promise.race([first, aborted.promise]);
      signal?.throwIfAborted();
      yield batch;
      if (reuseImages) memory.giveBack(batch.images);
    }
  } finally {
    queue.stop();
    aborted.forget();
    source.return?.();
  }
}

async function loadBatch(
  paths: ImagePaths,
  { group, rows }: ImageBatch,
  options: LoadBatchesOptions,
  table: Float32Array,
  queue: TaskQueue,
  memory: ImageMemory,
): Promise<LoadedBatch> {
  const { augment, autoOrient = true, kernel = "linear" } = options;
  const size = options.sizes[group];
  if (size === undefined) {
    throw new RangeError(
      `loadBatches: expected \`group\` to be an integer from 0 to ${options.sizes.length - 1}, got ${group}`,
    );
  }
  const files = Array.from(rows, (row) => pathAt(paths, row));
  const length = options.fill === "repeat" ? (options.batchSize ?? rows.length) : rows.length;
  const imageLength = size.height * size.width * 3;
  const images = memory.take(Math.max(length, rows.length) * imageLength);
  const messages = new Array<string | undefined>(rows.length);
  const load = async (position: number): Promise<void> => {
    const row = rows[position];
    let pixels: Uint8Array;
    try {
      pixels = await decodeToSize(files[position], size, { autoOrient, kernel });
    } catch (error) {
      messages[position] = failureMessage(error, files[position]);
      return;
    }
    if (augment !== undefined) {
      const { augmentation, seed, epoch } = augment;
      pixels = augmentPixels(pixels, size, drawAugmentation(augmentation, size, { seed, epoch, row }));
    }
    normalizeInto(pixels, table, images, position * imageLength);
  };
  await Promise.all(files.map((_, position) => queue.add(() => load(position))));

  const kept = closeGaps(images, imageLength, rows, messages);
  const total = kept.length === 0 ? 0 : Math.max(kept.length, options.fill === "repeat" ? length : 0);
  for (let i = kept.length; i < total; i++) {
    images.copyWithin(
      i * imageLength,
      (i % kept.length) * imageLength,
      ((i % kept.length) + 1) * imageLength,
    );
  }
  return {
    images: images.length === total * imageLength ? images : images.slice(0, total * imageLength),
    rows: Int32Array.from({ length: total }, (_, i) => kept[i % kept.length]),
    distinct: kept.length,
    height: size.height,
    width: size.width,
    failures: messages.flatMap((message, position) =>
      message === undefined ? [] : [{ row: rows[position], path: files[position], message }],
    ),
  };
}

/** Moves the images that could be read to the front, and gives their rows. */
function closeGaps(
  images: Float32Array,
  imageLength: number,
  rows: Int32Array,
  messages: readonly (string | undefined)[],
): readonly number[] {
  const kept: number[] = [];
  for (const [position, row] of rows.entries()) {
    if (messages[position] !== undefined) continue;
    if (kept.length < position) {
      images.copyWithin(kept.length * imageLength, position * imageLength, (position + 1) * imageLength);
    }
    kept.push(row);
  }
  return kept;
}

/** A promise whose rejection is seen when it is awaited, not before. */
function handled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}

function rejectionOn(signal: AbortSignal | undefined): { promise: Promise<never>; forget: () => void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
  });
  signal?.addEventListener("abort", onAbort);
  return { promise: handled(promise), forget: () => signal?.removeEventListener("abort", onAbort) };
}
