import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";

/** Input of {@link scoreProductsTask}. */
export interface ProductsInput {
  readonly neighbors: Neighbors;
  /** Rows of the pool: those of the queries first. */
  readonly features: SparseRows;
  readonly transposed: SparseRows;
  readonly poolRows: number;
  readonly lambda: number;
}

/** Scores the candidates of each query by inner products of sparse rows, mixed with the cosines, and sorts them. */
export const scoreProductsTask: RowTask<ProductsInput, Neighbors> = {
  name: "score propagated rows",
  run: ({ neighbors, features, transposed, poolRows, lambda }, first, end) => {
    const { ids, scores: similarities, rows: queries, k } = neighbors;
    const result = emptyNeighbors(end - first, k);
    const products = new Float64Array(poolRows);
    const scores = new Float64Array(k);
    for (let query = first; query < end; query++) {
      products.fill(0);
      for (let i = features.starts[query]; i < features.starts[query + 1]; i++) {
        const own = features.values[i];
        const column = features.columns[i];
        const columnEnd = transposed.starts[column + 1];
        for (let at = transposed.starts[column]; at < columnEnd; at++) {
          products[transposed.columns[at]] += own * transposed.values[at];
        }
      }
      const start = query * k;
      for (let place = 0; place < k; place++) {
        const id = ids[start + place];
        if (id < 0) continue;
        scores[place] = (1 - lambda) * products[queries + id] + lambda * similarities[start + place];
      }
      writeBest(result, query - first, ids.subarray(start, start + k), scores, k);
    }
    return result;
  },
};
