import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";
import { distanceOf } from "./pool-distance.ts";

/** Input of {@link scoreStmlTask}. */
export interface StmlInput {
  readonly neighbors: Neighbors;
  /** The k-reciprocal set of each pool row; the values are not read. */
  readonly sets: SparseRows;
  readonly transposedSets: SparseRows;
  /** For each pool row the mean, over its nearest, of sets with values 1 / size. */
  readonly averages: SparseRows;
  readonly transposedAverages: SparseRows;
  readonly scales: Float64Array;
  readonly squared: boolean;
  readonly sigma: number;
}

/** Scores the candidates of each query by pairwise and contextual similarity, and sorts them. */
export const scoreStmlTask: RowTask<StmlInput, Neighbors> = {
  name: "score contextual similarity",
  run: (input, first, end) => {
    const { neighbors, scales, squared, sigma } = input;
    const { ids, scores: similarities, rows: queries, k } = neighbors;
    const result = emptyNeighbors(end - first, k);
    // What is added is above 0: a sum of 0 says that the row is new.
    const contextual = new Float64Array(scales.length);
    const touched = new Int32Array(scales.length);
    const scores = new Float64Array(k);
    for (let query = first; query < end; query++) {
      let count = addForward(input.averages, input.transposedSets, query, contextual, touched);
      count = addBackward(input.sets, input.transposedAverages, query, contextual, touched, count);
      const start = query * k;
      for (let place = 0; place < k; place++) {
        const id = ids[start + place];
        if (id < 0) continue;
        const distance = distanceOf(similarities[start + place], scales[query], squared);
        scores[place] = (Math.exp(-distance / sigma) + contextual[queries + id] / 2) / 2;
      }
      for (let i = 0; i < count; i++) contextual[touched[i]] = 0;
      writeBest(result, query - first, ids.subarray(start, start + k), scores, k);
    }
    return result;
  },
};

/** Adds W(query, j) for all rows j: the averages of the query, in the sets of j. Gives how many rows it met. */
function addForward(
  averages: SparseRows,
  sets: SparseRows,
  query: number,
  sums: Float64Array,
  touched: Int32Array,
): number {
  let count = 0;
  for (let i = averages.starts[query]; i < averages.starts[query + 1]; i++) {
    const value = averages.values[i];
    const column = averages.columns[i];
    const end = sets.starts[column + 1];
    for (let at = sets.starts[column]; at < end; at++) {
      const row = sets.columns[at];
      if (sums[row] === 0) touched[count++] = row;
      sums[row] += value;
    }
  }
  return count;
}

/** Adds W(j, query) for all rows j: the averages of j, in the set of the query. Gives how many rows are met by now. */
function addBackward(
  sets: SparseRows,
  averages: SparseRows,
  query: number,
  sums: Float64Array,
  touched: Int32Array,
  met: number,
): number {
  let count = met;
  for (let i = sets.starts[query]; i < sets.starts[query + 1]; i++) {
    const column = sets.columns[i];
    const end = averages.starts[column + 1];
    for (let at = averages.starts[column]; at < end; at++) {
      const row = averages.columns[at];
      if (sums[row] === 0) touched[count++] = row;
      sums[row] += averages.values[at];
    }
  }
  return count;
}
