import { rowsPerStep, type Steps, stepWork } from "../steps.ts";
import { type ColumnSlice, createCentroids, nearestInto } from "./nearest.ts";

/** Rows per centroid among which the first centroids are sought. */
const seedingRows = 16;

/** What a row's call, minimum and draw cost beside its distance, in multiplications. */
const seedingOverhead = 16;

/** How far the halves of a split cluster are moved apart, as a part of their values. */
const splitBy = 1 / 1024;

/**
 * First centroids by k-means++ (Arthur and Vassilvitskii 2007): rows, each chosen with a chance that grows with
 * its squared distance to those chosen before.
 */
export function* seedCentroids(slice: ColumnSlice, count: number, random: () => number): Steps<Float32Array> {
  const { columns, data, offset, stride } = slice;
  const rows = Math.min(slice.rows, seedingRows * count);
  const starts = Float64Array.from({ length: rows }, (_, i) => {
    const row = Math.floor((i * slice.rows) / rows);
    return row * stride + offset;
  });
  const centroids = new Float32Array(count * columns);
  const distances = new Float64Array(rows).fill(Infinity);
  let chosen = Math.floor(random() * rows);
  let work = 0;
  for (let centroid = 0; centroid < count; centroid++) {
    const start = starts[chosen]!;
    const values = data.subarray(start, start + columns);
    centroids.set(values, centroid * columns);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const distance = squaredDistance(data, starts[i]!, values);
      if (distance < distances[i]!) distances[i] = distance;
      sum += distances[i]!;
    }
    chosen = sum > 0 ? drawByWeight(distances, sum, random) : Math.floor(random() * rows);
    work += rows * (columns + seedingOverhead);
    if (work >= stepWork) {
      work = 0;
      yield 0;
    }
  }
  return centroids;
}

/** Improves centroids in place until no row changes its cluster. Each iteration counts 1. */
export function* improveCentroids(
  slice: ColumnSlice,
  centroids: Float32Array,
  iterations: number,
): Steps<void> {
  const { rows } = slice;
  const before = new Int32Array(rows).fill(-1);
  const nearest = new Int32Array(rows);
  const distances = new Float64Array(rows);
  for (let iteration = 0; iteration < iterations; iteration++) {
    yield* assign(nearest, distances, slice, centroids);
    if (nearest.every((cluster, row) => cluster === before[row])) {
      yield iterations - iteration;
      return;
    }
    before.set(nearest);
    yield* moveCentroids(centroids, slice, nearest, distances, iteration < iterations - 1);
    yield 1;
  }
}

/** The mean squared distance of rows to their nearest centroid. */
export function* meanSquaredDistance(slice: ColumnSlice, centroids: Float32Array): Steps<number> {
  const distances = new Float64Array(slice.rows);
  yield* assign(new Int32Array(slice.rows), distances, slice, centroids);
  let sum = 0;
  for (const distance of distances) sum += distance;
  return sum / slice.rows;
}

function* assign(
  nearest: Int32Array,
  distances: Float64Array,
  slice: ColumnSlice,
  values: Float32Array,
): Steps<void> {
  const centroids = createCentroids(values, slice.columns);
  const stepRows = rowsPerStep(values.length);
  for (let first = 0; first < slice.rows; first += stepRows) {
    nearestInto(nearest, distances, slice, first, Math.min(slice.rows, first + stepRows), centroids);
    yield 0;
  }
}

/** Moves each centroid to the mean of its rows; a cluster without rows takes half of the largest one. */
function* moveCentroids(
  centroids: Float32Array,
  { columns, data, offset, rows, stride }: ColumnSlice,
  nearest: Int32Array,
  distances: Float64Array,
  split: boolean,
): Steps<void> {
  const count = centroids.length / columns;
  const sums = new Float64Array(centroids.length);
  const sizes = new Float64Array(count);
  const errors = new Float64Array(count);
  const stepRows = rowsPerStep(columns);
  for (let row = 0; row < rows; row++) {
    const cluster = nearest[row]!;
    const start = row * stride + offset;
    const target = cluster * columns;
    for (let i = 0; i < columns; i++) sums[target + i]! += data[start + i]!;
    sizes[cluster]! += 1;
    errors[cluster]! += distances[row]!;
    if (row % stepRows === stepRows - 1) yield 0;
  }
  for (let cluster = 0; cluster < count; cluster++) {
    if (sizes[cluster] === 0) continue;
    const start = cluster * columns;
    for (let i = start; i < start + columns; i++) centroids[i] = sums[i]! / sizes[cluster]!;
  }
  if (!split) return;
  for (let cluster = 0; cluster < count; cluster++) {
    if (sizes[cluster] === 0) splitLargest(centroids, columns, sizes, errors, cluster);
  }
}

/** Clusters whose rows are all alike are not split. */
function splitLargest(
  centroids: Float32Array,
  columns: number,
  sizes: Float64Array,
  errors: Float64Array,
  empty: number,
): void {
  let largest = -1;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    if (errors[cluster]! > 0 && (largest < 0 || sizes[cluster]! > sizes[largest]!)) largest = cluster;
  }
  if (largest < 0) return;
  for (let i = 0; i < columns; i++) {
    const value = centroids[largest * columns + i]!;
    const change = (i % 2 === 0 ? splitBy : -splitBy) * value;
    centroids[largest * columns + i] = value - change;
    centroids[empty * columns + i] = value + change;
  }
  sizes[empty] = sizes[largest]! / 2;
  sizes[largest]! /= 2;
  errors[empty] = errors[largest]! / 2;
  errors[largest]! /= 2;
}

function drawByWeight(weights: Float64Array, sum: number, random: () => number): number {
  let rest = random() * sum;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    rest -= weights[i]!;
    if (rest < 0) break;
  }
  return last;
}

function squaredDistance(data: Float32Array, start: number, values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = data[start + i]! - values[i]!;
    sum += difference * difference;
  }
  return sum;
}
