import type { Neighbors } from "@lmk/rerank";
import { createRandom } from "./random.ts";

/** Neighbors from lists of ids and lists of weights. */
export function weighted(
  ids: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
): Neighbors {
  const k = ids[0]?.length ?? 1;
  return {
    ids: Int32Array.from(ids.flat()),
    scores: Float32Array.from(weights.flat()),
    rows: ids.length,
    k,
  };
}

/** For each query the rows of its list that exist. */
export function listsOf({ ids, rows, k }: Neighbors): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    [...ids.subarray(row * k, (row + 1) * k)].filter((id) => id >= 0),
  );
}

/** Lists of `k` different rows with descending weights, a row itself not among them when `own` is set. */
export function randomEdges(
  seed: number,
  rows: number,
  database: number,
  k: number,
  own: boolean,
): Neighbors {
  const random = createRandom(seed);
  const ids: number[][] = [];
  const weights: number[][] = [];
  for (let row = 0; row < rows; row++) {
    const free = Array.from({ length: database }, (_, id) => id).filter((id) => !(own && id === row));
    ids.push(Array.from({ length: k }, () => free.splice(Math.floor(random() * free.length), 1)[0]!));
    weights.push(Array.from({ length: k }, () => random()).sort((a, b) => b - a));
  }
  return weighted(ids, weights);
}
