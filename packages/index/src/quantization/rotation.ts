import type { Matrix } from "../matrix.ts";
import { rowsPerStep, type Steps, uncounted } from "../steps.ts";
import { createRowProgram } from "../transforms/row-program.ts";
import { momentsOf } from "../transforms/sample.ts";
import { symmetricEigen } from "../transforms/symmetric-eigen.ts";
import { addTileProduct, createTiles, fillTilesWithColumns } from "../transforms/tiles.ts";
import { nearestRotation } from "./orthogonal.ts";

/** Added to variances, as a part of the largest, before their logarithm is taken. */
const smallestVariance = 1e-10;

/** Rows whose products are summed at a time. */
const chunkRows = 128;

/** Row `i` of the result is the rotation times row `i` of the matrix. */
export function* rotateRows(source: Matrix, rotation: Float32Array): Steps<Matrix> {
  const { rows, columns } = source;
  const offset = new Float64Array(columns);
  const matrix = Float64Array.from(rotation);
  const linear = { kind: "linear", inputColumns: columns, outputColumns: columns, matrix, offset } as const;
  const data = new Float32Array(rows * columns);
  const program = createRowProgram("rotateRows", "source", linear, columns);
  yield* uncounted(program.run(source, 0, data));
  return { data, rows, columns };
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

/**
 * The first rotation of Ge et al. (section 4): principal axes, dealt out so that the product of the variances is
 * about the same in every subspace.
 */
export function* balancedAxes(sample: Matrix, subspaces: number): Steps<Float32Array> {
  const { columns } = sample;
  const input = { caller: "balancedAxes", argument: "sample", columns, pick: () => true };
  const { products } = yield* uncounted(momentsOf(sample, input));
  const { values, vectors } = yield* uncounted(symmetricEigen(products, columns, columns));
  // Rounding may leave the variance of a direction without any just below 0.
  const variances = values.map((value) => Math.max(value, 0));
  const floor = variances[0]! * smallestVariance;
  const subColumns = columns / subspaces;
  const filled = new Int32Array(subspaces);
  const logs = new Float64Array(subspaces);
  const rotation = new Float32Array(columns * columns);
  for (let axis = 0; axis < columns; axis++) {
    const subspace = emptiest(filled, logs, subColumns);
    const target = (subspace * subColumns + filled[subspace]!) * columns;
    rotation.set(vectors.subarray(axis * columns, (axis + 1) * columns), target);
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

/** The rotation that brings the sample nearest to what its rotated rows are decoded to. */
export function* fitRotation(sample: Matrix, decoded: Matrix): Steps<Float32Array> {
  const product = yield* productOf(decoded, sample);
  return Float32Array.from(yield* nearestRotation(product, sample.columns));
}

/** `Aᵀ B`, in double precision. */
function* productOf(a: Matrix, b: Matrix): Steps<Float64Array> {
  const { rows, columns } = a;
  const left = createTiles(columns, chunkRows);
  const right = createTiles(columns, chunkRows);
  const width = left.count * 4;
  const wide = new Float64Array(width * width);
  const stepTiles = rowsPerStep(width * 4 * chunkRows);
  for (let first = 0; first < rows; first += chunkRows) {
    fillTilesWithColumns(left, a, first);
    fillTilesWithColumns(right, b, first);
    for (let i = 0; i < left.count; i++) {
      for (let j = 0; j < right.count; j++) {
        addTileProduct(left, i, right, j, wide, i * 4 * width + j * 4, width);
      }
      if (i % stepTiles === stepTiles - 1) yield 0;
    }
    yield 0;
  }
  const product = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) product.set(wide.subarray(i * width, i * width + columns), i * columns);
  return product;
}
