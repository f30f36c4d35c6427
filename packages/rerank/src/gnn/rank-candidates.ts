import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { RowTask } from "../threads/method.ts";

/** Input of {@link rankCandidatesTask}. */
export interface RankCandidatesInput {
  readonly neighbors: Neighbors;
  /** A product for each place in the table of neighbors. */
  readonly products: Float64Array;
  readonly lambda: number;
}

/** Mixes products with the cosines and sorts the candidates of each query. */
export const rankCandidatesTask: RowTask<RankCandidatesInput, Neighbors> = {
  name: "rank propagated rows",
  run: ({ neighbors, products, lambda }, first, end) => {
    const { ids, scores: similarities, k } = neighbors;
    const result = emptyNeighbors(end - first, k);
    const scores = new Float64Array(k);
    for (let query = first; query < end; query++) {
      const start = query * k;
      for (let place = 0; place < k; place++) {
        if (ids[start + place]! < 0) continue;
        scores[place] = (1 - lambda) * products[start + place]! + lambda * similarities[start + place]!;
      }
      writeBest(result, query - first, ids.subarray(start, start + k), scores, k);
    }
    return result;
  },
};
