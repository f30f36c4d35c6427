import { DataFormatError, type DataFormatErrorCode } from "../data-format-error.ts";
import type { ImageBatch } from "../samplers/image-batch.ts";
import { createBatchWorkers } from "./batch-workers.ts";
import type { ImageFailure, ImageFailureKind } from "./image-failure.ts";
import { ImageMemory } from "./image-memory.ts";
import { type ImagePaths, pathAt } from "./image-paths.ts";
import {
  type BatchJob,
  type BatchLoader,
  type BatchSettings,
  createBatchLoader,
  imagesLength,
  type LoadedBatch,
} from "./load-batch.ts";
import { type LoadBatchesOptions, type LoadPlan, planFrom } from "./load-options.ts";
import { findWorkerFile } from "./worker-file.ts";

/**
 * Decodes, warps, augments and normalizes images batch by batch, ahead of their use.
 *
 * An image that is missing, truncated or corrupt is left out of its batch and reported in `failures`, unless `onFailure`
 * says otherwise; the rest goes on. A batch of which no image can be read is empty, also with `fill: "repeat"`.
 *
 * The pixels of a batch depend on nothing but the arguments: not on the number of workers, the order or the time that a file
 * takes. So loading goes on where it stopped when it is called with the batches that are left.
 *
 * Decoding and warping happen on the native threads of sharp, which Node keeps for such work and all workers share; random
 * changes, normalization, the kernel `"opencv-linear"` and the checksums of `cache` run on the workers, or on the calling thread
 * without them. Images come from workers without a copy. On more than four cores start the process with `UV_THREADPOOL_SIZE`
 * at the number of cores. `sharp.cache(false)` at the start of an application saves a few percent, because no image is read
 * twice soon, and makes sure that a file changed under the same name is read again.
 *
 * Threads end with the iteration, however it ends; one that is dropped before its end keeps its threads, but not the process.
 * From TypeScript source, in versions of Node that do not run it themselves, the calling thread does the work of the workers.
 *
 * Memory does not depend on the number of images. At most this much is held, beside what the caller
 * keeps:
 *
 * ```text
 * (prefetch + max(1, workers)) * batch size * height * width * 12 bytes  +  concurrency * (one image being decoded)
 * ```
 *
 * For 32 images of 448 × 448, without workers and with the default `prefetch`: 3 × 77 MB. With `reuseImages` and several sizes,
 * or batches cut short by failures, up to as many arrays again wait for a batch of their length.
 *
 * Transparency is dropped, of an animation the first picture is taken, and images of gray, of four inks or of 16 bits a value
 * become RGB bytes; `readImageSizes` names them.
 *
 * @param paths - The files, by row: an array, or the `paths` of a table.
 * @param batches - Which rows go together, such as the result of `groupedBatches`.
 * @returns The loaded batches, once; ending the loop early stops the loading.
 * @throws RangeError at the call if an option is out of range; when a batch is reached, if its group has
 * no size, a row no path, it is longer than `batchSize`, or the augmentation ends at another size; DataFormatError for a failure
 * that is fatal; the reason of `signal` once it is aborted; what ended a worker; and what `batches` throws, after the batches
 * that it gave before.
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
 *   console.log(batch.failures[0].path, batch.failures[0].kind); // => gone.jpg missing
 * }
 * ```
 */
export function loadBatches(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  options: LoadBatchesOptions,
): AsyncGenerator<LoadedBatch, void, undefined> {
  return readAhead(paths, batches, planFrom(options));
}

