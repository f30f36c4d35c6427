import type { Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { createRandom } from "../random.ts";
import { requireFiniteEmbeddings, sampleRows } from "../read-rows.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { runSteps, runStepsAsync, type Steps } from "../steps.ts";
import { improveCentroids, meanSquaredDistance, seedCentroids } from "./lloyd.ts";

/** Options of {@link learnKMeans}. */
export interface KMeansOptions {
  /** Centroids to learn, from 1 to the number of rows. */
  readonly clusters: number;
  /**
   * How often all rows are assigned and all centroids moved, at most: it ends where no row changes its cluster.
   *
   * @defaultValue 25, as in faiss
   */
  readonly iterations?: number;
  /**
   * Rows that are used per centroid, at most; of more, a part chosen by chance is used.
   *
   * @defaultValue 256, as in faiss
   */
  readonly pointsPerCentroid?: number;
  /**
   * A whole number. The same seed and rows give the same centroids.
   *
   * @defaultValue 0, as for all that is learned or drawn in this package; only hnswlib's graphs keep its own 100
   */
  readonly seed?: number;
}

/** Options of {@link learnKMeansAsync}. Its progress counts iterations. */
export interface KMeansAsyncOptions extends KMeansOptions, RunOptions {}

/** What {@link learnKMeans} gives. */
export interface KMeans {
  /** One centroid per row. */
  readonly centroids: Matrix;
  /** The mean squared distance of the rows used to their nearest centroid. */
  readonly error: number;
}

export const defaultIterations = 25;
export const defaultPointsPerCentroid = 256;
export const defaultSeed = 0;

/**
 * Learns centroids such that rows are close to their nearest one (Lloyd's k-means).
 *
 * ```text
 * minimize  mean over rows x of  min over c of |x - c|²
 * ```
 *
 * It begins with rows chosen by k-means++ among 16 rows per centroid. A cluster that loses all its rows takes over
 * half of the largest cluster, unless the rows of all clusters are alike. Sums are accumulated in double precision;
 * of equally near centroids the first counts.
 *
 * @param sample - Rows in any precision, at least as many as `clusters`; left as they are.
 * @param options - `clusters`, and how they are sought.
 * @returns Newly allocated centroids, and how far rows are from them.
 * @throws RangeError if shapes or options do not fit, or a row holds NaN or an infinity.
 *
 * @example
 * ```ts
 * import { learnKMeans } from "@lmk/index/quantization";
 *
 * const sample = { data: Float32Array.of(0, 2, 10, 12), rows: 4, columns: 1 };
 * const { centroids, error } = learnKMeans(sample, { clusters: 2 });
 * console.log([...centroids.data].sort(), error); // => [ 1, 11 ] 1
 * ```
 *
 * @see {@link https://doi.org/10.1109/TIT.1982.1056489 | Lloyd 1982, Least squares quantization in PCM}
 */
export function learnKMeans(sample: Embeddings, options: KMeansOptions): KMeans {
  return runSteps(kMeansSteps("learnKMeans", sample, options));
}

/**
 * {@link learnKMeans} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param sample - Rows in any precision.
 * @param options - Those of {@link learnKMeans}, a signal and a progress callback.
 * @returns As {@link learnKMeans}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { learnKMeansAsync } from "@lmk/index/quantization";
 *
 * const sample = { data: Float32Array.of(0, 2, 10, 12), rows: 4, columns: 1 };
 * const { error } = await learnKMeansAsync(sample, { clusters: 4, signal: AbortSignal.timeout(10_000) });
 * console.log(error); // => 0
 * ```
 */
export async function learnKMeansAsync(sample: Embeddings, options: KMeansAsyncOptions): Promise<KMeans> {
  const { iterations = defaultIterations } = options;
  return runStepsAsync(kMeansSteps("learnKMeansAsync", sample, options), iterations, options);
}

function* kMeansSteps(caller: string, sample: Embeddings, options: KMeansOptions): Steps<KMeans> {
  const { clusters, iterations = defaultIterations } = options;
  const { pointsPerCentroid = defaultPointsPerCentroid, seed = defaultSeed } = options;
  requireEmbeddings(caller, "sample", sample);
  requirePositiveInteger(caller, "clusters", clusters);
  requireLearning(caller, { iterations, pointsPerCentroid, seed });
  if (sample.rows < clusters) {
    throw new RangeError(
      `${caller}: expected \`sample\` to have at least ${clusters} rows for as many clusters, got ${sample.rows}`,
    );
  }
  yield* requireFiniteEmbeddings(caller, "sample", sample);
  const random = createRandom(seed);
  const { data, rows, columns } = yield* sampleRows(sample, clusters * pointsPerCentroid, random);
  const slice = { data, stride: columns, offset: 0, rows, columns };
  const centroids = yield* seedCentroids(slice, clusters, random);
  yield* improveCentroids(slice, centroids, iterations);
  const error = yield* meanSquaredDistance(slice, centroids);
  return { centroids: { data: centroids, rows: clusters, columns }, error };
}

export function requireLearning(
  caller: string,
  {
    iterations,
    pointsPerCentroid,
    seed,
  }: Required<Pick<KMeansOptions, "iterations" | "pointsPerCentroid" | "seed">>,
): void {
  requirePositiveInteger(caller, "iterations", iterations);
  requirePositiveInteger(caller, "pointsPerCentroid", pointsPerCentroid);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`${caller}: expected \`seed\` to be a whole number, got ${seed}`);
  }
}
