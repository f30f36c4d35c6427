import { availableParallelism } from "node:os";
import { augmentations } from "@lmk/data";
import { type LoadBatchesOptions, loadBatches, openDecodedCache } from "@lmk/data/images";
import sharp from "sharp";
import type { Peer } from "../measure/peer.ts";

/** What a side of the comparison does. */
export interface LoaderSide extends Peer {
  /** Threads of JavaScript beside the calling one, or processes. */
  readonly workers: number;
}

/** What all sides load. */
export interface LoaderTask {
  readonly files: readonly string[];
  readonly batchSize: number;
  /** Of the square images. */
  readonly side: number;
  /** How often a run goes through the files. */
  readonly passes: number;
}

/** Of every image this many numbers are kept, to compare what the sides have read. */
const samples = 64;

/** Nothing but sharp: every file decoded and warped to bytes, as many at a time as the loader has. */
export function sharpSide(task: LoaderTask): LoaderSide {
  const { files, side, passes } = task;
  const concurrency = Math.max(8, 2 * availableParallelism());
  const run = async () => {
    const values = new Float32Array(files.length * samples);
    let next = 0;
    const begin = performance.now();
    const work = async () => {
      for (let i = next++; i < files.length * passes; i = next++) {
        const row = i % files.length;
        const image = sharp(files[row]).resize(side, side, { fit: "fill", kernel: "linear" });
        const pixels = await image.raw().toBuffer();
        for (let s = 0; s < samples; s++) values[row * samples + s] = pixels[placeOf(s, side)];
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return { milliseconds: performance.now() - begin, values: values.map(normalized) };
  };
  return { name: "sharp alone, bytes", workers: 0, run, close: async () => undefined };
}

/** The loader with the given options. */
function lmkSide(name: string, task: LoaderTask, options: Partial<LoadBatchesOptions>): LoaderSide {
  const { files, batchSize, side, passes } = task;
  const count = Math.floor(files.length / batchSize);
  const batches = Array.from({ length: count * passes }, (_, i) => ({
    group: 0,
    rows: Int32Array.from({ length: batchSize }, (_row, j) => (i % count) * batchSize + j),
  }));
  const sizes = [{ width: side, height: side }];
  const run = async () => {
    const values = new Float32Array(files.length * samples);
    const begin = performance.now();
    for await (const batch of loadBatches(files, batches, { sizes, reuseImages: true, ...options })) {
      for (const [place, row] of batch.rows.entries()) {
        const start = place * side * side * 3;
        for (let s = 0; s < samples; s++) values[row * samples + s] = batch.images[start + placeOf(s, side)];
      }
    }
    return { milliseconds: performance.now() - begin, values };
  };
  return { name, workers: options.workers ?? 0, run, close: async () => undefined };
}

/** The loader by workers, by augmentation, by kernel, and with a warm cache in a folder. */
export async function lmkSides(task: LoaderTask, cacheFolder: string): Promise<LoaderSide[]> {
  const cache = await openDecodedCache(cacheFolder);
  const sides: LoaderSide[] = [];
  const add = (name: string, counts: readonly number[], options: Partial<LoadBatchesOptions>) => {
    for (const workers of counts) {
      sides.push(lmkSide(`loadBatches${name}, workers ${workers}`, task, { ...options, workers }));
    }
  };
  add("", [0, 1, 2], {});
  add(", cache", [0, 1], { cache });
  add(", opencv-linear", [1], { kernel: "opencv-linear" });
  for (const [name, augmentation] of Object.entries(augmentations)) {
    const augment = { augmentation, seed: 1, epoch: 0 };
    if (augmentation.length > 0) add(`, ${name}`, name === "middle" ? [0, 1, 2] : [1], { augment });
  }
  return sides;
}

/** The position of a sampled number in an image of rows of pixels of three channels: spread over rows, columns and channels. */
function placeOf(sample: number, side: number): number {
  const row = Math.floor(((sample + 0.5) * side) / samples);
  const column = (sample * 37) % side;
  return (row * side + column) * 3 + (sample % 3);
}

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

function normalized(value: number, index: number): number {
  const channel = (index % samples) % 3;
  return (value / 255 - mean[channel]) / deviation[channel];
}
