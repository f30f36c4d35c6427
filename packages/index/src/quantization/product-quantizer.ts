import type { Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { createRandom } from "../random.ts";
import { requireFiniteEmbeddings, sampleRows } from "../read-rows.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { rowsPerStep, runSteps, runStepsAsync, type Steps } from "../steps.ts";
import {
  defaultIterations,
  defaultPointsPerCentroid,
  defaultSeed,
  type KMeansOptions,
  requireLearning,
} from "./k-means.ts";
import { improveCentroids, seedCentroids } from "./lloyd.ts";
import { type ColumnSlice, createCentroids, nearestInto } from "./nearest.ts";
import { balancedAxes, fitRotation, rotateRows } from "./rotation.ts";

/** Cuts rows into parts and writes each part as the number of its nearest centroid: see {@link learnProductQuantizer}. */
export interface ProductQuantizer {
  readonly kind: "product";
  /** Columns of the rows that it encodes. */
  readonly columns: number;
  /** Parts that a row is cut into. */
  readonly subspaces: number;
  /** Bits per part: each subspace has `2^bits` centroids. */
  readonly bits: number;
  /** Centroids, row-major of shape `subspaces` x `2^bits` x `columns / subspaces`. */
  readonly codebooks: Float32Array;
  /** An orthogonal matrix, `columns` x `columns`, that rows are multiplied with before they are cut: `y = R x`. */
  readonly rotation?: Matrix;
}

/** Options of {@link learnProductQuantizer}. */
export interface ProductQuantizerOptions extends Omit<KMeansOptions, "clusters"> {
  /** Parts that a row is cut into; they must divide its columns. A row's code takes `subspaces * bits / 8` bytes. */
  readonly subspaces: number;
  /**
   * Bits per part, from 4 to 8.
   *
   * @defaultValue 8, as in Jégou et al.
   */
  readonly bits?: number;
  /**
   * Whether rows are rotated first, by a matrix that is learned so that less is lost (optimized product
   * quantization). It helps where columns are correlated or of unequal variance, and makes encoding slower by
   * `columns²` multiplications per row.
   *
   * @defaultValue "none"
   */
  readonly rotation?: "none" | "learned";
  /**
   * With `rotation: "learned"`, how often rotation and centroids are improved in turn.
   *
   * @defaultValue 20; on clustered rows of 16 columns, 50 gained less than 1 % more
   */
  readonly rotationRounds?: number;
}

/** Options of {@link learnProductQuantizerAsync}. Its progress counts iterations of k-means in one subspace. */
export interface ProductQuantizerAsyncOptions extends ProductQuantizerOptions, RunOptions {}

/**
 * Learns how to write rows as a few bytes each: they are cut into parts, and each part becomes the number of the
 * nearest of `2^bits` centroids, which k-means found for it on a sample.
 *
 * ```text
 * y = x, or y = R x with a learned rotation R
 * y = (y_1, …, y_M)     code(x)_m = argmin over i of |y_m - c_(m,i)|²
 * ```
 *
 * 512 columns in 64 subspaces of 8 bits take 64 bytes instead of 2048. The sample should look like the rows that
 * are encoded later; 39 or more rows per centroid are advised (10,000 for 8 bits).
 *
 * With `rotation: "learned"` the rotation starts from the principal axes, dealt out so that all subspaces vary
 * about alike; then one iteration of k-means and the best rotation for the codes so found (orthogonal Procrustes)
 * take turns, and a last full k-means follows. Each round takes about `rows columns (2 columns + 2 2^bits) + 17 columns³`
 * multiplications, for `rows` in use: with 256 columns and 4096 rows of 4 bits half a second, with 1024 columns and
 * 65,536 rows of 8 bits some 90 seconds: use {@link learnProductQuantizerAsync}, or a lower `pointsPerCentroid`.
 *
 * The sample in use is copied once if it is a part of the rows given or not float32, and three times more for a rotation.
 *
 * @param sample - Rows in any precision, at least `2^bits`; left as they are.
 * @param options - `subspaces`, and how centroids are sought.
 * @returns Plain data: it can be posted to workers; {@link pqToBytes} stores it.
 * @throws RangeError if `subspaces` does not divide the columns, rows are too few or hold NaN or an infinity, or
 * options are out of range.
 *
 * @example
 * ```ts
 * import { decodePq, encodePq, learnProductQuantizer } from "@lmk/index/quantization";
 *
 * const data = Float32Array.from({ length: 64 }, (_, i) => i % 8);
 * const rows = { data, rows: 16, columns: 4 };
 * const quantizer = learnProductQuantizer(rows, { subspaces: 2, bits: 4 });
 * const codes = encodePq(quantizer, rows);
 * console.log(codes.data.length, [...decodePq(quantizer, codes).data.subarray(0, 4)]); // => 16 [ 0, 1, 2, 3 ]
 * ```
 *
 * @see {@link https://doi.org/10.1109/TPAMI.2010.57 | Jégou et al. 2011, Product quantization for nearest neighbor search}
 * @see {@link https://doi.org/10.1109/CVPR.2013.379 | Ge et al. 2013, Optimized product quantization}
 */
export function learnProductQuantizer(
  sample: Embeddings,
  options: ProductQuantizerOptions,
): ProductQuantizer {
  return runSteps(learnSteps("learnProductQuantizer", sample, options));
}

/**
 * {@link learnProductQuantizer} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param sample - Rows in any precision.
 * @param options - Those of {@link learnProductQuantizer}, a signal and a progress callback.
 * @returns As {@link learnProductQuantizer}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { learnProductQuantizerAsync } from "@lmk/index/quantization";
 *
 * const data = Float32Array.from({ length: 64 }, (_, i) => i % 8);
 * const sample = { data, rows: 16, columns: 4 };
 * const quantizer = await learnProductQuantizerAsync(sample, { subspaces: 2, bits: 4, rotation: "learned" });
 * console.log(quantizer.codebooks.length, quantizer.rotation?.data.length); // => 64 16
 * ```
 */
export async function learnProductQuantizerAsync(
  sample: Embeddings,
  options: ProductQuantizerAsyncOptions,
): Promise<ProductQuantizer> {
  const { subspaces, iterations = defaultIterations, rotation, rotationRounds = 20 } = options;
  const rounds = rotation === "learned" ? rotationRounds : 0;
  const steps = learnSteps("learnProductQuantizerAsync", sample, options);
  return runStepsAsync(steps, subspaces * (iterations + rounds), options);
}

function* learnSteps(
  caller: string,
  sample: Embeddings,
  options: ProductQuantizerOptions,
): Steps<ProductQuantizer> {
  const { subspaces, bits = 8, iterations = defaultIterations } = options;
  const { pointsPerCentroid = defaultPointsPerCentroid, seed = defaultSeed } = options;
  const { rotation = "none", rotationRounds = 20 } = options;
  requireSample(caller, sample, subspaces, bits);
  requireLearning(caller, { iterations, pointsPerCentroid, seed });
  if (rotation !== "none" && rotation !== "learned") {
    throw new RangeError(
      `${caller}: expected \`rotation\` to be "none" or "learned", got ${JSON.stringify(rotation)}`,
    );
  }
  requirePositiveInteger(caller, "rotationRounds", rotationRounds);
  yield* requireFiniteEmbeddings(caller, "sample", sample);

  const random = createRandom(seed);
  const points = yield* sampleRows(sample, 2 ** bits * pointsPerCentroid, random);
  const { columns } = points;
  const plain = { kind: "product", columns, subspaces, bits } as const;
  if (rotation === "none") {
    const codebooks = yield* seedCodebooks(points, subspaces, bits, random);
    yield* improveCodebooks(points, codebooks, subspaces, iterations);
    return { ...plain, codebooks };
  }
  let matrix = yield* balancedAxes(points, subspaces);
  let rotated = yield* rotateRows(points, matrix);
  const codebooks = yield* seedCodebooks(rotated, subspaces, bits, random);
  for (let round = 0; round < rotationRounds; round++) {
    yield* improveCodebooks(rotated, codebooks, subspaces, 1);
    matrix = yield* fitRotation(points, yield* decodeNearest(rotated, codebooks, subspaces));
    rotated = yield* rotateRows(points, matrix);
  }
  yield* improveCodebooks(rotated, codebooks, subspaces, iterations);
  return { ...plain, codebooks, rotation: { data: matrix, rows: columns, columns } };
}

function requireSample(caller: string, sample: Embeddings, subspaces: number, bits: number): void {
  requireEmbeddings(caller, "sample", sample);
  requirePositiveInteger(caller, "subspaces", subspaces);
  if (sample.columns % subspaces !== 0) {
    throw new RangeError(
      `${caller}: expected \`subspaces\` to divide the ${sample.columns} columns of \`sample\`, got ${subspaces}`,
    );
  }
  if (!Number.isInteger(bits) || bits < 4 || bits > 8) {
    throw new RangeError(`${caller}: expected \`bits\` to be a whole number from 4 to 8, got ${bits}`);
  }
  if (sample.rows < 2 ** bits) {
    throw new RangeError(
      `${caller}: expected \`sample\` to have at least ${2 ** bits} rows for ${bits} bits, got ${sample.rows}`,
    );
  }
}

/** The columns of a subspace. */
function partOf({ data, rows, columns: stride }: Matrix, subspaces: number, subspace: number): ColumnSlice {
  const columns = stride / subspaces;
  return { data, stride, offset: subspace * columns, rows, columns };
}

function* seedCodebooks(
  points: Matrix,
  subspaces: number,
  bits: number,
  random: () => number,
): Steps<Float32Array> {
  const codebooks = new Float32Array(2 ** bits * points.columns);
  for (let subspace = 0; subspace < subspaces; subspace++) {
    const centroids = yield* seedCentroids(partOf(points, subspaces, subspace), 2 ** bits, random);
    codebooks.set(centroids, subspace * centroids.length);
  }
  return codebooks;
}

function* improveCodebooks(
  points: Matrix,
  codebooks: Float32Array,
  subspaces: number,
  iterations: number,
): Steps<void> {
  const length = codebooks.length / subspaces;
  for (let subspace = 0; subspace < subspaces; subspace++) {
    const centroids = codebooks.subarray(subspace * length, (subspace + 1) * length);
    yield* improveCentroids(partOf(points, subspaces, subspace), centroids, iterations);
  }
}

/** Each row with its parts replaced by their nearest centroids. */
function* decodeNearest(points: Matrix, codebooks: Float32Array, subspaces: number): Steps<Matrix> {
  const { rows, columns: stride, data } = points;
  const columns = stride / subspaces;
  const length = codebooks.length / subspaces;
  const decoded = new Float32Array(data.length);
  const nearest = new Int32Array(rows);
  const distances = new Float64Array(rows);
  const stepRows = rowsPerStep(length);
  for (let subspace = 0; subspace < subspaces; subspace++) {
    const offset = subspace * columns;
    const values = codebooks.subarray(subspace * length, (subspace + 1) * length);
    const centroids = createCentroids(values, columns);
    const part = partOf(points, subspaces, subspace);
    for (let first = 0; first < rows; first += stepRows) {
      const end = Math.min(rows, first + stepRows);
      nearestInto(nearest, distances, part, first, end, centroids);
      for (let row = first; row < end; row++) {
        const start = nearest[row]! * columns;
        decoded.set(values.subarray(start, start + columns), row * stride + offset);
      }
      yield 0;
    }
  }
  return { data: decoded, rows, columns: stride };
}
