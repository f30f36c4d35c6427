import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { createPacer, runSteps, type Steps } from "../steps.ts";
import type { Moments } from "./moments.ts";
import { createPicker, momentsOf, momentsOfSource, type SampleOptions } from "./sample.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";
import type { LinearTransform } from "./transform.ts";

/** Options of {@link learnPca}. */
export interface PcaOptions extends SampleOptions {
  /**
   * Principal components kept, from 1 to the number of columns; the sample needs more rows than that.
   *
   * @defaultValue all columns
   */
  readonly components?: number;
}

/** Options of {@link learnPcaWhitening}. */
export interface PcaWhiteningOptions extends PcaOptions {
  /**
   * How far the variances are drawn to their mean before they are divided by, from 0 to 1: at 1 nothing is whitened.
   * It tames the last components, whose variances are small and badly known.
   *
   * @defaultValue 0
   */
  readonly shrinkage?: number;
  /**
   * The power of the variance that a component is divided by, from 0 to 1: 0 is PCA, 0.5 full whitening. faiss'
   * `eigen_power` is its negative.
   *
   * @defaultValue 0.5, full whitening
   */
  readonly power?: number;
}

/** What {@link learnPca} and {@link learnPcaWhitening} find. */
export interface Pca {
  /** From rows to components. */
  readonly transform: LinearTransform;
  /** The mean of the rows learned from. */
  readonly mean: Float64Array;
  /** The variances along the kept components, largest first (divisor `rows - 1`), before any shrinkage. */
  readonly variances: Float64Array;
  /** The sum of the variances along all components, so that `variances[i] / totalVariance` is a share. */
  readonly totalVariance: number;
  /** How many rows were learned from. */
  readonly rows: number;
}

/**
 * Learns principal components: the directions in which a sample varies most, one orthogonal to the other.
 *
 * ```text
 * m = mean of the rows,   C = sum (x - m)(x - m)' / (rows - 1) = sum_i λ_i v_i v_i',   λ_1 >= λ_2 >= …
 * y_i = v_i · (x - m)
 * ```
 *
 * Everything is computed in double precision, in about `rows columns² + 4/3 columns³ + 7 columns² components` operations
 * and `30 columns² + 8 columns components` bytes. The sign of a direction is such that its component of largest magnitude
 * is positive. Directions of equal variance are any that fit.
 *
 * @param sample - Rows to learn from, as they are: normalize them first if what is transformed is normalized.
 * @returns The transform, for {@link applyTransform}, and the variances.
 * @throws RangeError if the shape does not fit, there are too few rows, or a row holds NaN or an infinity.
 *
 * @example
 * ```ts
 * import { applyTransform, learnPca } from "@lmk/index/transforms";
 *
 * const sample = { data: Float32Array.of(1, 1, 2, 2, 3, 3), rows: 3, columns: 2 };
 * const { transform, variances } = learnPca(sample, { components: 1 });
 * console.log(variances[0].toFixed(6)); // => 2.000000
 * console.log(applyTransform(transform, sample).data.map(Math.fround)[1]); // => 0
 * ```
 *
 * @see {@link https://doi.org/10.1080/14786440109462720 | Pearson 1901}
 */
export function learnPca(sample: Embeddings, options: PcaOptions = {}): Pca {
  return learn("learnPca", sample, { ...options, shrinkage: 0, power: 0 });
}

/**
 * As {@link learnPca}, of rows in memory or not, without blocking the thread for more than some 50 ms.
 *
 * Progress counts rows read, columns reduced and components found.
 *
 * @throws RangeError as {@link learnPca}; the signal's reason where it ends the call.
 *
 * @example
 * ```ts
 * import { learnPcaAsync } from "@lmk/index/transforms";
 *
 * const sample = { data: Float32Array.of(1, 1, 2, 2, 3, 3), rows: 3, columns: 2 };
 * console.log([...(await learnPcaAsync(sample, { components: 1 })).mean]); // => [ 2, 2 ]
 * ```
 */
export async function learnPcaAsync(
  sample: Embeddings | EmbeddingSource,
  options: PcaOptions & RunOptions = {},
): Promise<Pca> {
  return await learnAsync("learnPcaAsync", sample, { ...options, shrinkage: 0, power: 0 });
}

/**
 * Learns PCA-whitening: principal components, each divided by the spread that the sample has in it.
 *
 * ```text
 * λ'_i = (1 - shrinkage) λ_i + shrinkage * (λ_1 + … + λ_columns) / columns
 * y_i  = λ'_i^-power  v_i · (x - m)
 * ```
 *
 * With the defaults the covariance of the whitened sample is the identity. For retrieval rows are scaled to length 1
 * before and after (Jégou & Chum 2012): `composeTransforms([{ kind: "normalize" }, transform, { kind: "normalize" }])`
 * on a sample learned from normalized rows.
 *
 * @param sample - Rows to learn from, as they are.
 * @returns The transform, for {@link applyTransform}, and the variances before shrinkage.
 * @throws RangeError as {@link learnPca}, and if the sample does not vary in so many directions.
 *
 * @example
 * ```ts
 * import { applyTransform, learnPcaWhitening } from "@lmk/index/transforms";
 *
 * const sample = { data: Float32Array.of(0, 0, 0, 2, 8, 0, 8, 2), rows: 4, columns: 2 };
 * const { transform } = learnPcaWhitening(sample);
 * const [x, y] = applyTransform(transform, sample).data;
 * console.log(x.toFixed(4), y.toFixed(4)); // => -0.8660 -0.8660
 * ```
 *
 * @see {@link https://inria.hal.science/hal-00722622 | Jégou & Chum 2012, Negative evidences and co-occurrences}
 */
