import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";
import { distanceOf } from "./pool-distance.ts";

/** Input of {@link scoreJaccardTask}. */
export interface JaccardInput {
  readonly neighbors: Neighbors;
  /** Rows of the pool: those of the queries first. */
  readonly encoded: SparseRows;
  readonly transposed: SparseRows;
  readonly scales: Float64Array;
  readonly squared: boolean;
  readonly lambda: number;
}

/** Scores the candidates of each query by what its encoded row shares with theirs, and sorts them. */
export const scoreJaccardTask: RowTask<JaccardInput, Neighbors> = {
  name: "score reciprocal neighbors",
  run: ({ neighbors, encoded, transposed, scales, squared, lambda }, first, end) => {
    const { ids, scores: similarities, rows: queries, k } = neighbors;
    const result = emptyNeighbors(end - first, k);
    const shared = new Float64Array(scales.length);
    const touched = new Int32Array(scales.length);
    const scores = new Float64Array(k);
    for (let query = first; query < end; query++) {
      let touchedCount = 0;
      for (let i = encoded.starts[query]; i < encoded.starts[query + 1]; i++) {
        const own = encoded.values[i];
        const column = encoded.columns[i];
        const columnEnd = transposed.starts[column + 1];
        for (let at = transposed.starts[column]; at < columnEnd; at++) {
          const row = transposed.columns[at];
          const common = Math.min(own, transposed.values[at]);
          if (shared[row] === 0 && common > 0) touched[touchedCount++] = row;
          shared[row] += common;
        }
      }
      const start = query * k;
      for (let place = 0; place < k; place++) {
        const id = ids[start + place];
        if (id < 0) continue;
        const common = shared[queries + id];
        const distance = distanceOf(similarities[start + place], scales[query], squared);
        scores[place] = (1 - lambda) * (common / (2 - common)) + lambda * (1 - distance);
      }
      writeBest(result, query - first, ids.subarray(start, start + k), scores, k);
      for (let i = 0; i < touchedCount; i++) shared[touched[i]] = 0;
    }
    return result;
  },
};
