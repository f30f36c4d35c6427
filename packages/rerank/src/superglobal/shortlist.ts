// A product with a refined row is the average of the products with the rows that it averages. Only the few rows that the
// largest entries are taken of are refined in full.
import type { Matrix, Neighbors } from "../matrix.ts";
import { innerProducts } from "../products/inner-products.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { RowTask } from "../threads/method.ts";
import { dot } from "../vectors.ts";
import { type RefinedRows, refinedProducts, refineRows, writeLargest, writeRefined } from "./refined-rows.ts";

/** One shortlist per query. */
export interface ShortlistInput {
  readonly queries: Matrix;
  readonly database: Matrix;
  readonly neighbors: Neighbors;
  readonly depth: number;
  readonly neighborCount: number;
  readonly beta: number;
}

export const shortlistTask: RowTask<ShortlistInput, Neighbors> = {
  name: "rerank shortlists",
  run: rerankShortlists,
};

/** Rows whose products are computed at a time; those with earlier rows are known by then. */
const bandRows = 128;

function rerankShortlists(input: ShortlistInput, first: number, end: number): Neighbors {
  const { queries, database, neighbors, depth, neighborCount, beta } = input;
  const { k } = neighbors;
  const { columns } = database;
  const most = Math.min(depth, k);
  const ids = new Int32Array(most);
  const data = new Float32Array(most * columns);
  const products = new Float32Array(most * most);
  const result = emptyNeighbors(end - first, k);
  for (let row = first; row < end; row++) {
    let count = 0;
    let at = row * k;
    const stop = at + k;
    for (; at < stop && count < most; at++) {
      const id = neighbors.ids[at]!;
      if (id < 0) continue;
      ids[count] = id;
      data.set(database.data.subarray(id * columns, (id + 1) * columns), count * columns);
      count += 1;
    }
    if (count === 0) continue;
    writeProducts({ data: data.subarray(0, count * columns), rows: count, columns }, products);
    const refined = refineRows(products, count, Math.min(neighborCount + 1, count), beta);
    const query = queries.data.subarray(row * columns, (row + 1) * columns);
    writeBest(result, row - first, ids, scoresOf(query, refined, data, columns), count);
    writeTail(result, row - first, count, neighbors, at, stop);
  }
  return result;
}

/** The mean of the products of each refined row with the query and with the largest entries of the rows closest to it. */
function scoresOf(
  query: Float32Array,
  refined: RefinedRows,
  data: Float32Array,
  columns: number,
): Float64Array {
  const { width } = refined;
  const scores = refinedProducts(refined, productsWith(query, refined, data, columns));
  const closest = new Int32Array(width);
  writeLargest(scores, 0, scores.length, width, closest, 0);
  const largest = new Float64Array(columns).fill(-Infinity);
  const row = new Float64Array(columns);
  for (let i = 0; i < width; i++) {
    writeRefined(refined, closest[i]!, data, columns, row);
    for (let column = 0; column < columns; column++) {
      if (row[column]! > largest[column]!) largest[column] = row[column]!;
    }
  }
  const others = refinedProducts(refined, productsWith(largest, refined, data, columns));
  for (let i = 0; i < scores.length; i++) scores[i] = (scores[i]! + others[i]!) / 2;
  return scores;
}

function productsWith(
  vector: Float32Array | Float64Array,
  { width, places }: RefinedRows,
  data: Float32Array,
  columns: number,
): Float64Array {
  const products = new Float64Array(places.length / width);
  for (let i = 0; i < products.length; i++) products[i] = dot(vector, 0, data, i * columns, columns);
  return products;
}

/** Products of all rows with one another; each pair is computed once, but within a band. */
function writeProducts(matrix: Matrix, products: Float32Array): void {
  const { data, rows, columns } = matrix;
  for (let start = 0; start < rows; start += bandRows) {
    const height = Math.min(bandRows, rows - start);
    const width = rows - start;
    const rest = { data: data.subarray(start * columns), rows: width, columns };
    const band = { data: rest.data.subarray(0, height * columns), rows: height, columns };
    const block = innerProducts(band, rest);
    for (let i = 0; i < height; i++) {
      const row = start + i;
      products.set(block.subarray(i * width, (i + 1) * width), row * rows + start);
      for (let j = height; j < width; j++) products[(start + j) * rows + row] = block[i * width + j]!;
    }
  }
}

/** The rest of a list behind its reranked part; no score there may be above the last of that part. */
function writeTail(
  target: Neighbors,
  row: number,
  count: number,
  neighbors: Neighbors,
  first: number,
  stop: number,
): void {
  let to = row * target.k + count;
  const highest = target.scores[to - 1]!;
  for (let at = first; at < stop; at++) {
    if (neighbors.ids[at]! < 0) continue;
    target.ids[to] = neighbors.ids[at]!;
    target.scores[to] = Math.min(highest, neighbors.scores[at]!);
    to += 1;
  }
}
