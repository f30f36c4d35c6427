import type { Steps } from "../steps.ts";
import { reduceToThreeDiagonals, reflectBack } from "./three-diagonals.ts";

/** The largest eigenvalues of a symmetric matrix and their eigenvectors. */
export interface SymmetricEigen {
  /** All eigenvalues, largest first. */
  readonly values: Float64Array;
  /** `count` x `size` numbers: row `i` is the eigenvector of `values[i]`, of length 1. */
  readonly vectors: Float64Array;
}

/** One sweep of plane rotations: rotation `t` mixes the coordinates `first + t` and `first + t + 1`. */
interface Sweep {
  readonly first: number;
  /** Cosine and sine of each rotation, in turn. */
  readonly rotations: Float64Array;
}

/** Rotations that are applied between two looks at the clock: some 10 ms of work. */
const rotationsPerStep = 500_000;
/** Far more than the one or two sweeps that an eigenvalue takes. */
const mostSweepsPerValue = 200;

/**
 * Eigenvalues and the first `count` eigenvectors of a symmetric matrix (Householder reduction to three diagonals,
 * then the implicit QL method; the rotations are kept and applied, last first, to the wanted vectors only).
 *
 * The sign of a vector is such that its component of largest magnitude, the first of several, is positive.
 *
 * The work is about `4/3 n³ + 5 n² count + 2 n² count` operations and `22 n² + 8 n count` bytes.
 *
 * @param matrix - `size` x `size` numbers, of which the upper triangle is read; it is overwritten.
 * @returns Yields 1 per column reduced and per vector found, 0 between.
 */
export function* symmetricEigen(matrix: Float64Array, size: number, count: number): Steps<SymmetricEigen> {
  // Keeps squares far from the limits of doubles.
  const scale = powerOfTwoNear(matrix) || 1;
  yield 0;
  for (let i = 0; i < matrix.length; i++) matrix[i]! /= scale;
  yield 0;

  const { diagonal, beside, factors } = yield* reduceToThreeDiagonals(matrix, size);
  const sweeps: Sweep[] = [];
  yield* diagonalize(diagonal, beside, sweeps);

  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j]! - diagonal[i]! || i - j);
  const values = Float64Array.from(order, (i) => diagonal[i]! * scale);
  const vectors = new Float64Array(count * size);
  for (let i = 0; i < count; i++) vectors[i * size + order[i]!] = 1;
  for (let first = 0; first < count; first += 4) {
    const group = Math.min(4, count - first);
    const rows = vectors.subarray(first * size, (first + group) * size);
    yield* rotateBack(rows, size, group, sweeps);
    yield* reflectBack(rows, size, group, matrix, factors);
    for (let i = 0; i < group; i++) fixSign(rows.subarray(i * size, (i + 1) * size));
    yield group;
  }
  return { values, vectors };
}

function powerOfTwoNear(matrix: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < matrix.length; i++) largest = Math.max(largest, Math.abs(matrix[i]!));
  return largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
}

/** Implicit QL with Wilkinson's shifts: `diagonal` becomes the eigenvalues, in no order; `sweeps` the rotations used. */
function* diagonalize(diagonal: Float64Array, beside: Float64Array, sweeps: Sweep[]): Steps<void> {
  const size = diagonal.length;
  for (let low = 0; low < size; low++) {
    let high = blockEnd(diagonal, beside, low);
    for (let tries = 0; high > low; tries++) {
      if (tries === mostSweepsPerValue) {
        throw new RangeError(
          `symmetricEigen: expected eigenvalue ${low} to be found in ${mostSweepsPerValue} sweeps`,
        );
      }
      sweeps.push(sweep(diagonal, beside, low, high));
      high = blockEnd(diagonal, beside, low);
    }
    if (low % 16 === 0) yield 0;
  }
}

/** The last index of the block from `low` on whose neighbors are joined by numbers that still count. */
function blockEnd(diagonal: Float64Array, beside: Float64Array, low: number): number {
  let high = low;
  while (high < diagonal.length - 1) {
    const size = Math.abs(diagonal[high]!) + Math.abs(diagonal[high + 1]!);
    if (Math.abs(beside[high]!) <= Number.EPSILON * size) break;
    if (beside[high]! * beside[high]! === 0) break;
    high++;
  }
  return high;
}

