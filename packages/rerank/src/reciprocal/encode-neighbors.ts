import { createGrowingRows, finishRows, makeRoom, sortColumns } from "../growing-rows.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";
import { distanceOf } from "./pool-distance.ts";
import type { PoolLists } from "./reciprocal-ranks.ts";

/** Input of {@link encodeTask}. */
export interface EncodeInput extends PoolLists {
  /** What `reciprocalRanksTask` gives. */
  readonly ranks: Int32Array;
  /** First entries of the lists that make up the smaller sets; 0 adds none. */
  readonly halfWidth: number;
  /** 1 for rows that are encoded; the others stay empty. */
  readonly marked: Uint8Array;
  readonly graphIds: Int32Array;
  readonly graphScores: Float32Array;
  readonly graphK: number;
}

/**
 * The expanded k-reciprocal set of each marked row, columns ascending, with the cosines of row and members: from either
 * row's list in the graph, NaN where neither lists the other.
 */
export const encodeTask: RowTask<EncodeInput, SparseRows> = {
  name: "encode reciprocal neighbors",
  run: (input, first, end) => {
    const { width, halfWidth, marked } = input;
    const starts = new Uint32Array(end - first + 1);
    const rows = createGrowingRows((end - first) * width);
    const most = Math.min(marked.length, width * (halfWidth + 1));
    const members = new Int32Array(most);
    // 2 row + 1 for members of the row's k-reciprocal set, 2 row + 2 for those that the smaller sets add.
    const marks = new Float64Array(marked.length);
    const places = new Int32Array(marked.length);
    let used = 0;
    for (let row = first; row < end; row++) {
      if (marked[row] !== 0) {
        const count = collectMembers(input, row, members, marks);
        sortColumns(members, count);
        makeRoom(rows, used, used + count);
        rows.columns.set(count === most ? members : members.subarray(0, count), used);
        writeSimilarities(input, row, members, count, places, rows.values, used);
        used += count;
      }
      starts[row - first + 1] = used;
    }
    return finishRows(rows, starts);
  },
};

function collectMembers(input: EncodeInput, row: number, members: Int32Array, marks: Float64Array): number {
  const { lists, stride, width, ranks, halfWidth } = input;
  const own = 2 * row + 1;
  const added = own + 1;
  let count = 0;
  for (let place = 0; place < width; place++) {
    if (ranks[row * width + place] < 0) continue;
    const member = lists[row * stride + place];
    members[count++] = member;
    marks[member] = own;
  }
  const ownCount = count;
  for (let i = 0; i < ownCount; i++) {
    const listStart = members[i] * stride;
    const rankStart = members[i] * width;
    let size = 0;
    let common = 0;
    for (let place = 0; place < halfWidth; place++) {
      const rank = ranks[rankStart + place];
      if (rank < 0 || rank >= halfWidth) continue;
      size++;
      if (marks[lists[listStart + place]] === own) common++;
    }
    // More than two thirds, in whole numbers.
    if (3 * common <= 2 * size) continue;
    for (let place = 0; place < halfWidth; place++) {
      const rank = ranks[rankStart + place];
      if (rank < 0 || rank >= halfWidth) continue;
      const member = lists[listStart + place];
      if (marks[member] >= own) continue;
      members[count++] = member;
      marks[member] = added;
    }
  }
  return count;
}

/** `places` is room for one number per pool row; what it holds before does not matter. */
function writeSimilarities(
  input: EncodeInput,
  row: number,
  members: Int32Array,
  count: number,
  places: Int32Array,
  values: Float64Array,
  offset: number,
): void {
  const { graphIds, graphScores, graphK } = input;
  const start = row * graphK;
  for (let place = 0; place < graphK; place++) {
    if (graphIds[start + place] >= 0) places[graphIds[start + place]] = place;
  }
  for (let i = 0; i < count; i++) {
    const member = members[i];
    let at = start + places[member];
    if (graphIds[at] !== member) {
      const end = (member + 1) * graphK;
      at = member * graphK;
      while (at < end && graphIds[at] !== row) at++;
      if (at === end) at = -1;
    }
    let similarity = at < 0 ? Number.NaN : graphScores[at];
    if (member === row) similarity = 1;
    values[offset + i] = similarity;
  }
}

/** Input of {@link weighTask}. */
export interface WeighInput {
  readonly starts: Uint32Array;
  readonly similarities: Float64Array;
  readonly scales: Float64Array;
  readonly squared: boolean;
}

/** The weights `exp(-d)` of each row's members, scaled to sum 1. */
export const weighTask: RowTask<WeighInput, Float64Array> = {
  name: "weigh reciprocal neighbors",
  run: ({ starts, similarities, scales, squared }, first, end) => {
    const offset = starts[first];
    const weights = new Float64Array(starts[end] - offset);
    for (let row = first; row < end; row++) {
      let sum = 0;
      for (let i = starts[row]; i < starts[row + 1]; i++) {
        const weight = Math.exp(-distanceOf(similarities[i], scales[row], squared));
        weights[i - offset] = weight;
        sum += weight;
      }
      for (let i = starts[row]; i < starts[row + 1]; i++) weights[i - offset] /= sum;
    }
    return weights;
  },
};
