import { Int32List } from "../readers/int32-list.ts";
import { requireInteger, requireLength, requireOneOf } from "../require.ts";
import type { Neighbors } from "./matrix.ts";

/** Options of {@link sameLabelNeighbors}. */
export interface SameLabelNeighborsOptions {
  /**
   * Neighbors of a row that are looked at; fewer where `neighbors` holds fewer.
   *
   * @defaultValue 1000, as in 2019
   */
  readonly k?: number;
  /**
   * The walk stops at this many rows of the same label, the row itself among them.
   *
   * @defaultValue 100, as in 2019
   */
  readonly maxSameLabel?: number;
  /**
   * What leaves a list as the row itself. `"first"` is the published code: the first entry, whatever it is. A row whose
   * exact duplicate comes before it then stays in its own list in the place of the duplicate, and a row that an
   * approximate search did not find loses its best neighbor. `"itself"` is the row, wherever it stands. The two agree
   * where each row comes first in its own list.
   *
   * @defaultValue "first"
   */
  readonly ownEntry?: "first" | "itself";
}

/** For each row the rows to compare it with: those of `rows[i]` are `neighbors[starts[i]]` up to `starts[i + 1]`. */
export interface SameLabelNeighbors {
  readonly rows: Int32Array;
  /** One more than there are rows; the last is the number of neighbors. */
  readonly starts: Int32Array;
  /** Best first for each row. */
  readonly neighbors: Int32Array;
}

/**
 * The nearest rows of the same label, which are worth a verification.
 *
 * For each row its neighbors are walked from the best on, and those of its own label are listed until there are
 * `maxSameLabel`. The row's own entry then leaves the list, so that at most `maxSameLabel - 1` remain. A row that is
 * left with none gets an empty list. Ids of -1 are passed over; scores are not looked at.
 *
 * @param rows - The row of each query of `neighbors`.
 * @param neighbors - Neighbors of `rows` among all rows.
 * @param labels - The label of every row.
 * @throws RangeError if `k` is not an integer of at least 1 or `maxSameLabel` of at least 2, `ownEntry` is unknown,
 * `neighbors` has not a query for each of `rows`, or a row or id is not one of `labels`.
 *
 * @example
 * ```ts
 * import { sameLabelNeighbors } from "@lmk/data";
 *
 * const labels = Int32Array.of(7, 7, 8, 7);
 * const ids = Int32Array.of(0, 2, 3, 1);
 * const neighbors = { ids, scores: Float32Array.of(1, 0.9, 0.8, 0.7), rows: 1, k: 4 };
 * const found = sameLabelNeighbors(Int32Array.of(0), neighbors, labels);
 * console.log([...found.neighbors]); // => [ 3, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function sameLabelNeighbors(
  rows: Int32Array,
  neighbors: Neighbors,
  labels: Int32Array,
  options: SameLabelNeighborsOptions = {},
): SameLabelNeighbors {
  const { k = 1000, maxSameLabel = 100, ownEntry = "first" } = options;
  const caller = "sameLabelNeighbors";
  requireInteger(caller, "k", k, 1);
  requireInteger(caller, "maxSameLabel", maxSameLabel, 2);
  requireOneOf(caller, "ownEntry", ownEntry, ["first", "itself"]);
  if (neighbors.rows !== rows.length) {
    throw new RangeError(
      `${caller}: expected \`neighbors\` to have ${rows.length} rows, got ${neighbors.rows}`,
    );
  }
  requireLength(caller, "neighbors.ids", neighbors.ids.length, neighbors.rows * neighbors.k);

  const depth = Math.min(k, neighbors.k);
  const starts = new Int32Array(rows.length + 1);
  const found = new Int32List();
  const list = new Int32Array(Math.min(maxSameLabel, depth));
  for (let i = 0; i < rows.length; i++) {
    requireInteger(caller, "rows", rows[i], 0, labels.length - 1);
    const label = labels[rows[i]];
    const first = i * neighbors.k;
    let length = 0;
    for (let rank = 0; rank < depth && length < list.length; rank++) {
      const id = neighbors.ids[first + rank];
      if (id === -1) continue;
      requireInteger(caller, "neighbors.ids", id, 0, labels.length - 1);
      if (labels[id] === label) list[length++] = id;
    }
    const entries = list.subarray(0, length);
    const own = ownEntry === "first" ? 0 : placeOfOwn(entries, rows[i], maxSameLabel);
    for (let j = 0; j < length; j++) {
      if (j !== own) found.push(entries[j]);
    }
    starts[i + 1] = found.length;
  }
  return { rows, starts, neighbors: found.toArray() };
}

/** The entry to leave out: the row's own, or the last one of a full list that lacks it. */
function placeOfOwn(entries: Int32Array, row: number, maxSameLabel: number): number {
  const place = entries.indexOf(row);
  return place < 0 && entries.length === maxSameLabel ? maxSameLabel - 1 : place;
}
