import { createGrowingRows, finishRows, makeRoom } from "../growing-rows.ts";
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

/** A row that is being summed up, and what it takes to do so for one after the other. */
export interface RowSums {
  /** By column. */
  readonly values: Float64Array;
  /** The row that a column was last met in, by its stamp. */
  readonly seen: Int32Array;
  readonly members: Int32Array;
  stamp: number;
}

/** No row yet, of a pool of so many rows. */
export function rowSums(poolRows: number): RowSums {
  return {
    values: new Float64Array(poolRows),
    seen: new Int32Array(poolRows),
    members: new Int32Array(poolRows),
    stamp: 0,
  };
}

/** Adds the matrix and its transposed, replaces each marked row by a weighted sum of listed rows, of length 1. */
export const propagateTask: RowTask<PropagateInput, SparseRows> = {
  name: "propagate neighbor rows",
  run: (input, first, end) => {
    const { count, marked } = input;
    const starts = new Uint32Array(end - first + 1);
    const result = createGrowingRows(4 * count * (end - first));
    const sums = rowSums(marked.length);
    let used = 0;
    for (let row = first; row < end; row++) {
      const size = marked[row] === 0 ? 0 : propagateRow(input, row, sums);
      makeRoom(result, used, used + size);
      for (let i = 0; i < size; i++) {
        const column = sums.members[i]!;
        result.columns[used + i] = column;
        result.values[used + i] = sums.values[column]!;
      }
      used += size;
      starts[row - first + 1] = used;
    }
    return finishRows(result, starts);
  },
};

/** Sums up one row; gives the number of its columns, which are the first of `members`. */
export function propagateRow(
  { matrix, transposed, lists, stride, count, weights }: Omit<PropagateInput, "marked">,
  row: number,
  sums: RowSums,
): number {
  sums.stamp += 1;
  let size = 0;
  for (let place = 0; place < count; place++) {
    const other = lists[row * stride + place]!;
    const weight = weights[row * count + place]!;
    size = addRow(matrix, other, weight, sums, size);
    size = addRow(transposed, other, weight, sums, size);
  }
  const { values, members } = sums;
  let squares = 0;
  for (let i = 0; i < size; i++) squares += values[members[i]!]! * values[members[i]!]!;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < size; i++) values[members[i]!]! *= scale;
  return size;
}

/** Adds a row times `weight`; gives the number of columns met. */
function addRow(
  { starts, columns, values }: SparseRows,
  row: number,
  weight: number,
  sums: RowSums,
  size: number,
): number {
  const { seen, members, stamp } = sums;
  const target = sums.values;
  let count = size;
  const end = starts[row + 1]!;
  for (let i = starts[row]!; i < end; i++) {
    const column = columns[i]!;
    if (seen[column] === stamp) {
      target[column]! += weight * values[i]!;
    } else {
      seen[column] = stamp;
      target[column] = weight * values[i]!;
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
