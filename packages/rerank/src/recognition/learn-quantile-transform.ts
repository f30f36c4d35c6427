// Equal to scikit-learn's QuantileTransformer with normal output on float64 input (its float32 input is worked on in
// float32): the same interpolation of quantiles, the mean of both directions where values repeat, the same bounds.
// Where rows are sampled the sample is another: numpy's random numbers are not repeated here.

import type { Matrix, RunOptions } from "../matrix.ts";
import { createRandom } from "../random.ts";
import { requireMatrix, requirePositiveInteger } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { recognitionProgram } from "./program.ts";
import { probabilityOf, requireFiniteMatrix } from "./quantile-parts.ts";

/** Maps each column of a matrix to a normal distribution; plain data, made by {@link learnQuantileTransform}. */
export interface QuantileTransform {
  readonly columns: number;
  /** Quantiles per column, at even steps from the smallest value to the largest. */
  readonly quantileCount: number;
  /** Column by column, ascending: those of column `c` start at `c * quantileCount`. */
  readonly quantiles: Float64Array;
}

/** Options of {@link learnQuantileTransform}. */
export interface LearnQuantileTransformOptions {
  /**
   * Quantiles per column; as many as there are rows if those are fewer.
   *
   * @defaultValue 1000, as in scikit-learn
   */
  readonly quantileCount?: number;
  /**
   * Most rows to learn from, at least `quantileCount`. Of more rows so many are drawn at random; of no more than that
   * all are used and the result is exact.
   *
   * @defaultValue 100000, as in scikit-learn when the 2020 winners used it; from 1.3 on it takes 10000
   */
  readonly sampleRows?: number;
  /**
   * Decides which rows are drawn.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
}

/**
 * Learns for each column the quantiles of its values, by which {@link applyQuantileTransform} makes it normal.
 *
 * The 2020 recognition winners learn it on the embeddings of the queries, of all models side by side and each of length
 * 1, and apply it to queries, gallery and images without a landmark: vectors get a like scale in all dimensions.
 * Quantiles between two values are interpolated. Takes at most `12 rows` bytes beside the result of `8 columns
 * quantileCount`; the asynchronous form once more the matrix, shared by its threads, and `4 rows` bytes per thread.
 *
 * @param matrix - One row or more.
 * @throws RangeError if `matrix` has no row, a wrong shape or a value that is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { applyQuantileTransform, learnQuantileTransform } from "@lmk/rerank/recognition";
 *
 * const queries = { data: Float32Array.of(1, 2, 4, 8, 90), rows: 5, columns: 1 };
 * const transform = learnQuantileTransform(queries);
 * console.log([...applyQuantileTransform(transform, queries).data].map((value) => value.toFixed(3)));
 * // => [ '-5.199', '-0.674', '0.000', '0.674', '5.199' ]
 * ```
 *
 * @see {@link https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.QuantileTransformer.html | scikit-learn: QuantileTransformer}
 */
export function learnQuantileTransform(
  matrix: Matrix,
  options: LearnQuantileTransformOptions = {},
): QuantileTransform {
  return runMethod(learn("learnQuantileTransform", matrix, options));
}

/** Learns the quantiles of columns like {@link learnQuantileTransform}, in threads; rejects where that throws. */
export function learnQuantileTransformAsync(
  matrix: Matrix,
  options: LearnQuantileTransformOptions & RunOptions = {},
): Promise<QuantileTransform> {
  return runMethodAsync(
    "learnQuantileTransformAsync",
    learn("learnQuantileTransformAsync", matrix, options),
    options,
    recognitionProgram,
  );
}

interface LearnInput {
  readonly data: Float32Array;
  readonly columns: number;
  readonly quantileCount: number;
  /** The rows to learn from. */
  readonly sample: Int32Array;
}

/** Quantiles of columns: the rows of this work are columns of the matrix. */
export const learnQuantilesTask: RowTask<LearnInput, Float64Array> = {
  name: "learn quantiles",
  run: ({ data, columns, quantileCount, sample }, first, end) => {
    const rows = sample.length;
    const values = new Float32Array(rows);
    const quantiles = new Float64Array((end - first) * quantileCount);
    for (let column = first; column < end; column++) {
      for (let i = 0; i < rows; i++) values[i] = data[sample[i]! * columns + column]!;
      values.sort();
      const start = (column - first) * quantileCount;
      for (let i = 0; i < quantileCount; i++) {
        const place = ((probabilityOf(i, quantileCount) * 100) / 100) * (rows - 1);
        const below = Math.floor(place);
        const low = values[below]!;
        const high = values[Math.min(below + 1, rows - 1)]!;
        const part = place - below;
        quantiles[start + i] = part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
      }
    }
    return quantiles;
  },
};

function* learn(
  caller: string,
  matrix: Matrix,
  options: LearnQuantileTransformOptions,
): Method<QuantileTransform> {
  const { quantileCount: wanted = 1000, sampleRows = 100_000, seed = 0 } = options;
  requireMatrix(caller, "matrix", matrix);
  const { data, rows, columns } = matrix;
  requirePositiveInteger(caller, "matrix.rows", rows);
  requireFiniteMatrix(caller, matrix);
  requirePositiveInteger(caller, "quantileCount", wanted);
  if (!(Number.isInteger(sampleRows) && sampleRows >= wanted)) {
    throw new RangeError(
      `${caller}: expected \`sampleRows\` to be a whole number of at least \`quantileCount\` = ${wanted}, got ${sampleRows}`,
    );
  }
  const quantileCount = Math.min(wanted, rows);
  const sample = drawRows(rows, sampleRows, seed);
  const parts = yield* overRows(learnQuantilesTask, { data, columns, quantileCount, sample }, columns);
  const quantiles = new Float64Array(columns * quantileCount);
  let start = 0;
  for (const part of parts) {
    quantiles.set(part, start);
    start += part.length;
  }
  return { columns, quantileCount, quantiles };
}

/** At most `count` rows of `rows`, each at most once, ascending only where all are taken. */
function drawRows(rows: number, count: number, seed: number): Int32Array {
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  if (rows <= count) return order;
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random() * (rows - i));
    const row = order[other]!;
    order[other] = order[i]!;
    order[i] = row;
  }
  return order.slice(0, count);
}
