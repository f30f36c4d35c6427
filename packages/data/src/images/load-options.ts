import { availableParallelism } from "node:os";
import type { Augmentation } from "../augmentation/augmentations.ts";
import { requireAugmentation } from "../augmentation/draw-augmentation.ts";
import { requireInteger, requireOneOf } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import {
  type ColorProfile,
  colorProfiles,
  defaultMaxPixels,
  type ResizeKernel,
  resizeKernels,
} from "./decode.ts";
import type { DecodedCache } from "./decoded-cache.ts";
import type { ImageManifest } from "./image-manifest.ts";
import { defaultConcurrency } from "./image-paths.ts";
import { imagenetNormalization, type Normalization, requireNormalization } from "./normalization.ts";

/** Options of {@link loadBatches}. */
export interface LoadBatchesOptions {
  /** The size of each group, such as `sizeTemplates.S2.sizes`. */
  readonly sizes: readonly Size[];
  /**
   * How images are changed at random; `seed` and `epoch` choose how, with the row and which copy of it the batch holds. An
   * augmentation that contains `resize` gets images at their stored size, any other gets them at the size of the batch.
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
   * The length that `fill: "repeat"` brings batches to, and that none of them may exceed; for that only.
   *
   * @defaultValue each batch's own number of rows
   */
  readonly batchSize?: number;
  /**
   * Whether images are turned as their EXIF orientation says.
   *
   * @defaultValue true, as OpenCV does, by which the solutions read them
   */
  readonly autoOrient?: boolean;
  /**
   * The interpolation to the size of the group; the aspect ratio is not kept. `"opencv-linear"` gives the pixels that the
   * solutions trained on, at the price of decoding every image at its stored size; the others are sharp's. Without effect
   * where the augmentation contains `resize`.
   *
   * @defaultValue "linear", the nearest to OpenCV's that does not alias
   */
  readonly kernel?: ResizeKernel;
  /**
   * What becomes of an embedded colour profile: `"ignore"` takes the numbers as they are stored, `"convert"` turns them
   * into sRGB.
   *
   * @defaultValue "ignore", as OpenCV does, by which the solutions read them
   */
  readonly colorProfile?: ColorProfile;
  /**
   * Images that declare more pixels than this are failures, before any of them is decoded: a small file may otherwise take
   * all memory.
   *
   * @defaultValue 178,956,970, where Pillow refuses
   */
  readonly maxPixels?: number;
  /**
   * What is subtracted, and divided by, per channel: three finite numbers each, the divisors above 0.
   *
   * @defaultValue `imagenetNormalization`
   */
  readonly normalization?: Normalization;
  /**
   * What becomes of an image that cannot be read: `"skip"` leaves it out of its batch, `"throw"` ends the iteration with a
   * `DataFormatError` that names it.
   *
   * @defaultValue "skip"
   */
  readonly onFailure?: "skip" | "throw";
  /**
   * Where images that could not be read are noted, as `createImageManifest` gives it, beside the `failures` of each batch;
   * also one that ends the iteration.
   *
   * @defaultValue not given: nowhere
   */
  readonly manifest?: ImageManifest;
  /**
   * Where decoded images are kept for later epochs, as `openDecodedCache` gives it.
   *
   * @defaultValue not given: nowhere
   */
  readonly cache?: DecodedCache;
  /**
   * The order in which batches come: as they are given, or as they are ready, so that no batch waits for a slower one
   * before it; its `position` tells which one it is. The batches are the same.
   *
   * @defaultValue "given"
   */
  readonly order?: "given" | "ready";
  /**
   * Threads that load whole batches each; 0 loads on the calling thread. Pixels do not depend on it. Each call starts threads of
   * its own, which takes as long as decoding some dozens of images.
   *
   * @defaultValue 0 where images are only decoded and normalized, or there are no more than two cores, which sharp's threads
   * keep busy; with augmentation or the kernel `"opencv-linear"` one less than there are cores, at most 4
   */
  readonly workers?: number;
  /**
   * Batches that are loaded ahead of the one asked for, beside one more for each worker after the first.
   *
   * @defaultValue 2
   */
  readonly prefetch?: number;
  /**
   * Files in work at the same time, at least one for each worker. How many of them are decoded at the same time is the size of libuv's
   * thread pool, which the workers share: 4, or what `UV_THREADPOOL_SIZE` says when the process starts.
   *
   * @defaultValue twice the number of cores, at least 8
   */
  readonly concurrency?: number;
  /**
   * `true` lets the loader write a later batch into the `images` of an earlier one once the next batch
   * is asked for: for loops that are done with a batch by then. With workers that array is then empty. Large batches load
   * faster, because the system need not provide their memory anew.
   *
   * @defaultValue false: every batch keeps its own images
   */
  readonly reuseImages?: boolean;
  /**
   * Stops the loading: the next batch that is asked for, or waited for, is the signal's reason, thrown, even if it was ready
   * or there is none left.
   *
   * @defaultValue not given: nothing does
   */
  readonly signal?: AbortSignal;
}

