import type { RowTask } from "../threads/method.ts";

/** Lists of pool rows, each row itself first; all are full, as `requirePool` sees to. */
export interface PoolLists {
  readonly lists: Int32Array;
  /** Entries of `lists` per row. */
  readonly stride: number;
  /** Entries of each list that count here, at most `stride`. */
  readonly width: number;
}

/**
 * For the first `width` entries of each list, at which place the row stands in the list of that entry; -1 where it is
 * not among the first `width`. Row `i` and its entry at place `p` are k-reciprocal neighbors if `p` and this are both
 * below `k`.
 */
export const reciprocalRanksTask: RowTask<PoolLists, Int32Array> = {
  name: "rank reciprocal neighbors",
  run: ({ lists, stride, width }, first, end) => {
    const ranks = new Int32Array((end - first) * width).fill(-1);
    for (let row = first; row < end; row++) {
      const target = (row - first) * width;
      for (let place = 0; place < width; place++) {
        const other = lists[row * stride + place];
        const start = other * stride;
        for (let rank = 0; rank < width; rank++) {
          if (lists[start + rank] !== row) continue;
          ranks[target + place] = rank;
          break;
        }
      }
    }
    return ranks;
  },
};
