import type { DiffusionMatrix } from "./diffusion-matrix.ts";
import { tridiagonalEigen } from "./tridiagonal.ts";

/** The largest eigenvalues of a component, descending, and their eigenvectors, one after the other. */
export interface Eigenpairs {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Below this the vectors found so far span all that the matrix makes of them. Eigenvalues are from -1 to 1. */
const breakdown = 1e-10;

/** How many vectors {@link largestEigenpairs} spans for so many eigenpairs of a component of `size` rows. */
export function lanczosSteps(size: number, rank: number): number {
  return Math.min(size, 3 * rank + 100);
}

/**
 * Lanczos' method with full reorthogonalisation; where it breaks down, which repeated eigenvalues cause, it goes on
 * with another random vector. With as many steps as rows the result is the full decomposition. It starts from the
 * eigenvector that is known, of the eigenvalue 1: the square roots of the degrees.
 *
 * @param members - The rows of one component.
 * @param places - For each row of the matrix its place among the members of its component.
 */
export function largestEigenpairs(
  matrix: DiffusionMatrix,
  members: Int32Array,
  places: Int32Array,
  rank: number,
  random: () => number,
): Eigenpairs {
  const size = members.length;
  const steps = lanczosSteps(size, rank);
  const basis = new Float64Array(steps * size);
  const diagonal = new Float64Array(steps);
  const beside = new Float64Array(steps);
  const vector = new Float64Array(size);
  startVector(vector, matrix, members);
  for (let j = 0; j < steps; j++) {
    basis.set(vector, j * size);
    diagonal[j] = multiply(matrix, members, places, basis, j, vector);
    if (j + 1 === steps) break;
    orthogonalize(vector, basis, j + 1);
    const length = orthogonalize(vector, basis, j + 1);
    if (length > breakdown) {
      beside[j] = length;
      for (let i = 0; i < size; i++) vector[i]! /= length;
    } else {
      drawVector(vector, basis, j + 1, random);
    }
  }
  const { values, vectors } = tridiagonalEigen(diagonal, beside);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  const count = Math.min(rank, steps);
  const result = { values: new Float64Array(count), vectors: new Float64Array(count * size) };
  for (let pair = 0; pair < count; pair++) {
    const from = order[pair]! * steps;
    result.values[pair] = values[order[pair]!]!;
    for (let j = 0; j < steps; j++) {
      const weight = vectors[from + j]!;
      for (let i = 0; i < size; i++) result.vectors[pair * size + i]! += weight * basis[j * size + i]!;
    }
  }
  return result;
}

function startVector(vector: Float64Array, { degrees }: DiffusionMatrix, members: Int32Array): void {
  let sum = 0;
  for (let i = 0; i < members.length; i++) sum += degrees[members[i]!]!;
  for (let i = 0; i < members.length; i++) vector[i] = Math.sqrt(degrees[members[i]!]! / sum);
}

/** A random vector of length 1, orthogonal to the first `count` of the basis, of which there are fewer than rows. */
function drawVector(vector: Float64Array, basis: Float64Array, count: number, random: () => number): void {
  let length = 0;
  while (length < 1e-6) {
    let square = 0;
    for (let i = 0; i < vector.length; i++) {
      vector[i] = random() - 0.5;
      square += vector[i]! * vector[i]!;
    }
    for (let i = 0; i < vector.length; i++) vector[i]! /= Math.sqrt(square);
    orthogonalize(vector, basis, count);
    length = orthogonalize(vector, basis, count);
  }
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
}

/** Takes the parts along the first `count` vectors of the basis away; gives the length that is left. */
function orthogonalize(vector: Float64Array, basis: Float64Array, count: number): number {
  const size = vector.length;
  for (let j = 0; j < count; j++) {
    const start = j * size;
    let product = 0;
    for (let i = 0; i < size; i++) product += vector[i]! * basis[start + i]!;
    for (let i = 0; i < size; i++) vector[i]! -= product * basis[start + i]!;
  }
  let square = 0;
  for (let i = 0; i < size; i++) square += vector[i]! * vector[i]!;
  return Math.sqrt(square);
}

/** The matrix times vector `j` of the basis; gives the inner product of both. */
function multiply(
  { starts, columns, values }: DiffusionMatrix,
  members: Int32Array,
  places: Int32Array,
  basis: Float64Array,
  j: number,
  product: Float64Array,
): number {
  const start = j * members.length;
  let total = 0;
  for (let i = 0; i < members.length; i++) {
    const row = members[i]!;
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      sum += values[at]! * basis[start + places[columns[at]!]!]!;
    }
    product[i] = sum;
    total += sum * basis[start + i]!;
  }
  return total;
}
