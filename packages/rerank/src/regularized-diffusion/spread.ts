import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors } from "../ranking.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";

/** One row of the diffused matrix per query. */
export interface SpreadInput {
  readonly affinities: SparseRows;
  readonly neighbors: Neighbors;
  readonly k: number;
  readonly alpha: number;
  readonly iterations: number;
}

/** Queries that go through the matrix together; each has its own sums, whatever the others are. */
export const blockWidth = 8;

export const spreadTask: RowTask<SpreadInput, Neighbors> = {
  name: "spread affinities",
  run: spread,
};

function spread(input: SpreadInput, first: number, end: number): Neighbors {
  const { affinities, neighbors, k, alpha, iterations } = input;
  const pool = affinities.starts.length - 1;
  const queries = neighbors.rows;
  const result = emptyNeighbors(end - first, k);
  const best = createBestScores(k);
  const most = Math.min(blockWidth, end - first);
  const values = new Float64Array(pool * most);
  const products = new Float64Array(pool * most);
  for (let start = first; start < end; start += blockWidth) {
    const width = Math.min(blockWidth, end - start);
    values.fill(0);
    for (let b = 0; b < width; b++) values[(start + b) * width + b] = 1;
    for (let iteration = 0; iteration < iterations; iteration++) {
      multiply(affinities, values, width, 1, products);
      multiply(affinities, products, width, alpha, values);
      for (let b = 0; b < width; b++) values[(start + b) * width + b]! += 1 - alpha;
    }
    for (let b = 0; b < width; b++) {
      for (let row = queries; row < pool; row++) {
        const score = values[row * width + b]!;
        if (score > 0) offer(best, row - queries, score);
      }
      const list = (start + b) * neighbors.k;
      writeBestScores(best, result, start + b - first, neighbors.ids.subarray(list, list + neighbors.k));
    }
  }
  return result;
}

/** Writes `factor` times the product of the matrix with `width` vectors, which stand side by side. */
function multiply(
  { starts, columns, values }: SparseRows,
  vectors: Float64Array,
  width: number,
  factor: number,
  products: Float64Array,
): void {
  for (let row = 0; row + 1 < starts.length; row++) {
    const to = row * width;
    const end = starts[row + 1]!;
    for (let b = 0; b < width; b++) products[to + b] = 0;
    for (let at = starts[row]!; at < end; at++) {
      const value = values[at]!;
      const from = columns[at]! * width;
      for (let b = 0; b < width; b++) products[to + b]! += value * vectors[from + b]!;
    }
    for (let b = 0; b < width; b++) products[to + b]! *= factor;
  }
}
