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

/** Puts parts of whole rows one behind the other. */
export function joinNumbers<Numbers extends Int32Array | Float64Array>(parts: readonly Numbers[]): Numbers {
  if (parts.length === 1) return parts[0];
  const joined = new (parts[0].constructor as new (length: number) => Numbers)(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
