import { createImageIds, type ImageIds } from "../readers/image-ids.ts";
import type { SearchGroundTruth } from "../readers/winners-pickles.ts";

/** An index that holds everything that is right for the queries. */
export interface ExpandedIndex {
  /** The images of the index, then those that were added. */
  readonly ids: ImageIds;
  /** For each query the rows of `ids` that are right. */
  readonly relevant: readonly Int32Array[];
  /** For each query the rows of `ids` that do not count; images that the index lacks have none. */
  readonly ignored: readonly Int32Array[];
}

/**
 * Adds the images that are right for a query to an index that lacks them: the set `index_expand` by which
 * the second place of the 2021 retrieval challenge validates (the 76,176 index images of the contest and
 * those of the ground truth of 1129 queries, 78,959 in all).
 *
 * @param index - The ids of the index of the contest.
 * @param truth - The queries and what is right for them.
 * @returns The index with the missing images at its end, in the order of the ground truth.
 * @throws RangeError if `index` holds an id twice.
 *
 * @example
 * ```ts
 * import { createImageIds, expandIndex } from "@lmk/data";
 *
 * const index = createImageIds(["a", "b"]);
 * const truth = { queries: ["q"], relevant: [["c", "b"]], ignored: [["q"]] };
 * const { ids, relevant } = expandIndex(index, truth);
 * console.log(ids.at(2), relevant[0]); // => c Int32Array(2) [ 2, 1 ]
 * ```
 */
export function expandIndex(index: ImageIds, truth: SearchGroundTruth): ExpandedIndex {
  const names = Array.from({ length: index.length }, (_, row) => index.at(row));
  const added = new Set<string>();
  for (const ofQuery of truth.relevant) {
    for (const id of ofQuery) {
      if (index.rowOf(id) < 0) added.add(id);
    }
  }
  const ids = createImageIds([...names, ...added]);
  const rowsOf = (list: readonly string[]): Int32Array =>
    Int32Array.from(list, (id) => ids.rowOf(id)).filter((row) => row >= 0);
  return { ids, relevant: truth.relevant.map(rowsOf), ignored: truth.ignored.map(rowsOf) };
}