/** The options with their defaults. */
export type LoadPlan = Required<Omit<LoadBatchesOptions, Optional>> & Pick<LoadBatchesOptions, Optional>;
type Optional = "augment" | "batchSize" | "manifest" | "cache" | "signal";

/** Checks the options and fills in the defaults. */
export function planFrom(options: LoadBatchesOptions): LoadPlan {
  const { kernel = "linear", augment } = options;
  const plan: LoadPlan = {
    ...options,
    kernel,
    fill: options.fill ?? "none",
    autoOrient: options.autoOrient ?? true,
    colorProfile: options.colorProfile ?? "ignore",
    maxPixels: options.maxPixels ?? defaultMaxPixels,
    normalization: options.normalization ?? imagenetNormalization,
    onFailure: options.onFailure ?? "skip",
    order: options.order ?? "given",
    workers: options.workers ?? defaultWorkers(augment?.augmentation, kernel),
    prefetch: options.prefetch ?? 2,
    concurrency: options.concurrency ?? defaultConcurrency(),
    reuseImages: options.reuseImages ?? false,
  };
  for (const { width, height } of plan.sizes) {
    requireInteger("loadBatches", "width", width, 1);
    requireInteger("loadBatches", "height", height, 1);
  }
  if (augment !== undefined) {
    requireAugmentation("loadBatches", augment.augmentation);
    requireInteger("loadBatches", "seed", augment.seed, 0);
    requireInteger("loadBatches", "epoch", augment.epoch, 0);
  }
  requireOneOf("loadBatches", "fill", plan.fill, ["none", "repeat"]);
  requireBatchSize(plan);
  requireOneOf("loadBatches", "kernel", kernel, resizeKernels);
  requireOneOf("loadBatches", "colorProfile", plan.colorProfile, colorProfiles);
  requireInteger("loadBatches", "maxPixels", plan.maxPixels, 1);
  requireNormalization("loadBatches", plan.normalization);
  requireOneOf("loadBatches", "onFailure", plan.onFailure, ["skip", "throw"]);
  requireOneOf("loadBatches", "order", plan.order, ["given", "ready"]);
  requireInteger("loadBatches", "workers", plan.workers, 0, 1024);
  requireInteger("loadBatches", "prefetch", plan.prefetch, 0);
  requireInteger("loadBatches", "concurrency", plan.concurrency, 1);
  return plan;
}

function requireBatchSize({ batchSize, fill }: LoadPlan): void {
  if (batchSize === undefined) return;
  requireInteger("loadBatches", "batchSize", batchSize, 1);
  if (fill === "repeat") return;
  throw new RangeError(
    `loadBatches: expected \`batchSize\` with \`fill: "repeat"\` only, got ${batchSize} with "${fill}"`,
  );
}

/** Decoding has threads of its own, so a worker is worth its start only for other work and on a core to spare. */
function defaultWorkers(augmentation: Augmentation | undefined, kernel: ResizeKernel): number {
  const cores = availableParallelism();
  const isCheap = (augmentation ?? []).length === 0 && kernel !== "opencv-linear";
  return isCheap || cores <= 2 ? 0 : Math.min(4, cores - 1);
}
