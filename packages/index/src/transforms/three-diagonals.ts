import type { Steps } from "../steps.ts";

/** What is left of a symmetric matrix after reflections from both sides. */
export interface ThreeDiagonals {
  readonly diagonal: Float64Array;
  /** Number `i` stands beside numbers `i` and `i + 1` of the diagonal; the last is 0. */
  readonly beside: Float64Array;
  /** One per reflection; 0 where there was nothing to reflect. */
  readonly factors: Float64Array;
}

/**
 * Reflects the matrix, column by column, to one with three diagonals. Reflection `k` is `I - factors[k] v v'`, and its
 * `v` takes the place of row `k` of the matrix from column `k + 1` on.
 */
export function* reduceToThreeDiagonals(matrix: Float64Array, size: number): Steps<ThreeDiagonals> {
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const factors = new Float64Array(size);
  // Reflection k changes the rest by - v w' - w v'; that is done together with the product of reflection k + 1.
  let v = new Float64Array(size);
  let w = new Float64Array(size);
  let nextV = new Float64Array(size);
  let nextW = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const start = k * size;
    for (let j = k; j < size; j++) matrix[start + j]! -= v[k]! * w[j]! + w[k]! * v[j]!;
    diagonal[k] = matrix[start + k]!;
    if (k === size - 1) break;

    const factor = reflection(matrix.subarray(start + k + 1, start + size), beside, k);
    factors[k] = factor;
    nextV.fill(0);
    nextV.set(matrix.subarray(start + k + 1, start + size), k + 1);
    nextW.fill(0);
    for (let i = k + 1; i < size; i++) updateAndMultiply(matrix, size, i, v, w, nextV, nextW);
    let inner = 0;
    for (let i = k + 1; i < size; i++) {
      nextW[i]! *= factor;
      inner += nextW[i]! * nextV[i]!;
    }
    for (let i = k + 1; i < size; i++) nextW[i]! -= (factor / 2) * inner * nextV[i]!;
    if (factor === 0) nextV.fill(0);
    [v, nextV] = [nextV, v];
    [w, nextW] = [nextW, w];
    yield 1;
  }
  yield 1;
  return { diagonal, beside, factors };
}

/** Turns `row` into the `v` whose reflection makes all but the row's first number zero. */
function reflection(row: Float64Array, beside: Float64Array, k: number): number {
  let rest = 0;
  for (let j = 1; j < row.length; j++) rest += row[j]! * row[j]!;
  const head = row[0]!;
  if (rest === 0) {
    beside[k] = head;
    return 0;
  }
  const length = Math.sqrt(rest + head * head);
  beside[k] = head > 0 ? -length : length;
  row[0] = head - beside[k]!;
  return 2 / (rest + row[0]! * row[0]!);
}

/** Subtracts row `i` of `v w' + w v'` from the upper triangle, and adds that row's share of `matrix * next` to `product`. */
function updateAndMultiply(
  matrix: Float64Array,
  size: number,
  i: number,
  v: Float64Array,
  w: Float64Array,
  next: Float64Array,
  product: Float64Array,
): void {
  const start = i * size;
  const vi = v[i]!;
  const wi = w[i]!;
  const ni = next[i]!;
  matrix[start + i]! -= 2 * vi * wi;
  let sum = matrix[start + i]! * ni;
  for (let j = i + 1; j < size; j++) {
    const value = matrix[start + j]! - vi * w[j]! - wi * v[j]!;
    matrix[start + j] = value;
    sum += value * next[j]!;
    product[j]! += value * ni;
  }
  product[i]! += sum;
}

/** Applies the reflections, last first, to each of `group` rows, so that they belong to the matrix as it was. */
export function* reflectBack(
  rows: Float64Array,
  size: number,
  group: number,
  reflections: Float64Array,
  factors: Float64Array,
): Steps<void> {
  for (let k = size - 2; k >= 0; k--) {
    if (factors[k] === 0) continue;
    for (let row = 0; row < group; row++) reflect(rows, row * size, size, reflections, k, factors[k]!);
    if (k % 256 === 0) yield 0;
  }
}

function reflect(
  rows: Float64Array,
  start: number,
  size: number,
  reflections: Float64Array,
  k: number,
  factor: number,
): void {
  const from = k * size;
  let even = 0;
  let odd = 0;
  let j = k + 1;
  for (; j + 1 < size; j += 2) {
    even += rows[start + j]! * reflections[from + j]!;
    odd += rows[start + j + 1]! * reflections[from + j + 1]!;
  }
  if (j < size) even += rows[start + j]! * reflections[from + j]!;
  const amount = factor * (even + odd);
  for (j = k + 1; j < size; j++) rows[start + j]! -= amount * reflections[from + j]!;
}
