import { mulberry32 } from "./random.ts";
import { requirePositiveInteger } from "./require.ts";

/** How many classes {@link sampleClasses} gives: a number of them, or a share of all, rounded down. */
export type SampleSize =
  | {
      /** Number of classes, from 1 to `classes`. */
      readonly count: number;
    }
  | {
      /** Share of all classes, above 0 and up to 1; the paper trains with 0.1. */
      readonly rate: number;
    };

/** Options of {@link sampleClasses}. */
export type SampleClassesOptions = SampleSize & {
  /** Number of all classes, C. */
  readonly classes: number;
  /** Any whole number; the same seed and step give the same classes. */
  readonly seed: number;
  /**
   * Number of the training step, at least 0, so that each step draws its own classes and a resumed one draws the same.
   *
   * @defaultValue 0
   */
  readonly step?: number;
  /**
   * Rows per class, k: those of class `c` are `c · k` to `c · k + k − 1`, as sub-center ArcFace lays them out.
   *
   * @defaultValue 1
   */
  readonly centers?: number;
};

/** What {@link sampleClasses} gives. */
export interface SampledClasses {
  /** The sampled classes, ascending. */
  readonly classes: Int32Array;
  /** For each given label the position of its class in `classes`. */
  readonly labels: Int32Array;
  /** The row numbers of the sampled classes, ascending, `centers` for each. */
  readonly rows: Int32Array;
}

/** One seed for each pair of a seed and a step. */
function mixedSeed(seed: number, step: number): number {
  return (mulberry32(seed)() ^ mulberry32(~step)()) >>> 0;
}

/** Whole numbers below a bound, all alike in probability: raw numbers beyond its largest multiple are drawn again. */
function below(next: () => number, bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  let raw = next();
  while (raw >= limit) raw = next();
  return raw % bound;
}

/** A set of `count` of the numbers below `total`, each such set alike in probability: Floyd's algorithm. */
function chosenBelow(total: number, count: number, next: () => number): Uint8Array {
  const chosen = new Uint8Array(total);
  for (let last = total - count; last < total; last++) {
    const drawn = below(next, last + 1);
    chosen[chosen[drawn] === 1 ? last : drawn] = 1;
  }
  return chosen;
}

/** The number of classes asked for. */
function sizeOf(options: SampleClassesOptions): number {
  const { classes } = options;
  if ("rate" in options) {
    const { rate } = options;
    if (!(rate > 0 && rate <= 1)) {
      throw new RangeError(`sampleClasses: expected \`rate\` to be above 0 and at most 1, got ${rate}`);
    }
    return Math.max(1, Math.floor(rate * classes));
  }
  const { count } = options;
  if (!(Number.isInteger(count) && count >= 1 && count <= classes)) {
    throw new RangeError(
      `sampleClasses: expected \`count\` to be a whole number from 1 to ${classes}, got ${count}`,
    );
  }
  return count;
}

/**
 * Draws the classes whose rows take part in one training step: all classes of the batch, and others at random.
 *
 * With 203,094 classes of 3 rows and 512 numbers the rows of a margin loss are 1.25 GB, and so is each slot of the
 * optimizer. Partial FC lets a step see a sample only. The matrix stays on the host, and one step goes like this:
 *
 * 1. `sampleClasses` gives the classes, always the same number of them, so that a compiled step fits every batch; the
 *    labels as positions among them; and the numbers of their rows.
 * 2. {@link gatherRows} copies these rows of the weights, and of each slot of the optimizer, such as the momentum.
 * 3. The step takes the copies as inputs. Every class-row loss of this package takes gathered rows and their labels as
 *    it takes whole ones. The step gives the rows back, moved.
 * 4. {@link scatterRows} writes them back in place. Rows that are not in the sample neither move nor decay.
 *
 * Where several processes train together, each gives the labels of all of them, so that all draw the same classes, and
 * takes its own part of the labels.
 *
 * Numbers per class, such as adaptive margins or class weights, are rows of length 1:
 * `gatherRows({ shape: [C], data: margins }, classes)`. They go into a step as tensors, as they change from step to step.
 *
 * The other classes are a uniform draw without replacement: each set of them is alike in probability.
 *
 * @param labels - The classes of the batch, from 0 to `classes` − 1, with repetitions.
 * @returns The classes, ascending, with the labels and row numbers that go with them.
 * @throws RangeError if a label is not a class, `count` is not from 1 to `classes`, `rate` is not in (0, 1], `classes`
 * or `centers` is not a whole number above 0, `step` is not a whole number of at least 0, `seed` is not a whole number,
 * or the batch has more classes than the sample.
 *
 * @example
 * ```ts
 * import { arcFace, gatherRows, sampleClasses, scatterRows } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const rows = { shape: [6, 2], data: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1, 1, 1, -1, -1) };
 * const labels = Int32Array.of(4, 1, 4);
 * const sample = sampleClasses(labels, { classes: 6, count: 4, seed: 7 });
 * sample.classes.length; // => 4
 * labels.every((label, i) => sample.classes[sample.labels[i]!] === label); // => true
 *
 * const gathered = gatherRows(rows, sample.rows);
 * const embeddings = tensor2d([[1, 2], [0, 1], [2, 1]]);
 * arcFace(embeddings, tensor2d(gathered, [4, 2]), tensor1d(sample.labels, "int32"));
 * const moved = gathered.map((value) => value * 0.9); // what an optimizer makes of the gathered rows
 * scatterRows(rows, sample.rows, moved);
 * rows.data[2 * 4]; // => 0.9
 * ```
 *
 * @see {@link https://arxiv.org/abs/2203.15565 | An et al., Killing Two Birds with One Stone: Partial FC}
 */
export function sampleClasses(labels: Int32Array, options: SampleClassesOptions): SampledClasses {
  const { classes, seed, step = 0, centers = 1 } = options;
  requirePositiveInteger("sampleClasses", "classes", classes);
  requirePositiveInteger("sampleClasses", "centers", centers);
  if (!Number.isInteger(seed)) {
    throw new RangeError(`sampleClasses: expected \`seed\` to be a whole number, got ${seed}`);
  }
  if (!(Number.isInteger(step) && step >= 0)) {
    throw new RangeError(`sampleClasses: expected \`step\` to be a whole number of at least 0, got ${step}`);
  }
  const count = sizeOf(options);

  const positions = new Int32Array(classes).fill(-1);
  let distinct = 0;
  for (const [i, label] of labels.entries()) {
    if (label < 0 || label >= classes) {
      throw new RangeError(
        `sampleClasses: expected \`labels[${i}]\` to be from 0 to ${classes - 1}, got ${label}`,
      );
    }
    if (positions[label] === -1) distinct++;
    positions[label] = 0;
  }
  if (distinct > count) {
    throw new RangeError(
      `sampleClasses: expected a sample of at least the ${distinct} classes of the batch, got ${count}`,
    );
  }

  const others = chosenBelow(classes - distinct, count - distinct, mulberry32(mixedSeed(seed, step)));
  const sampled = new Int32Array(count);
  let position = 0;
  let other = 0;
  for (let label = 0; label < classes; label++) {
    const taken = positions[label] === 0 || others[other++] === 1;
    if (!taken) continue;
    positions[label] = position;
    sampled[position++] = label;
  }
  const rows = new Int32Array(count * centers);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = sampled[Math.floor(i / centers)]! * centers + (i % centers);
  }
  return { classes: sampled, labels: labels.map((label) => positions[label]!), rows };
}
