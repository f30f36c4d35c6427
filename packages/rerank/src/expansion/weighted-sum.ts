import type { Matrix } from "../matrix.ts";
import { type Method, overRows, type RowTask } from "../threads/method.ts";
import { dot } from "../vectors.ts";

/** A sum shorter than this has no direction left. */
const shortest = 1e-9;

/** Weights by the similarity of a row to its neighbor: `min(similarity / saturation, 1) ^ alpha`. */
export interface PowerWeights {
  readonly kind: "power";
  readonly ownWeight: number;
  readonly alpha: number;
  readonly saturation: number;
  /** Whether neighbors of negative similarity are left out. */
  readonly clamp: boolean;
}

/** Weights given as numbers: of the row itself, then of its neighbors by their place in the list. */
export interface TableWeights {
  readonly kind: "table";
  /** `1 + count` numbers for all rows (stride 0) or for each row (stride `1 + count`). */
  readonly table: Float64Array;
  readonly stride: number;
}

export type SumWeights = PowerWeights | TableWeights;

interface SumInput {
  readonly queries: Float32Array;
  readonly database: Float32Array;
  readonly columns: number;
  readonly ids: Int32Array;
  /** Ids per row, of which the first `count` are used; all, where they are fewer. */
  readonly k: number;
  readonly count: number;
  readonly weights: SumWeights;
  readonly normalize: boolean;
}

/** What is summed: each row of `queries` with the first `count` of its list. */
export interface WeightedSum {
  readonly queries: Matrix;
  readonly database: Matrix;
  readonly ids: Int32Array;
  readonly k: number;
  readonly count: number;
  readonly weights: SumWeights;
  readonly normalize: boolean;
}

export const weightedSumTask: RowTask<SumInput, Float32Array> = {
  name: "add neighbors",
  run: (input, first, end) => {
    const { queries, columns, weights, normalize } = input;
    const part = new Float32Array((end - first) * columns);
    const sum = new Float64Array(columns);
    const group = createGroup();
    for (let row = first; row < end; row++) {
      const start = row * columns;
      const own = weights.kind === "power" ? weights.ownWeight : weights.table[row * weights.stride]!;
      for (let i = 0; i < columns; i++) sum[i] = own * queries[start + i]!;
      addNeighbors(sum, input, row, group);
      const target = (row - first) * columns;
      if (!normalize) {
        part.set(sum, target);
        continue;
      }
      const length = Math.sqrt(dot(sum, 0, sum, 0, columns));
      if (length < shortest) part.set(queries.subarray(start, start + columns), target);
      else for (let i = 0; i < columns; i++) part[target + i] = sum[i]! / length;
    }
    return part;
  },
};

/** Four neighbors at a time: their rows are read together, and once more while they are near. */
interface Group {
  readonly starts: Float64Array;
  readonly shares: Float64Array;
}

const groupSize = 4;

function createGroup(): Group {
  return { starts: new Float64Array(groupSize), shares: new Float64Array(groupSize) };
}

/** Adds a row's neighbors one after another; a group that is not full is filled up with shares of 0. */
function addNeighbors(sum: Float64Array, input: SumInput, row: number, group: Group): void {
  const { database, columns, ids, k, count, weights } = input;
  const { starts, shares } = group;
  const length = Math.min(count, k);
  let filled = 0;
  for (let rank = 0; rank < length; rank++) {
    const id = ids[row * k + rank]!;
    if (id >= 0) {
      starts[filled] = id * columns;
      if (weights.kind === "table") shares[filled] = weights.table[row * weights.stride + 1 + rank]!;
      filled += 1;
    }
    if (filled === 0 || (filled < groupSize && rank < length - 1)) continue;
    starts.fill(starts[0]!, filled);
    if (weights.kind === "power") writePowers(input, weights, row, group);
    shares.fill(0, filled);
    addRows(sum, database, group);
    filled = 0;
  }
}

function writePowers(input: SumInput, weights: PowerWeights, row: number, { starts, shares }: Group): void {
  const { alpha, saturation, clamp } = weights;
  writeProducts(input, row, starts, shares);
  for (let i = 0; i < groupSize; i++) {
    const similarity = shares[i]!;
    if (clamp && similarity < 0) shares[i] = 0;
    // Rounding makes equal rows a little more similar than 1: without a saturation the power is of what it is.
    else if (saturation === 1) shares[i] = similarity ** alpha;
    else shares[i] = Math.min(similarity / saturation, 1) ** alpha;
  }
}

/** Inner products of a row with four rows, each summed in order. */
function writeProducts(input: SumInput, row: number, starts: Float64Array, products: Float64Array): void {
  const { queries, database, columns } = input;
  const own = row * columns;
  const a = starts[0]!;
  const b = starts[1]!;
  const c = starts[2]!;
  const d = starts[3]!;
  let toA = 0;
  let toB = 0;
  let toC = 0;
  let toD = 0;
  for (let i = 0; i < columns; i++) {
    const value = queries[own + i]!;
    toA += value * database[a + i]!;
    toB += value * database[b + i]!;
    toC += value * database[c + i]!;
    toD += value * database[d + i]!;
  }
  products[0] = toA;
  products[1] = toB;
  products[2] = toC;
  products[3] = toD;
}

function addRows(sum: Float64Array, rows: Float32Array, { starts, shares }: Group): void {
  const a = starts[0]!;
  const b = starts[1]!;
  const c = starts[2]!;
  const d = starts[3]!;
  const ofA = shares[0]!;
  const ofB = shares[1]!;
  const ofC = shares[2]!;
  const ofD = shares[3]!;
  for (let i = 0; i < sum.length; i++) {
    sum[i] = sum[i]! + ofA * rows[a + i]! + ofB * rows[b + i]! + ofC * rows[c + i]! + ofD * rows[d + i]!;
  }
}

/** Each row's weighted sum of itself and its neighbors. Sums are accumulated in double precision, in order. */
export function* weightedSums(what: WeightedSum): Method<Matrix> {
  const { queries, database, ids, k, count, weights, normalize } = what;
  const { rows, columns } = queries;
  const input = {
    queries: queries.data,
    database: database.data,
    columns,
    ids,
    k,
    count,
    weights,
    normalize,
  };
  const parts = yield* overRows(weightedSumTask, input, rows);
  return { data: joinRows(parts, rows * columns), rows, columns };
}

/** Puts rows below one another. */
export function joinRows(parts: readonly Float32Array[], size: number): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const data = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return data;
}