export function learnPcaWhitening(sample: Embeddings, options: PcaWhiteningOptions = {}): Pca {
  return learn("learnPcaWhitening", sample, options);
}

/**
 * As {@link learnPcaWhitening}, of rows in memory or not, without blocking the thread for more than some 50 ms.
 *
 * Progress counts rows read, columns reduced and components found.
 *
 * @throws RangeError as {@link learnPcaWhitening}; the signal's reason where it ends the call.
 *
 * @example
 * ```ts
 * import { learnPcaWhiteningAsync } from "@lmk/index/transforms";
 *
 * const sample = { data: Float32Array.of(0, 0, 0, 2, 8, 0, 8, 2), rows: 4, columns: 2 };
 * const { mean } = await learnPcaWhiteningAsync(sample, { shrinkage: 0.1 });
 * console.log([...mean]); // => [ 4, 1 ]
 * ```
 */
export async function learnPcaWhiteningAsync(
  sample: Embeddings | EmbeddingSource,
  options: PcaWhiteningOptions & RunOptions = {},
): Promise<Pca> {
  return await learnAsync("learnPcaWhiteningAsync", sample, options);
}

interface PcaTask extends Required<Pick<PcaWhiteningOptions, "components" | "shrinkage" | "power">> {
  readonly caller: string;
  readonly columns: number;
  readonly picked: number;
  readonly pick: () => boolean;
}

function learn(caller: string, sample: Embeddings, options: PcaWhiteningOptions): Pca {
  requireEmbeddings(caller, "sample", sample);
  const task = createTask(caller, sample, options);
  return runSteps(whiten(runSteps(momentsOf(sample, { ...task, argument: "sample" })), task));
}

async function learnAsync(
  caller: string,
  sample: Embeddings | EmbeddingSource,
  options: PcaWhiteningOptions & RunOptions,
): Promise<Pca> {
  const source = sourceOf(caller, "sample", sample);
  const task = createTask(caller, source, options);
  const pacer = createPacer(options, task.picked + task.columns + task.components);
  const moments = await momentsOfSource(source, { ...task, argument: "sample" }, pacer);
  const pca = await pacer.run(whiten(moments, task));
  pacer.finish();
  return pca;
}

function createTask(
  caller: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  options: PcaWhiteningOptions,
): PcaTask {
  const { components = columns, shrinkage = 0, power = 0.5 } = options;
  requirePositiveInteger(caller, "components", components);
  if (components > columns) {
    throw new RangeError(
      `${caller}: expected \`components\` to be at most the sample's ${columns} columns, got ${components}`,
    );
  }
  requireShare(caller, "shrinkage", shrinkage);
  requireShare(caller, "power", power);
  const { picked, pick } = createPicker(caller, rows, options);
  if (picked <= components) {
    throw new RangeError(
      `${caller}: expected the rows learned from to be more than the ${components} components, got ${picked}`,
    );
  }
  return { caller, columns, components, shrinkage, power, picked, pick };
}

export function requireShare(caller: string, argument: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be from 0 to 1, got ${value}`);
  }
}

type MomentSums = ReturnType<Moments["finish"]> extends Steps<infer Sums> ? Sums : never;

function* whiten({ count, mean, products }: MomentSums, task: PcaTask): Steps<Pca> {
  const { caller, columns, components, shrinkage, power } = task;
  for (let i = 0; i < products.length; i++) products[i]! /= count - 1;
  yield 0;
  let totalVariance = 0;
  for (let i = 0; i < columns; i++) totalVariance += products[i * columns + i]!;
  const { values, vectors } = yield* symmetricEigen(products, columns, components);

  // Rounding may leave the variance of a direction without any just below 0.
  const variances = values.slice(0, components).map((value) => Math.max(value, 0));
  const drawn = variances.map((value) => (1 - shrinkage) * value + (shrinkage * totalVariance) / columns);
  if (power > 0) requireVariance(caller, drawn, columns);

  const offset = new Float64Array(components);
  for (let row = 0; row < components; row++) {
    const factor = power === 0 ? 1 : drawn[row]! ** -power;
    for (let i = 0; i < columns; i++) {
      vectors[row * columns + i]! *= factor;
      offset[row]! -= vectors[row * columns + i]! * mean[i]!;
    }
    if (row % 64 === 63) yield 0;
  }
  const transform: LinearTransform = {
    kind: "linear",
    inputColumns: columns,
    outputColumns: components,
    matrix: vectors,
    offset,
  };
  return { transform, mean, variances, totalVariance, rows: count };
}

/** Refuses variances that are nothing but rounding. */
function requireVariance(caller: string, variances: Float64Array, columns: number): void {
  const smallest = variances[0]! * columns * Number.EPSILON;
  const at = variances.findIndex((value) => !(value > smallest));
  if (at !== -1) {
    throw new RangeError(
      `${caller}: expected \`sample\` to vary in ${variances.length} directions, got ${at}; ask for fewer \`components\` or set \`shrinkage\``,
    );
  }
}
