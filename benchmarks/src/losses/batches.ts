import { augmentations, augmentPixels, drawAugmentation } from "@lmk/data";
import { createRandom } from "../measure/random.ts";
import type { Images, LandmarkSet } from "./landmark-set.ts";
import { training } from "./settings.ts";

const bytesOf = (size: number): number => size * size * 3;
const table = normalizationTable();

/**
 * The train rows of every step: P landmarks, and K images of each. They depend on the seed alone.
 *
 * Landmarks come in rounds, each landmark once in a round, and so do the images of a landmark.
 */
export function batchesOf(
  { train: { classes }, classCount }: LandmarkSet,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): readonly Int32Array[] {
  const { classesPerBatch, imagesPerClass } = training;
  const random = createRandom(seed);
  const nextClass = inRounds(
    Array.from({ length: classCount }, (_, index) => index),
    random,
  );
  const nextImage = Array.from({ length: classCount }, (_, index) =>
    inRounds(
      [...classes.keys()].filter((row) => classes[row] === index),
      random,
    ),
  );
  return Array.from({ length: steps }, () => {
    const chosen = new Set<number>();
    while (chosen.size < classesPerBatch) chosen.add(nextClass());
    return Int32Array.from(
      [...chosen].flatMap((index) => Array.from({ length: imagesPerClass }, nextImage[index])),
    );
  });
}

/** A step's inputs: train images as the network takes them, each changed at random, their classes, and normal draws. */
export async function trainBatch(
  { train }: LandmarkSet,
  rows: Int32Array,
  key: { readonly seed: number; readonly step: number },
): Promise<{ images: Float32Array; labels: Int32Array; draws: Float32Array }> {
  const { size } = training;
  const random = createRandom(key.seed * 1_000_003 + key.step);
  const images = new Float32Array(rows.length * bytesOf(size));
  for (const [i, row] of rows.entries()) {
    const draw = drawAugmentation(
      augmentations.soft,
      { width: size, height: size },
      // A short class has an image twice in a batch: its place tells the two apart.
      { seed: key.seed, epoch: key.step, row: row * rows.length + i },
    );
    const pixels = train.pixels.subarray(row * bytesOf(size), (row + 1) * bytesOf(size));
    const image = { data: pixels, width: size, height: size, channels: 3 } as const;
    normalizeInto(images, i * bytesOf(size), (await augmentPixels(image, draw)).data);
  }
  const draws = Float32Array.from(rows, () => standardNormal(random));
  return { images, labels: rows.map((row) => train.classes[row]), draws };
}

/** Images `first`, `first + 1`, … as they are; those behind the last are zeros. */
export function plainBatch({ pixels, count }: Images, first: number, length: number): Float32Array {
  const bytes = bytesOf(training.size);
  const images = new Float32Array(length * bytes);
  normalizeInto(images, 0, pixels.subarray(first * bytes, Math.min(first + length, count) * bytes));
  return images;
}

/** Gives the items in a random order, then in another one, without end. */
function inRounds(items: readonly number[], random: () => number): () => number {
  let left: number[] = [];
  return () => {
    if (left.length === 0) left = [...items];
    return left.splice(Math.floor(random() * left.length), 1)[0];
  };
}

/** By Box and Muller. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function normalizeInto(target: Float32Array, start: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) target[start + i] = table[(i % 3) * 256 + bytes[i]];
}

/** The value of each byte, a channel after the other. */
function normalizationTable(): Float32Array {
  const { mean, std } = training.normalization;
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = Math.floor(i / 256);
    return ((i % 256) / 255 - mean[channel]) / std[channel];
  });
}
