import type { RunOptions } from "../matrix.ts";
import { createRandom } from "../random.ts";
import { requirePositiveInteger } from "../require.ts";
import { createPacer, runSteps, type Steps } from "../steps.ts";
import type { LinearTransform } from "./transform.ts";

/** Columns that are worked on together, so that they stay in the cache. */
const panelColumns = 32;

/** Options of {@link randomRotation}. */
export interface RandomRotationOptions {
  /**
   * Chooses the matrix: the same seed, the same matrix.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
}

/**
 * A random orthogonal matrix, each as likely as any other (Haar's measure): it keeps lengths, distances and inner
 * products, and spreads what sits in a few columns over all. It may also mirror.
 *
 * It is the orthogonal factor of a QR decomposition of normally distributed numbers, made as a product of
 * `columns` reflections (Stewart 1980), in double precision: about `4/3 columns³` operations and `16 columns²` bytes.
 *
 * @param columns - Columns of the rows it is for.
 * @returns A square transform without offset.
 * @throws RangeError if `columns` is not a positive integer or `seed` not a whole number.
 *
 * @example
 * ```ts
 * import { applyTransform, randomRotation } from "@lmk/index/transforms";
 *
 * const { data } = applyTransform(randomRotation(2), { data: Float32Array.of(3, 4), rows: 1, columns: 2 });
 * console.log(Math.hypot(...data).toFixed(5)); // => 5.00000
 * ```
 *
 * @see {@link https://doi.org/10.1137/0717034 | Stewart 1980}
 */
export function randomRotation(columns: number, options: RandomRotationOptions = {}): LinearTransform {
  return runSteps(rotationSteps("randomRotation", columns, options));
}

/**
 * As {@link randomRotation}, the same numbers, without blocking the thread for more than some 50 ms. Progress counts
 * columns.
 *
 * @throws RangeError as {@link randomRotation}; the signal's reason where it ends the call.
 *
 * @example
 * ```ts
 * import { randomRotationAsync } from "@lmk/index/transforms";
 *
 * console.log((await randomRotationAsync(4, { seed: 7 })).matrix.length); // => 16
 * ```
 */
export async function randomRotationAsync(
  columns: number,
  options: RandomRotationOptions & RunOptions = {},
): Promise<LinearTransform> {
  const pacer = createPacer(options, columns);
  const rotation = await pacer.run(rotationSteps("randomRotationAsync", columns, options));
  pacer.finish();
  return rotation;
}

function* rotationSteps(
  caller: string,
  columns: number,
  options: RandomRotationOptions,
): Steps<LinearTransform> {
  const { seed = 0 } = options;
  requirePositiveInteger(caller, "columns", columns);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`${caller}: expected \`seed\` to be a whole number, got ${seed}`);
  }
  const { directions, signs } = yield* randomDirections(columns, seed);
  const matrix = new Float64Array(columns * columns);
  for (let start = 0; start < columns; start += panelColumns) {
    const end = Math.min(start + panelColumns, columns);
    yield* fillPanel(matrix, columns, start, end, directions, signs);
    yield end - start;
  }
  const offset = new Float64Array(columns);
  return { kind: "linear", inputColumns: columns, outputColumns: columns, matrix, offset };
}

/**
 * Row `k` holds, from column `k` on, the unit vector `v` of the reflection `I - 2 v v'` that takes the `k`-th axis to
 * `-signs[k]` times a uniformly random direction among the axes from `k` on.
 */
function* randomDirections(
  columns: number,
  seed: number,
): Steps<{ readonly directions: Float64Array; readonly signs: Float64Array }> {
  const normal = createNormal(createRandom(seed));
  const directions = new Float64Array(columns * columns);
  const signs = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    const v = directions.subarray(k * columns, (k + 1) * columns);
    for (let i = k; i < columns; i++) v[i] = normal();
    signs[k] = v[k]! < 0 ? -1 : 1;
    v[k]! += signs[k]! * lengthOf(v);
    const length = lengthOf(v);
    for (let i = k; i < columns; i++) v[i]! /= length;
    yield 0;
  }
  return { directions, signs };
}

function lengthOf(v: Float64Array): number {
  let square = 0;
  for (let i = 0; i < v.length; i++) square += v[i]! * v[i]!;
  return Math.sqrt(square);
}

/**
 * Columns `start` to `end` of the product of all reflections: each reflection, last first, puts a random direction
 * beside an orthogonal block of one column less.
 */
function* fillPanel(
  matrix: Float64Array,
  columns: number,
  start: number,
  end: number,
  directions: Float64Array,
  signs: Float64Array,
): Steps<void> {
  const sums = new Float64Array(panelColumns);
  for (let k = end - 1; k >= 0; k--) {
    if (k >= start) matrix[k * columns + k] = -signs[k]!;
    reflectPanel(matrix, columns, k, Math.max(start, k), end, directions, sums);
    if (k % 32 === 0) yield 0;
  }
}

function reflectPanel(
  matrix: Float64Array,
  columns: number,
  k: number,
  start: number,
  end: number,
  directions: Float64Array,
  sums: Float64Array,
): void {
  const width = end - start;
  const from = k * columns;
  sums.fill(0);
  for (let i = k; i < columns; i++) {
    const weight = 2 * directions[from + i]!;
    const row = i * columns + start;
    for (let j = 0; j < width; j++) sums[j]! += weight * matrix[row + j]!;
  }
  for (let i = k; i < columns; i++) {
    const weight = directions[from + i]!;
    const row = i * columns + start;
    for (let j = 0; j < width; j++) matrix[row + j]! -= weight * sums[j]!;
  }
}

/** Normally distributed numbers of mean 0 and variance 1 (Box & Muller 1958). */
function createNormal(random: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
