import { idsOfRow, type Neighbors, requireNeighbors } from "../rankings.ts";
import { requirePositiveInteger } from "../require.ts";

/** Options of {@link neighborRecalls}. */
export interface NeighborRecallsOptions {
  /**
   * How many of the true neighbors are to be found, 1 to `truth.k`.
   *
   * @defaultValue `truth.k`
   */
  readonly k?: number;
  /**
   * How many of the found neighbors are looked at, 1 or more: recall k@depth.
   *
   * @defaultValue `k`, as ann-benchmarks does
   */
  readonly depth?: number;
  /**
   * Counts by score instead of by id: a found neighbor is right if its score is at least that of the k-th true
   * neighbor less this number, 0 or more. Then it does not matter which of several equal neighbors was found.
   * (ann-benchmarks: 0.001.) The scores must be of the same kind.
   *
   * @defaultValue none: by id
   */
  readonly scoreTolerance?: number;
}

/**
 * Recall of an approximate search beside an exact one, per query.
 *
 * ```text
 * recall_q = |first `depth` found  ∩  first `k` true| / min(k, true neighbors of q)
 * ```
 *
 * A neighbor that is found twice counts once.
 *
 * @param found - Result of the approximate search.
 * @param truth - Result of an exact search with the same queries, `k` or more neighbors each.
 * @returns One number from 0 to 1 per query; NaN for a query without true neighbors.
 * @throws RangeError if the two differ in rows, their arrays do not hold `rows * k` entries, or an option is out of
 * range.
 *
 * @example
 * ```ts
 * import { neighborRecalls } from "@lmk/eval";
 *
 * const truth = { ids: Int32Array.of(4, 7), scores: Float32Array.of(0.9, 0.8), rows: 1, k: 2 };
 * const found = { ids: Int32Array.of(4, 5), scores: Float32Array.of(0.9, 0.8), rows: 1, k: 2 };
 * console.log(neighborRecalls(found, truth)); // => Float64Array(1) [ 0.5 ]
 * console.log(neighborRecalls(found, truth, { scoreTolerance: 0 })); // => Float64Array(1) [ 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1807.05614 | Aumüller, Bernhardsson and Faithfull, ANN-Benchmarks, 2018}
 */
export function neighborRecalls(
  found: Neighbors,
  truth: Neighbors,
  options: NeighborRecallsOptions = {},
): Float64Array {
  const { k = truth.k, depth = k, scoreTolerance } = options;
  requireNeighbors("neighborRecalls", "found", found);
  requireNeighbors("neighborRecalls", "truth", truth);
  if (found.rows !== truth.rows) {
    throw new RangeError(
      `neighborRecalls: expected \`found\` and \`truth\` to have the same rows, got ${found.rows} and ${truth.rows}`,
    );
  }
  if (!Number.isInteger(k) || k < 1 || k > truth.k) {
    throw new RangeError(`neighborRecalls: expected \`k\` to be from 1 to ${truth.k}, got ${k}`);
  }
  requirePositiveInteger("neighborRecalls", "depth", depth);
  if (scoreTolerance !== undefined && !(scoreTolerance >= 0)) {
    throw new RangeError(
      `neighborRecalls: expected \`scoreTolerance\` to be at least 0, got ${scoreTolerance}`,
    );
  }
  const end = Math.min(depth, found.k);
  return Float64Array.from({ length: truth.rows }, (_, row) => {
    const wanted = idsOfRow(truth, row, k);
    const ids = idsOfRow(found, row, end);
    if (scoreTolerance === undefined) return shareFound(ids, wanted);
    const least = truth.scores[row * truth.k + wanted.length - 1]! - scoreTolerance;
    const scores = found.scores.subarray(row * found.k, row * found.k + ids.length);
    return shareAbove(ids, scores, least, wanted.length);
  });
}

function shareFound(ids: Int32Array, wanted: Int32Array): number {
  const missing = new Set(wanted);
  const total = missing.size;
  for (let i = 0; i < ids.length; i++) missing.delete(ids[i]!);
  return (total - missing.size) / total;
}

function shareAbove(ids: Int32Array, scores: Float32Array, least: number, total: number): number {
  const right = new Set<number>();
  for (let i = 0; i < ids.length; i++) if (scores[i]! >= least) right.add(ids[i]!);
  return Math.min(right.size, total) / total;
}