async function* readAhead(
  paths: ImagePaths,
  batches: Iterable<ImageBatch>,
  plan: LoadPlan,
): AsyncGenerator<LoadedBatch, void, undefined> {
  const { signal, order, reuseImages, prefetch } = plan;
  const { loader, workers } = createLoader(plan);
  const most = prefetch + Math.max(1, workers);
  const memory = new ImageMemory(most);
  const source = batches[Symbol.iterator]();
  const started: Promise<LoadedBatch>[] = [];
  let position = 0;
  // Set once the source gives no more batches, with what it threw.
  let end: { readonly error?: unknown } | undefined;
  const load = async (batch: ImageBatch, place: number): Promise<LoadedBatch> =>
    loader.load(createJob(paths, batch, place, plan, memory));
  try {
    for (;;) {
      signal?.throwIfAborted();
      while (end === undefined && started.length < most) {
        try {
          const next = source.next();
          if (next.done === true) end = {};
          else started.push(handled(load(next.value, position++)));
        } catch (error) {
          end = { error };
        }
      }
      if (started.length === 0) {
        if (end !== undefined && "error" in end) throw end.error;
        return;
      }
      const index = order === "given" ? 0 : await unlessAborted(firstSettled(started), signal);
      const [first] = started.splice(index, 1);
      const batch = await unlessAborted(first, signal);
      plan.manifest?.add(batch);
      requireReadable(batch, plan);
      yield batch;
      if (reuseImages) memory.giveBack(batch.images);
    }
  } finally {
    try {
      if (end === undefined) source.return?.();
    } finally {
      await loader.close();
    }
  }
}

function createLoader(plan: LoadPlan): { loader: BatchLoader; workers: number } {
  const { augment, cache, normalization, concurrency, autoOrient, colorProfile, maxPixels, kernel } = plan;
  const decoding = { autoOrient, colorProfile, maxPixels, kernel };
  // No more than threads need, because not everything can be sent to them.
  const settings: BatchSettings = { augment, cache, normalization, concurrency, ...decoding };
  const file = plan.workers > 0 ? findWorkerFile(import.meta.url) : null;
  if (file === null) return { loader: createBatchLoader(settings), workers: 0 };
  return { loader: createBatchWorkers(file, plan.workers, settings), workers: plan.workers };
}

function createJob(
  paths: ImagePaths,
  { group, rows, copies }: ImageBatch,
  position: number,
  { sizes, fill, batchSize = rows.length }: LoadPlan,
  memory: ImageMemory,
): BatchJob {
  const size = sizes[group];
  if (size === undefined) {
    throw new RangeError(
      `loadBatches: expected \`group\` to be an integer from 0 to ${sizes.length - 1}, got ${group}`,
    );
  }
  if (rows.length > batchSize) {
    throw new RangeError(
      `loadBatches: expected \`batches\` of at most ${batchSize} rows, the batchSize, got one of ${rows.length}`,
    );
  }
  const files = Array.from(rows, (row) => pathAt("loadBatches", paths, row));
  const fillTo = fill === "repeat" ? batchSize : 0;
  // A view of a long array would be sent to a worker with all of it.
  const job = { position, size, rows: rows.slice(), copies: copies?.slice(), files, fillTo };
  return { ...job, images: memory.take(imagesLength(job)) };
}

const errorCodes: Readonly<Partial<Record<ImageFailureKind, DataFormatErrorCode>>> = {
  missing: "missing-file",
  empty: "empty-file",
};

/** Throws if an image of the batch could not be read and that is fatal. */
function requireReadable({ failures }: LoadedBatch, { onFailure }: LoadPlan): void {
  const [first] = failures as readonly (ImageFailure | undefined)[];
  if (first === undefined || onFailure === "skip") return;
  const code = errorCodes[first.kind] ?? "unreadable-file";
  const detail = `expected an image that can be read, got "${first.message}" for row ${first.row}`;
  throw new DataFormatError(code, first.path, 0, detail);
}

/** A promise whose rejection is seen when it is awaited, not before. */
function handled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}

/** The index of the first of the promises that is done, well or not. */
function firstSettled(promises: readonly Promise<unknown>[]): Promise<number> {
  const indices = promises.map(async (promise, index) => {
    try {
      await promise;
    } catch {
      // Whoever awaits it sees why.
    }
    return index;
  });
  return Promise.race(indices);
}

/** The promise's result, or the rejection with the signal's reason if that comes first. */
async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort);
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
