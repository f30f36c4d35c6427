import type { Matrix } from "../matrix.ts";
import { nearestRotation, orthogonalizeRows } from "./orthogonal.ts";
import { rowsPerStep, type Steps } from "./steps.ts";

/** Added to variances, as a part of the largest, before their logarithm is taken. */
const smallestVariance = 1e-10;

/** Row `i` of the result is the rotation times row `i` of the matrix. */
export function* rotateRows({ data, rows, columns }: Matrix, rotation: Float32Array): Steps<Matrix> {
  const rotated = new Float32Array(rows * columns);
  const stepRows = rowsPerStep(columns * columns);
  for (let row = 0; row < rows; row++) {
    rotateInto(rotated, data, row * columns, rotation, columns);
    if (row % stepRows === stepRows - 1) yield 0;
  }
  return { data: rotated, rows, columns };
}

/** Undoes {@link rotateRows}, into `target`. */
export function unrotateInto(
  target: Float32Array,
  source: Float32Array,
  rotation: Float32Array,
  columns: number,
): void {
  const sums = new Float64Array(columns);
  for (let start = 0; start < source.length; start += columns) {
    sums.fill(0);
    for (let i = 0; i < columns; i++) {
      const value = source[start + i]!;
      for (let j = 0; j < columns; j++) sums[j]! += value * rotation[i * columns + j]!;
    }
    target.set(sums, start);
  }
}

function rotateInto(
  target: Float32Array,
  source: Float32Array,
  start: number,
  rotation: Float32Array,
  columns: number,
): void {
  let at = 0;
  for (let i = 0; i < columns; i++) {
    let even = 0;
    let odd = 0;
    let j = 0;
    for (; j + 1 < columns; j += 2) {
      even += source[start + j]! * rotation[at + j]!;
      odd += source[start + j + 1]! * rotation[at + j + 1]!;
    }
    if (j < columns) even += source[start + j]! * rotation[at + j]!;
    target[start + i] = even + odd;
    at += columns;
  }
}

/**
 * The first rotation of Ge et al. (section 4): principal axes, dealt out so that the product of the variances is
 * about the same in every subspace.
 */
export function* balancedAxes(sample: Matrix, subspaces: number): Steps<Float32Array> {
  const { columns } = sample;
  const covariance = yield* covarianceOf(sample);
  const { rows, turn } = yield* orthogonalizeRows(covariance, columns);
  const variances = Float64Array.from({ length: columns }, (_, row) => {
    return Math.hypot(...rows.subarray(row * columns, (row + 1) * columns));
  });
  const order = Array.from(variances.keys()).sort((a, b) => variances[b]! - variances[a]! || a - b);
  const floor = variances[order[0]!]! * smallestVariance;
  const subColumns = columns / subspaces;
  const filled = new Int32Array(subspaces);
  const logs = new Float64Array(subspaces);
  const rotation = new Float32Array(columns * columns);
  for (const axis of order) {
    const subspace = emptiest(filled, logs, subColumns);
    const target = (subspace * subColumns + filled[subspace]!) * columns;
    rotation.set(turn.subarray(axis * columns, (axis + 1) * columns), target);
    filled[subspace]! += 1;
    // Relative to the smallest, so that each axis makes its subspace fuller.
    logs[subspace]! += floor === 0 ? 1 : Math.log((variances[axis]! + floor) / floor);
  }
  return rotation;
}

function emptiest(filled: Int32Array, logs: Float64Array, subColumns: number): number {
  let best = -1;
  for (let subspace = 0; subspace < filled.length; subspace++) {
    if (filled[subspace]! < subColumns && (best < 0 || logs[subspace]! < logs[best]!)) best = subspace;
  }
  return best;
}

function* covarianceOf(sample: Matrix): Steps<Float64Array> {
  const { data, rows, columns } = sample;
  const means = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) means[i % columns]! += data[i]! / rows;
  const centered = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) centered[i] = data[i]! - means[i % columns]!;
  return yield* productOf({ data: centered, rows, columns }, { data: centered, rows, columns });
}

/** The rotation that brings the sample nearest to what its rotated rows are decoded to. */
export function* fitRotation(sample: Matrix, decoded: Matrix): Steps<Float32Array> {
  const { columns } = sample;
  return Float32Array.from(yield* nearestRotation(yield* productOf(decoded, sample), columns));
}

/** `Aᵀ B`, in double precision. */
function* productOf(a: Matrix, b: Matrix): Steps<Float64Array> {
  const { rows, columns } = a;
  const product = new Float64Array(columns * columns);
  const stepRows = 4 * rowsPerStep(4 * columns * columns);
  for (let row = 0; row < rows; row += 4) {
    addFourRows(product, a.data, b.data, row * columns, Math.min(4, rows - row), columns);
    if (row % stepRows === 0) yield 0;
  }
  return product;
}

function addFourRows(
  product: Float64Array,
  a: Float32Array,
  b: Float32Array,
  start: number,
  count: number,
  columns: number,
): void {
  const start1 = start + columns;
  const start2 = start + 2 * columns;
  const start3 = start + 3 * columns;
  for (let i = 0; i < columns; i++) {
    const a0 = a[start + i]!;
    const a1 = count > 1 ? a[start1 + i]! : 0;
    const a2 = count > 2 ? a[start2 + i]! : 0;
    const a3 = count > 3 ? a[start3 + i]! : 0;
    const target = i * columns;
    for (let j = 0; j < columns; j++) {
      const b1 = count > 1 ? b[start1 + j]! : 0;
      const b2 = count > 2 ? b[start2 + j]! : 0;
      const b3 = count > 3 ? b[start3 + j]! : 0;
      product[target + j]! += a0 * b[start + j]! + a1 * b1 + a2 * b2 + a3 * b3;
    }
  }
}
