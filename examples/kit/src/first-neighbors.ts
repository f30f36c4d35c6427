import type { Neighbors } from "@lmk/index";

/** The first neighbors of each list; the lists as they are where none is longer. */
export function firstNeighbors({ ids, scores, rows, k }: Neighbors, count: number): Neighbors {
  if (k <= count) return { ids, scores, rows, k };
  const first = {
    ids: new Int32Array(rows * count),
    scores: new Float32Array(rows * count),
    rows,
    k: count,
  };
  for (let row = 0; row < rows; row++) {
    first.ids.set(ids.subarray(row * k, row * k + count), row * count);
    first.scores.set(scores.subarray(row * k, row * k + count), row * count);
  }
  return first;
}
