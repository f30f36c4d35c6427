import { createGrowingRows, finishRows, makeRoom } from "../reciprocal/growing-rows.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";

/** Input of {@link propagateTask}. */
export interface PropagateInput {
  readonly matrix: SparseRows;
  readonly transposed: SparseRows;
  /** Pool rows, each row itself first. */
  readonly lists: Int32Array;
  readonly stride: number;
  /** Entries of each list that are summed. */
  readonly count: number;
  /** Their weights: `count` a row. */
  readonly weights: Float64Array;
  /** 1 for rows that are wanted; the others stay empty. */
  readonly marked: Uint8Array;
}

/** Adds the matrix and its transposed, replaces each marked row by a weighted sum of listed rows, of length 1. */
export const propagateTask: RowTask<PropagateInput, SparseRows> = {
  name: "propagate neighbor rows",
  run: ({ matrix, transposed, lists, stride, count, weights, marked }, first, end) => {
    const starts = new Uint32Array(end - first + 1);
    const result = createGrowingRows(4 * count * (end - first));
    const sums = new Float64Array(marked.length);
    const members = new Int32Array(marked.length);
    // The row that a column was last met in, plus 1.
    const seen = new Int32Array(marked.length);
    let used = 0;
    for (let row = first; row < end; row++) {
      let size = 0;
      for (let place = 0; marked[row] !== 0 && place < count; place++) {
        const other = lists[row * stride + place];
        const weight = weights[row * count + place];
        size = addRow(matrix, other, weight, sums, seen, row + 1, members, size);
        size = addRow(transposed, other, weight, sums, seen, row + 1, members, size);
      }
      let squares = 0;
      for (let i = 0; i < size; i++) squares += sums[members[i]] * sums[members[i]];
      const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
      makeRoom(result, used, used + size);
      for (let i = 0; i < size; i++) {
        result.columns[used + i] = members[i];
        result.values[used + i] = sums[members[i]] * scale;
      }
      used += size;
      starts[row - first + 1] = used;
    }
    return finishRows(result, starts);
  },
};

/** Adds a row times `weight`; gives the number of columns met. */
function addRow(
  { starts, columns, values }: SparseRows,
  row: number,
  weight: number,
  sums: Float64Array,
  seen: Int32Array,
  stamp: number,
  members: Int32Array,
  size: number,
): number {
  let count = size;
  const end = starts[row + 1];
  for (let i = starts[row]; i < end; i++) {
    const column = columns[i];
    if (seen[column] === stamp) {
      sums[column] += weight * values[i];
    } else {
      seen[column] = stamp;
      sums[column] = weight * values[i];
      members[count++] = column;
    }
  }
  return count;
}

/** The most entries that the sums can have. */
export function mostPropagatedEntries(input: PropagateInput): number {
  const { matrix, transposed, lists, stride, count, marked } = input;
  let most = 0;
  for (let row = 0; row < marked.length; row++) {
    for (let place = 0; marked[row] !== 0 && place < count; place++) {
      const other = lists[row * stride + place];
      most += matrix.starts[other + 1] - matrix.starts[other];
      most += transposed.starts[other + 1] - transposed.starts[other];
    }
  }
  return most;
}
