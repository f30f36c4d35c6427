import { createGrowingRows, finishRows, makeRoom, sortColumns } from "../growing-rows.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";

/** Input of {@link averageRowsTask}. */
export interface AverageInput {
  readonly matrix: SparseRows;
  readonly lists: Int32Array;
  readonly stride: number;
  /** Rows averaged: the first entries of each list, at most `stride`. */
  readonly count: number;
  /** 1 for rows that are wanted; the others stay empty. */
  readonly marked: Uint8Array;
}

/** Replaces each marked row by the mean of the rows that its list begins with; columns ascend. */
export const averageRowsTask: RowTask<AverageInput, SparseRows> = {
  name: "average neighbor rows",
  run: ({ matrix, lists, stride, count, marked }, first, end) => {
    const { starts, columns, values } = matrix;
    const resultStarts = new Uint32Array(end - first + 1);
    const result = createGrowingRows(2 * (end - first));
    const sums = new Float64Array(marked.length);
    const members = new Int32Array(marked.length);
    let used = 0;
    for (let row = first; row < end; row++) {
      let size = 0;
      for (let place = 0; marked[row] !== 0 && place < count; place++) {
        const other = lists[row * stride + place];
        for (let i = starts[other]; i < starts[other + 1]; i++) {
          const column = columns[i];
          // Values are not negative: a sum of 0 says that the column is new.
          if (values[i] === 0) continue;
          if (sums[column] === 0) members[size++] = column;
          sums[column] += values[i];
        }
      }
      sortColumns(members, size);
      makeRoom(result, used, used + size);
      for (let i = 0; i < size; i++) {
        result.columns[used + i] = members[i];
        result.values[used + i] = sums[members[i]] / count;
        sums[members[i]] = 0;
      }
      used += size;
      resultStarts[row - first + 1] = used;
    }
    return finishRows(result, resultStarts);
  },
};

/** The most entries that the averages can have. */
export function mostAveragedEntries({ matrix, lists, stride, count, marked }: AverageInput): number {
  let most = 0;
  for (let row = 0; row < marked.length; row++) {
    for (let place = 0; marked[row] !== 0 && place < count; place++) {
      const other = lists[row * stride + place];
      most += matrix.starts[other + 1] - matrix.starts[other];
    }
  }
  return most;
}
