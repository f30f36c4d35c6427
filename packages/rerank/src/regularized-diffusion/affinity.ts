import type { Neighbors } from "../matrix.ts";
import { selfFirstLists, selfFirstScores } from "../pool.ts";
import { type SparseRows, transposeSparseRows } from "../sparse-rows.ts";

/** How affinities follow from cosines. */
export interface Kernel {
  readonly neighborCount: number;
  /** Whether distances are squared ones. */
  readonly squared: boolean;
  /** What the square of a distance is divided by. */
  readonly divisor: number;
}

/**
 * The symmetric affinities of a pool, divided by the roots of both rows' sums: the mean of the Gaussian kernel on lists of
 * `neighborCount`, each row itself among them, and its transpose. Columns ascend.
 */
export function normalizedAffinities(graph: Neighbors, kernel: Kernel): SparseRows {
  const transposed = transposeSparseRows(kernelRows(graph, kernel), graph.rows);
  const affinities = meanOf(transposeSparseRows(transposed, graph.rows), transposed);
  const { starts, columns, values } = affinities;
  const scales = new Float64Array(graph.rows);
  for (let row = 0; row < graph.rows; row++) {
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[at]!;
    scales[row] = 1 / Math.sqrt(sum);
  }
  for (let row = 0; row < graph.rows; row++) {
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      values[at]! *= scales[row]! * scales[columns[at]!]!;
    }
  }
  return affinities;
}

/** `exp(-distance² / divisor)` of cosines; nothing is closer than a row to itself. */
function kernelRows(graph: Neighbors, { neighborCount, squared, divisor }: Kernel): SparseRows {
  const others = Math.min(neighborCount - 1, graph.k);
  const ids = selfFirstLists(graph, others);
  const scores = selfFirstScores(graph, others);
  const starts = new Uint32Array(graph.rows + 1);
  const columns = new Int32Array(ids.length);
  const values = new Float64Array(ids.length);
  let count = 0;
  for (let row = 0; row < graph.rows; row++) {
    for (let at = row * (others + 1); at < (row + 1) * (others + 1) && ids[at]! >= 0; at++) {
      columns[count] = ids[at]!;
      const distance = Math.max(0, 2 - 2 * scores[at]);
      values[count] = Math.exp(-(squared ? distance * distance : distance) / divisor);
      count += 1;
    }
    starts[row + 1] = count;
  }
  return { starts, columns: columns.subarray(0, count), values: values.subarray(0, count) };
}

/** The mean of two matrices whose columns ascend. */
function meanOf(a: SparseRows, b: SparseRows): SparseRows {
  const starts = new Uint32Array(a.starts.length);
  const columns = new Int32Array(a.columns.length + b.columns.length);
  const values = new Float64Array(columns.length);
  let count = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    let i = a.starts[row]!;
    let j = b.starts[row]!;
    const iEnd = a.starts[row + 1]!;
    const jEnd = b.starts[row + 1]!;
    while (i < iEnd || j < jEnd) {
      const left = i < iEnd ? a.columns[i]! : Infinity;
      const right = j < jEnd ? b.columns[j]! : Infinity;
      let sum = 0;
      if (left <= right) sum += a.values[i++]!;
      if (right <= left) sum += b.values[j++]!;
      columns[count] = Math.min(left, right);
      values[count] = sum / 2;
      count += 1;
    }
    starts[row + 1] = count;
  }
  return { starts, columns: columns.subarray(0, count), values: values.subarray(0, count) };
}
