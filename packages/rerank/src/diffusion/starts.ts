import type { Neighbors } from "../matrix.ts";
import { power } from "../power.ts";
import { requireOneOf, requirePositiveInteger, requireWithin } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { DiffusionStartOptions } from "./options.ts";

/** {@link DiffusionStartOptions}, checked and complete. */
export interface Start {
  readonly queryNeighborCount: number;
  readonly gamma: number;
  readonly keepNegatives: boolean;
}

export function startOf(caller: string, options: DiffusionStartOptions, defaultCount = 10): Start {
  const { queryNeighborCount = defaultCount, gamma = 3, negatives = "zero" } = options;
  requirePositiveInteger(caller, "queryNeighborCount", queryNeighborCount);
  requireWithin(caller, "gamma", gamma, 0, Infinity);
  requireOneOf(caller, "negatives", negatives, ["zero", "keep"]);
  if (negatives === "keep" && !Number.isInteger(gamma)) {
    throw new RangeError(`${caller}: expected \`gamma\` to be whole where negatives are kept, got ${gamma}`);
  }
  return { queryNeighborCount, gamma, keepNegatives: negatives === "keep" };
}

/** The right-hand sides: for each query its first neighbors with their similarities to the power of gamma. */
export function startVectors(neighbors: Neighbors, start: Start): SparseRows {
  const { ids, scores, rows, k } = neighbors;
  const width = Math.min(start.queryNeighborCount, k);
  const starts = new Uint32Array(rows + 1);
  const columns = new Int32Array(rows * width);
  const values = new Float64Array(rows * width);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const end = starts[row]! + width;
    for (let at = row * k; at < (row + 1) * k && count < end; at++) {
      if (ids[at]! < 0) continue;
      columns[count] = ids[at]!;
      values[count] = startWeight(scores[at]!, start);
      count += 1;
    }
    starts[row + 1] = count;
  }
  return { starts, columns: columns.subarray(0, count), values: values.subarray(0, count) };
}

export function startWeight(similarity: number, { gamma, keepNegatives }: Start): number {
  if (similarity <= 0 && !keepNegatives) return 0;
  return power(similarity, gamma);
}
