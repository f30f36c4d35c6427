/** For each query (row) its `k` best database rows, best first; -1 and -Infinity where fewer exist. */
export interface Neighbors {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * Cuts the result of a search into one ranked list per query, as the metrics take them.
 *
 * @param neighbors - Result of a search or a re-ranker; ids are row numbers of the database.
 * @returns Per query a view (not a copy) of its ids up to the first -1.
 * @throws RangeError if the arrays do not hold `rows * k` entries.
 *
 * @example
 * ```ts
 * import { meanAveragePrecision, rankingsFromNeighbors } from "@lmk/eval";
 *
 * const ids = Int32Array.of(2, 0, 1, 1, 0, -1);
 * const neighbors = { ids, scores: Float32Array.of(3, 2, 1, 2, 1, -Infinity), rows: 2, k: 3 };
 * const relevant = [new Set([0]), new Set([1])];
 * console.log(meanAveragePrecision(rankingsFromNeighbors(neighbors), relevant)); // => 0.75
 * ```
 */
export function rankingsFromNeighbors(neighbors: Neighbors): Int32Array[] {
  const { ids, rows, k } = neighbors;
  if (ids.length !== rows * k) {
    throw new RangeError(
      `rankingsFromNeighbors: expected \`neighbors.ids\` to hold ${rows} x ${k} = ${rows * k} ids, got ${ids.length}`,
    );
  }
  return Array.from({ length: rows }, (_, row) => idsOfRow(neighbors, row, k));
}

/** The first ids of a row, up to the padding. */
export function idsOfRow({ ids, k }: Neighbors, row: number, count: number): Int32Array {
  const list = ids.subarray(row * k, row * k + count);
  const end = list.indexOf(-1);
  return end < 0 ? list : list.subarray(0, end);
}

export function requireNeighbors(caller: string, argument: string, neighbors: Neighbors): void {
  const { ids, scores, rows, k } = neighbors;
  if (ids.length === rows * k && scores.length === rows * k) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to hold ${rows} x ${k} = ${rows * k} ids and scores, got ${ids.length} and ${scores.length}`,
  );
}

/**
 * Orders queries by how well they did, to look at the best, the median and the worst of them.
 *
 * @param values - One number per query, higher is better, such as {@link averagePrecisions}.
 * @returns Query numbers, best first, equal values by query number; those with NaN are left out.
 *
 * @example
 * ```ts
 * import { rankQueries } from "@lmk/eval";
 *
 * const order = rankQueries([0.25, Number.NaN, 1, 0.5]);
 * console.log([...order]); // => [ 2, 3, 0 ]
 * console.log(order[order.length >> 1]); // => 3
 * ```
 */
export function rankQueries(values: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: values.length }, (_, query) => query)
    .filter((query) => !Number.isNaN(values[query]!))
    .sort((a, b) => values[b]! - values[a]! || a - b);
}