/** One sweep of rotations from `high` down to `low`, which chases the shift's bulge through the block. */
function sweep(diagonal: Float64Array, beside: Float64Array, low: number, high: number): Sweep {
  const slope = (diagonal[low + 1]! - diagonal[low]!) / (2 * beside[low]!);
  const root = Math.sqrt(slope * slope + 1);
  const shift = diagonal[low]! - beside[low]! / (slope < 0 ? slope - root : slope + root);
  const rotations = new Float64Array(2 * (high - low));
  let bulge = diagonal[high]! - shift;
  let cosine = 1;
  let sine = 1;
  let carried = 0;
  for (let i = high - 1; i >= low; i--) {
    const across = sine * beside[i]!;
    const along = cosine * beside[i]!;
    const length = Math.sqrt(across * across + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      // The block falls in two here; what is below waits for the next sweep.
      diagonal[i + 1]! -= carried;
      beside[high] = 0;
      return { first: i + 1, rotations: rotations.subarray(2 * (i + 1 - low)) };
    }
    sine = across / length;
    cosine = bulge / length;
    const above = diagonal[i + 1]! - carried;
    const turned = (diagonal[i]! - above) * sine + 2 * cosine * along;
    carried = sine * turned;
    diagonal[i + 1] = above + carried;
    bulge = cosine * turned - along;
    rotations[2 * (i - low)] = cosine;
    rotations[2 * (i - low) + 1] = sine;
  }
  diagonal[low]! -= carried;
  beside[low] = bulge;
  beside[high] = 0;
  return { first: low, rotations };
}

function* rotateBack(rows: Float64Array, size: number, group: number, sweeps: readonly Sweep[]): Steps<void> {
  let done = 0;
  for (let i = sweeps.length - 1; i >= 0; i--) {
    if (group === 4) rotateFour(rows, size, sweeps[i]!);
    else for (let row = 0; row < group; row++) rotateOne(rows, row * size, sweeps[i]!);
    done += sweeps[i]!.rotations.length;
    if (done > rotationsPerStep) {
      done = 0;
      yield 0;
    }
  }
}

function rotateOne(rows: Float64Array, start: number, { first, rotations }: Sweep): void {
  let at = start + first;
  let x = rows[at]!;
  for (let t = 0; t < rotations.length; t += 2) {
    const cosine = rotations[t]!;
    const sine = rotations[t + 1]!;
    const next = rows[at + 1]!;
    rows[at++] = cosine * x + sine * next;
    x = cosine * next - sine * x;
  }
  rows[at] = x;
}

/** As {@link rotateOne}, for four rows at a time, whose chains of sums do not wait for one another. */
function rotateFour(rows: Float64Array, size: number, { first, rotations }: Sweep): void {
  let at0 = first;
  let at1 = first + size;
  let at2 = first + 2 * size;
  let at3 = first + 3 * size;
  let x0 = rows[at0]!;
  let x1 = rows[at1]!;
  let x2 = rows[at2]!;
  let x3 = rows[at3]!;
  for (let t = 0; t < rotations.length; t += 2) {
    const cosine = rotations[t]!;
    const sine = rotations[t + 1]!;
    const next0 = rows[at0 + 1]!;
    const next1 = rows[at1 + 1]!;
    const next2 = rows[at2 + 1]!;
    const next3 = rows[at3 + 1]!;
    rows[at0++] = cosine * x0 + sine * next0;
    rows[at1++] = cosine * x1 + sine * next1;
    rows[at2++] = cosine * x2 + sine * next2;
    rows[at3++] = cosine * x3 + sine * next3;
    x0 = cosine * next0 - sine * x0;
    x1 = cosine * next1 - sine * x1;
    x2 = cosine * next2 - sine * x2;
    x3 = cosine * next3 - sine * x3;
  }
  rows[at0] = x0;
  rows[at1] = x1;
  rows[at2] = x2;
  rows[at3] = x3;
}

function fixSign(vector: Float64Array): void {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let i = 0; i < vector.length; i++) vector[i] = -vector[i]!;
}
