import type { Neighbors } from "./matrix.ts";

/** For each row its own id, then its first `k` neighbors without it: rows of `k + 1` ids, -1 where fewer exist. */
export function selfFirstLists(graph: Neighbors, k: number): Int32Array {
  const lists = new Int32Array(graph.rows * (k + 1)).fill(-1);
  for (let row = 0; row < graph.rows; row++) {
    const start = row * (k + 1);
    lists[start] = row;
    let count = 1;
    for (let at = row * graph.k; at < (row + 1) * graph.k && count <= k; at++) {
      const id = graph.ids[at]!;
      if (id < 0 || id === row) continue;
      lists[start + count] = id;
      count += 1;
    }
  }
  return lists;
}

/** The similarities that go with {@link selfFirstLists}: 1 for the row itself, -Infinity where fewer exist. */
export function selfFirstScores(graph: Neighbors, k: number): Float32Array {
  const scores = new Float32Array(graph.rows * (k + 1)).fill(-Infinity);
  for (let row = 0; row < graph.rows; row++) {
    const start = row * (k + 1);
    scores[start] = 1;
    let count = 1;
    for (let at = row * graph.k; at < (row + 1) * graph.k && count <= k; at++) {
      const id = graph.ids[at]!;
      if (id < 0 || id === row) continue;
      scores[start + count] = graph.scores[at]!;
      count += 1;
    }
  }
  return scores;
}
