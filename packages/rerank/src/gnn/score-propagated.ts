import type { Neighbors } from "../matrix.ts";
import type { SparseRows } from "../sparse-rows.ts";
import type { RowTask } from "../threads/method.ts";
import { type PropagateInput, propagateRow, type RowSums, rowSums } from "./propagate.ts";

/** Which queries list a database row: entries `starts[i]` to `starts[i + 1]` of `places` are those of `ids[i]`. */
export interface Listings {
  /** Database rows that any query lists, ascending. */
  readonly ids: Int32Array;
  readonly starts: Uint32Array;
  /** Where in the table of neighbors the row is listed. */
  readonly places: Uint32Array;
}

/** Input of {@link scorePropagatedTask}. */
export interface ScorePropagatedInput extends Omit<PropagateInput, "marked"> {
  readonly listings: Listings;
  /** The last layer's rows of the queries. */
  readonly features: SparseRows;
  readonly poolRows: number;
  readonly queries: number;
  /** Entries of a list of neighbors. */
  readonly k: number;
  /** Whether the candidates' rows are those of the matrix as they are. */
  readonly isPlain: boolean;
}

/**
 * Inner products of each listed row's last layer with those of the queries that list it. The rows of the last layer,
 * which are the longest, are made one at a time and not kept.
 */
export const scorePropagatedTask: RowTask<ScorePropagatedInput, Float64Array> = {
  name: "score propagated rows",
  run: (input, first, end) => {
    const { listings, features, poolRows, queries, k, isPlain } = input;
    const offset = listings.starts[first]!;
    const products = new Float64Array(listings.starts[end]! - offset);
    const sums = rowSums(poolRows);
    for (let i = first; i < end; i++) {
      const row = queries + listings.ids[i]!;
      const size = isPlain ? copyRow(input.matrix, row, sums) : propagateRow(input, row, sums);
      const { values, members } = sums;
      for (let at = listings.starts[i]!; at < listings.starts[i + 1]!; at++) {
        const query = Math.floor(listings.places[at]! / k);
        const stop = features.starts[query + 1]!;
        let product = 0;
        for (let j = features.starts[query]!; j < stop; j++) {
          product += features.values[j]! * values[features.columns[j]!]!;
        }
        products[at - offset] = product;
      }
      // Zeros where there is no entry spare the loop above a question for each column.
      for (let j = 0; j < size; j++) values[members[j]!] = 0;
    }
    return products;
  },
};

function copyRow({ starts, columns, values }: SparseRows, row: number, sums: RowSums): number {
  const start = starts[row]!;
  const size = starts[row + 1]! - start;
  for (let i = 0; i < size; i++) {
    const column = columns[start + i]!;
    sums.members[i] = column;
    sums.values[column] = values[start + i]!;
  }
  return size;
}

/** Who lists whom. */
export function listingsOf({ ids, k, rows }: Neighbors, databaseRows: number): Listings {
  const next = new Uint32Array(databaseRows + 1);
  for (let place = 0; place < rows * k; place++) if (ids[place]! >= 0) next[ids[place]! + 1]!++;
  let distinct = 0;
  for (let id = 0; id < databaseRows; id++) {
    if (next[id + 1]! > 0) distinct += 1;
    next[id + 1]! += next[id]!;
  }
  const listed = new Int32Array(distinct);
  const starts = new Uint32Array(distinct + 1);
  let count = 0;
  for (let id = 0; id < databaseRows; id++) {
    if (next[id] === next[id + 1]) continue;
    listed[count++] = id;
    starts[count] = next[id + 1]!;
  }
  const places = new Uint32Array(next[databaseRows]!);
  for (let place = 0; place < rows * k; place++) if (ids[place]! >= 0) places[next[ids[place]!]!++] = place;
  return { ids: listed, starts, places };
}
