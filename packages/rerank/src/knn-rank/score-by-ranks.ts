import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import type { RowTask } from "../threads/method.ts";

/** Lists to rerank and lists of the pool, each row itself first, -1 behind the end. */
export interface RanksInput {
  readonly neighbors: Neighbors;
  readonly lists: Int32Array;
  /** Entries of `lists` per row. */
  readonly stride: number;
  readonly neighborCount: number;
}

export const scoreByRanksTask: RowTask<RanksInput, Neighbors> = {
  name: "score by ranks",
  run: ({ neighbors, lists, stride, neighborCount }, first, end) => {
    const { k } = neighbors;
    const queries = neighbors.rows;
    const result = emptyNeighbors(end - first, k);
    const sums = new Float64Array(lists.length / stride);
    const ids = new Int32Array(k);
    const scores = new Float64Array(k);
    for (let row = first; row < end; row++) {
      const voters = Math.min(neighborCount + 1, lengthOf(lists, row, stride));
      // What each row gets that is in none of the lists.
      let least = 0;
      for (let j = 0; j < voters; j++) {
        const start = lists[row * stride + j]! * stride;
        const length = lengthOf(lists, start / stride, stride);
        let rank = length + 1;
        for (let i = 0; i < length; i++) {
          if (lists[start + i] !== row) continue;
          rank = i + 1;
          break;
        }
        const weight = 1 / (j + 1 + rank);
        const behind = weight / (length + 1);
        least += behind;
        for (let i = 0; i < length; i++) sums[lists[start + i]!]! += weight / (i + 1) - behind;
      }
      let count = 0;
      for (let at = row * k; at < (row + 1) * k; at++) {
        if (neighbors.ids[at]! < 0) continue;
        ids[count] = neighbors.ids[at]!;
        scores[count] = least + sums[queries + ids[count]!]!;
        count += 1;
      }
      writeBest(result, row - first, ids, scores, count);
      for (let j = 0; j < voters; j++) {
        const start = lists[row * stride + j]! * stride;
        for (let i = start; i < start + stride && lists[i]! >= 0; i++) sums[lists[i]!] = 0;
      }
    }
    return result;
  },
};

function lengthOf(lists: Int32Array, row: number, stride: number): number {
  let length = stride;
  while (length > 0 && lists[row * stride + length - 1]! < 0) length -= 1;
  return length;
}
