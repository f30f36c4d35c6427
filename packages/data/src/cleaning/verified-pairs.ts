/**
 * Pairs of images and how many of their local features agree: `inliers[i]` of `rows[i]` and `neighbors[i]`. The pairs of
 * a row stand together, and the rows ascend.
 */
export interface VerifiedPairs {
  readonly rows: Int32Array;
  readonly neighbors: Int32Array;
  readonly inliers: Int32Array;
}

/**
 * Joins the pairs of shards that were verified apart.
 *
 * @param parts - The pairs of each shard, in any order.
 * @returns The pairs of all, by row.
 * @throws RangeError if the three columns of a part differ in length, its rows do not ascend, or the rows of two parts
 * overlap.
 *
 * @example
 * ```ts
 * import { mergeVerifiedPairs } from "@lmk/data";
 *
 * const second = { rows: Int32Array.of(2), neighbors: Int32Array.of(0), inliers: Int32Array.of(31) };
 * const first = { rows: Int32Array.of(0), neighbors: Int32Array.of(2), inliers: Int32Array.of(35) };
 * console.log([...mergeVerifiedPairs([second, first]).inliers]); // => [ 35, 31 ]
 * ```
 */
export function mergeVerifiedPairs(parts: readonly VerifiedPairs[]): VerifiedPairs {
  for (const part of parts) requireVerifiedPairs("mergeVerifiedPairs", part);
  const filled = parts.filter(({ rows }) => rows.length > 0).toSorted((a, b) => a.rows[0] - b.rows[0]);
  let last = -1;
  for (const { rows } of filled) {
    if (rows[0] <= last) {
      throw new RangeError(
        `mergeVerifiedPairs: expected \`parts\` not to overlap, got row ${rows[0]} behind row ${last}`,
      );
    }
    last = rows[rows.length - 1];
  }
  return {
    rows: concatenate(filled.map(({ rows }) => rows)),
    neighbors: concatenate(filled.map(({ neighbors }) => neighbors)),
    inliers: concatenate(filled.map(({ inliers }) => inliers)),
  };
}

/** Refuses columns of different lengths and rows that do not ascend. */
export function requireVerifiedPairs(
  caller: string,
  { rows, neighbors, inliers }: VerifiedPairs,
  rowCount: number = 2 ** 31,
): void {
  if (neighbors.length !== rows.length || inliers.length !== rows.length) {
    throw new RangeError(
      `${caller}: expected \`pairs\` to have columns of one length, got ${rows.length}, ${neighbors.length} and ${inliers.length}`,
    );
  }
  let last = 0;
  for (const row of rows) {
    if (row < last || row >= rowCount) {
      const range = rowCount === 2 ** 31 ? "" : ` and be below ${rowCount}`;
      throw new RangeError(
        `${caller}: expected \`pairs.rows\` to ascend from 0${range}, got ${row} behind ${last}`,
      );
    }
    last = row;
  }
}

function concatenate(arrays: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(arrays.reduce((length, array) => length + array.length, 0));
  let used = 0;
  for (const array of arrays) {
    joined.set(array, used);
    used += array.length;
  }
  return joined;
}
