// As in scikit-learn's QuantileTransformer: the mean of the interpolations from both sides, which differ where quantiles
// repeat, and bounds that its inverse transform could undo.

import type { Matrix, RunOptions } from "../matrix.ts";
import { requireMatrix, requirePositiveInteger } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import type { QuantileTransform } from "./learn-quantile-transform.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { recognitionProgram } from "./program.ts";
import { probabilityOf, requireFiniteMatrix } from "./quantile-parts.ts";

/**
 * Maps each column of a matrix to the normal distribution, by where its values lie among learned quantiles.
 *
 * ```text
 * u = (last part of quantiles at or below x + first part at or above x) / 2,  interpolated between quantiles
 * y = the x' that a standard normal number stays below with probability u, at least -5.1993 and at most 5.1993
 * ```
 *
 * Values within 1e-7 of the smallest quantile or below it give the lower bound, those within 1e-7 of the largest or
 * above it the upper one; in a column of one value all do, by the lower one. Rows do not have length 1 any more. Takes
 * no memory beside the result; the asynchronous form once more both matrices.
 *
 * @param transform - From {@link learnQuantileTransform}.
 * @param matrix - Rows of `transform.columns` numbers; not changed.
 * @returns A new matrix of the same shape. Computed in double precision, rounded to float32.
 * @throws RangeError if shapes do not fit, quantiles are not finite or do not ascend, or a value is not finite.
 *
 * @example
 * ```ts
 * import { applyQuantileTransform } from "@lmk/rerank/recognition";
 *
 * const transform = { columns: 1, quantileCount: 3, quantiles: Float64Array.of(0, 1, 5) };
 * const { data } = applyQuantileTransform(transform, { data: Float32Array.of(1, 3), rows: 2, columns: 1 });
 * console.log(data[0], data[1]?.toFixed(6)); // => 0 0.674490
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with out-of-domain samples, 2020}
 */
export function applyQuantileTransform(transform: QuantileTransform, matrix: Matrix): Matrix {
  return runMethod(apply("applyQuantileTransform", transform, matrix));
}

/** Maps columns to the normal distribution like {@link applyQuantileTransform}, in threads; rejects where that throws. */
export function applyQuantileTransformAsync(
  transform: QuantileTransform,
  matrix: Matrix,
  options: RunOptions = {},
): Promise<Matrix> {
  return runMethodAsync(
    "applyQuantileTransformAsync",
    apply("applyQuantileTransformAsync", transform, matrix),
    options,
    recognitionProgram,
  );
}

interface ApplyInput extends QuantileTransform {
  readonly data: Float32Array;
}

/** Rows that are mapped column by column, so that the quantiles of a column stay in cache meanwhile. */
const blockRows = 64;

/** Maps rows of a matrix. */
export const applyQuantilesTask: RowTask<ApplyInput, Float32Array> = {
  name: "apply quantiles",
  run: ({ data, columns, quantileCount, quantiles }, first, end) => {
    const mapped = new Float32Array((end - first) * columns);
    const probabilities = new Float64Array(quantileCount);
    for (let i = 0; i < quantileCount; i++) probabilities[i] = probabilityOf(i, quantileCount);
    const offset = first * columns;
    for (let blockStart = first; blockStart < end; blockStart += blockRows) {
      const blockEnd = Math.min(end, blockStart + blockRows) * columns;
      for (let column = 0; column < columns; column++) {
        const start = column * quantileCount;
        for (let at = blockStart * columns + column; at < blockEnd; at += columns) {
          mapped[at - offset] = mapValue(data[at]!, quantiles, start, probabilities);
        }
      }
    }
    return mapped;
  },
};

function* apply(caller: string, transform: QuantileTransform, matrix: Matrix): Method<Matrix> {
  requireTransform(caller, transform);
  requireMatrix(caller, "matrix", matrix);
  const { data, rows, columns } = matrix;
  if (columns !== transform.columns) {
    throw new RangeError(
      `${caller}: expected \`matrix\` to have \`transform.columns\` = ${transform.columns} columns, got ${columns}`,
    );
  }
  requireFiniteMatrix(caller, matrix);
  const { quantileCount, quantiles } = transform;
  const parts = yield* overRows(applyQuantilesTask, { data, columns, quantileCount, quantiles }, rows);
  if (parts.length === 1) return { data: parts[0]!, rows, columns };
  const mapped = new Float32Array(rows * columns);
  let start = 0;
  for (const part of parts) {
    mapped.set(part, start);
    start += part.length;
  }
  return { data: mapped, rows, columns };
}

/** Values nearer than this to the ends of the quantiles count as the ends themselves. */
const margin = 1e-7;

/** What a probability of 1e-7, less one step of a double at 1, has for quantile; and one of 1 minus that. */
const lowest = -5.199337582605575;
const highest = 5.19933758270342;

/** The normal number for a value, by the quantiles from `start`, one for each probability. */
function mapValue(
  value: number,
  quantiles: Float64Array,
  start: number,
  probabilities: Float64Array,
): number {
  const last = probabilities.length - 1;
  if (value - margin < quantiles[start]!) return lowest;
  if (value + margin > quantiles[start + last]!) return highest;
  // The last quantile at or below the value, which lies strictly between the first and the last one.
  let below = 0;
  let above = last;
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (quantiles[start + middle]! <= value) below = middle;
    else above = middle;
  }
  const low = quantiles[start + below]!;
  if (low === value) {
    // Of equal quantiles the mean of the first and the last.
    const first = firstAtLeast(value, quantiles, start, below);
    return bounded(0.5 * (probabilities[below]! + probabilities[first]!));
  }
  const rise = quantiles[start + above]! - low;
  const slope = (probabilities[above]! - probabilities[below]!) / rise;
  const upward = slope * (value - low) + probabilities[below]!;
  const downward = probabilities[above]! - slope * (quantiles[start + above]! - value);
  return bounded(0.5 * (upward + downward));
}

/** The first quantile, from `start`, that is not below the value; the one at `end` is not. */
function firstAtLeast(value: number, quantiles: Float64Array, start: number, end: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (quantiles[start + middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bounded(probability: number): number {
  return Math.min(highest, Math.max(lowest, normalQuantile(probability)));
}

function requireTransform(caller: string, { columns, quantileCount, quantiles }: QuantileTransform): void {
  requirePositiveInteger(caller, "transform.columns", columns);
  requirePositiveInteger(caller, "transform.quantileCount", quantileCount);
  if (quantiles.length !== columns * quantileCount) {
    throw new RangeError(
      `${caller}: expected \`transform.quantiles\` to hold ${columns} x ${quantileCount} = ${columns * quantileCount} numbers, got ${quantiles.length}`,
    );
  }
  for (let i = 0; i < quantiles.length; i++) {
    if (Number.isFinite(quantiles[i]!) && (i % quantileCount === 0 || quantiles[i]! >= quantiles[i - 1]!)) {
      continue;
    }
    throw new RangeError(
      `${caller}: expected \`transform.quantiles\` to be finite and to ascend, got ${quantiles[i]} in column ${Math.floor(i / quantileCount)}`,
    );
  }
}
