import { augmentNormalized, augmentPixels } from "../augmentation/augment-pixels.ts";
import { drawAugmentation } from "../augmentation/draw-augmentation.ts";
import type { TransformDraw } from "../augmentation/transforms.ts";
import type { Size } from "../samplers/size-templates.ts";
import type { ImageFailure } from "./image-failure.ts";
import type { LoadPlan } from "./load-options.ts";
import { normalizationTable, normalizeInto } from "./normalization.ts";
import { createImageReader, type ReadImage } from "./read-image.ts";
import { sharpCodec } from "./sharp-codec.ts";
import { TaskQueue } from "./task-queue.ts";

/** A batch of images as a network takes it. */
export interface LoadedBatch {
  /** Which of the batches it is, from 0. */
  readonly position: number;
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

/** A batch to be loaded, as plain data. */
export interface BatchJob {
  readonly position: number;
  readonly size: Size;
  readonly rows: Int32Array;
  readonly copies: Int32Array | undefined;
  /** The file of each row. */
  readonly files: readonly string[];
  /** Images that a batch of at least one is filled up to; 0 for as many as there are. */
  readonly fillTo: number;
  /** Memory for as many images as the batch may have. */
  readonly images: Float32Array | undefined;
}

/** What the images of a batch depend on, and how many files are in work at the same time, as plain data. */
export type BatchSettings = { readonly [Name in Setting]: LoadPlan[Name] };
type Setting =
  | "augment"
  | "autoOrient"
  | "kernel"
  | "colorProfile"
  | "maxPixels"
  | "normalization"
  | "cache"
  | "concurrency";

/** Who loads batches: this thread or others. */
export interface BatchLoader {
  load(job: BatchJob): Promise<LoadedBatch>;
  /** Lets no further image begin, and waits for the end of threads. */
  close(): Promise<void>;
}

/** The numbers that the images of a batch may need. */
export function imagesLength({ size, rows, fillTo }: Omit<BatchJob, "images">): number {
  return Math.max(rows.length, fillTo) * size.height * size.width * 3;
}

/** Loads batches on this thread, but for decoding, which happens on threads of sharp. */
export function createBatchLoader(settings: BatchSettings): BatchLoader {
  const { augment, cache, normalization, concurrency, ...options } = settings;
  const queue = new TaskQueue(concurrency);
  const table = normalizationTable(normalization);
  const read = createImageReader(options, cache);
  return {
    load: async (job) => {
      const { rows, files } = job;
      const images = job.images ?? new Float32Array(imagesLength(job));
      const failures = new Array<ImageFailure | undefined>(rows.length);
      const load = async (place: number): Promise<void> => {
        failures[place] = await loadImage(job, place, { augment, read, table, images });
      };
      await Promise.all(files.map((_, place) => queue.add(() => load(place))));
      return assembleBatch(job, images, failures);
    },
    close: async () => queue.stop(),
  };
}

interface ImageLoad {
  readonly augment: BatchSettings["augment"];
  readonly read: ReadImage;
  /** As `normalizationTable` gives it. */
  readonly table: Float32Array;
  /** Those of the batch. */
  readonly images: Float32Array;
}

/** Loads one image of a batch to its place; gives what is wrong with one that cannot be read. */
async function loadImage(
  { size, rows, copies, files }: BatchJob,
  place: number,
  { augment, read, table, images }: ImageLoad,
): Promise<ImageFailure | undefined> {
  const isStored = augment?.augmentation.some(({ name }) => name === "resize") ?? false;
  const target = isStored ? undefined : size;
  const found = await read({ row: rows[place], path: files[place], size: target });
  if ("kind" in found) return found;
  let pixels = found;
  let draws: readonly TransformDraw[] = [];
  if (augment !== undefined) {
    const { augmentation, ...run } = augment;
    const key = { ...run, row: rows[place], copy: copies?.[place] ?? 0 };
    draws = drawAugmentation(augmentation, pixels, key, { target: size });
    pixels = await augmentPixels(pixels, draws, { codec: sharpCodec });
    requireEndSize(pixels, size);
  }
  const length = size.height * size.width * 3;
  normalizeInto(pixels.data, table, images, place * length);
  augmentNormalized(images.subarray(place * length, (place + 1) * length), size, draws);
  return undefined;
}

function requireEndSize(actual: Size, expected: Size): void {
  if (actual.width === expected.width && actual.height === expected.height) return;
  throw new RangeError(
    `loadBatches: expected \`augmentation\` to end at the size of the batch, ${expected.width} × ${expected.height}, got ${actual.width} × ${actual.height}`,
  );
}

/** Closes the gaps that failures left, and repeats images where the batch is to be filled. */
function assembleBatch(
  { position, size, rows, fillTo }: BatchJob,
  images: Float32Array,
  failures: readonly (ImageFailure | undefined)[],
): LoadedBatch {
  const length = size.height * size.width * 3;
  const kept: number[] = [];
  for (const [place, row] of rows.entries()) {
    if (failures[place] !== undefined) continue;
    if (kept.length < place) copyImage(images, length, place, kept.length);
    kept.push(row);
  }
  const total = kept.length === 0 ? 0 : Math.max(kept.length, fillTo);
  for (let i = kept.length; i < total; i++) copyImage(images, length, i % kept.length, i);
  return {
    position,
    images: images.length === total * length ? images : images.slice(0, total * length),
    rows: Int32Array.from({ length: total }, (_, i) => kept[i % kept.length]),
    distinct: kept.length,
    height: size.height,
    width: size.width,
    failures: failures.filter((failure) => failure !== undefined),
  };
}

function copyImage(images: Float32Array, length: number, from: number, to: number): void {
  images.copyWithin(to * length, from * length, (from + 1) * length);
}
