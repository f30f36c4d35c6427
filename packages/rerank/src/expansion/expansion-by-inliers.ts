// What the 2019 landmark retrieval winners did in the contest with counts of geometrically verified correspondences
// (smlyaka/Landmark2019-1st-and-3rd-Place-Solution, before its publication). Images of the same count are taken in the
// order of ids here; there their order is that of the tables.

import type { Matrix, Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import { requireOneOf, requirePositiveInteger } from "../require.ts";
import { runMethod } from "../threads/method.ts";
import { dot } from "../vectors.ts";
import { requireGraph, requirePair, requireUnitRows } from "./require-expansion.ts";

/** Options of {@link expandQueriesByInliers}. */
export interface ExpandQueriesByInliersOptions {
  /**
   * Fewest inliers of an image that is added.
   *
   * @defaultValue 90, the 2019 winners' number (they tried 70 and 120)
   */
  readonly threshold?: number;
  /**
   * Most images that are added, those with the most inliers first; 1 or more.
   *
   * @defaultValue 5, the 2019 winners' number
   */
  readonly neighborCount?: number;
  /**
   * Whether results are scaled to length 1.
   *
   * @defaultValue false, as in the contest: shorter vectors are farther from all others by Euclidean distance
   */
  readonly normalize?: boolean;
}

/** Options of {@link augmentDatabaseByInliers}. */
export interface AugmentDatabaseByInliersOptions extends ExpandQueriesByInliersOptions {
  /**
   * Whether later rows see earlier ones as they have become (`"sequential"`, rows ascending) or all rows as they were
   * (`"simultaneous"`).
   *
   * @defaultValue "sequential", as in the contest
   */
  readonly order?: "sequential" | "simultaneous";
}

/** A weighted mean whose weights sum to less has no meaning. */
const smallestTotal = 1e-9;

/**
 * Expands each query by the images that match it geometrically (DELF-QE of the 2019 landmark retrieval winners).
 *
 * ```text
 * q' = (q + sum over x of  (q · x) x) / (1 + sum over x of  q · x)
 * ```
 *
 * over the `neighborCount` images with the most inliers, of those with at least `threshold`. Of equal counts the
 * smaller id comes first. A query without such images stays as it was; so does one whose weights sum to 0.
 *
 * Matches that look unlike have negative weights, which can make the result long: the method counts on matches that are
 * near.
 *
 * The winners added images of both the index and the train set: put both below one another as `database`, and the
 * matches of both side by side as `matches`.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `matches.ids` number.
 * @param matches - For each query the images it was compared with, in any order; scores are counts of inliers.
 * @returns The expanded queries, newly allocated; not of length 1 unless `normalize` is true.
 * @throws RangeError if shapes do not fit, a used row has not length 1 within 0.0005, or an option is out of range.
 *
 * @example
 * ```ts
 * import { expandQueriesByInliers } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0.8, 0.6), rows: 1, columns: 2 };
 * const matches = { ids: Int32Array.of(0), scores: Float32Array.of(120), rows: 1, k: 1 };
 *
 * const { data } = expandQueriesByInliers(queries, database, matches);
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.9111', '0.2667' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function expandQueriesByInliers(
  queries: Matrix,
  database: Matrix,
  matches: Neighbors,
  options: ExpandQueriesByInliersOptions = {},
): Matrix {
  const { threshold = 90, neighborCount = 5, normalize = false } = options;
  const caller = "expandQueriesByInliers";
  requirePair(caller, queries, database, matches, "matches");
  requireThreshold(caller, threshold, neighborCount);
  const best = bestMatches(matches, threshold, neighborCount, false);
  runMethod(requireUnitRows(caller, queries, database, [{ ...best, count: neighborCount }]));
  const data = Float32Array.from(queries.data);
  addMatches(data, database.data, best, queries.columns, normalize);
  return { data, rows: queries.rows, columns: queries.columns };
}

/**
 * Augments a database by the images that match each other geometrically (DELF-DBA of the 2019 landmark retrieval
 * winners): the sum of {@link expandQueriesByInliers} for each row, itself left out of its matches.
 *
 * In the contest's order each row is written before the next is summed, so the result depends on the order of rows; there
 * it was that of image ids.
 *
 * @param database - Embeddings of length 1.
 * @param matches - For each row the rows it was compared with, in any order; scores are counts of inliers.
 * @returns The augmented database, newly allocated; not of length 1 unless `normalize` is true.
 * @throws RangeError if shapes do not fit, a row has not length 1 within 0.0005, or an option is out of range.
 *
 * @example
 * ```ts
 * import { augmentDatabaseByInliers } from "@lmk/rerank";
 *
 * const database = { data: Float32Array.of(1, 0, 0.8, 0.6), rows: 2, columns: 2 };
 * const matches = { ids: Int32Array.of(1, 0), scores: Float32Array.of(95, 95), rows: 2, k: 1 };
 *
 * const { data } = augmentDatabaseByInliers(database, matches);
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.9111', '0.2667', '0.8523', '0.4431' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function augmentDatabaseByInliers(
  database: Matrix,
  matches: Neighbors,
  options: AugmentDatabaseByInliersOptions = {},
): Matrix {
  const { threshold = 90, neighborCount = 5, normalize = false, order = "sequential" } = options;
  const caller = "augmentDatabaseByInliers";
  requireGraph(caller, database, matches, "matches");
  requireThreshold(caller, threshold, neighborCount);
  requireOneOf(caller, "order", order, ["sequential", "simultaneous"]);
  runMethod(requireUnitRows(caller, database, database, []));
  const best = bestMatches(matches, threshold, neighborCount, true);
  const data = Float32Array.from(database.data);
  addMatches(data, order === "sequential" ? data : database.data, best, database.columns, normalize);
  return { data, rows: database.rows, columns: database.columns };
}

function requireThreshold(caller: string, threshold: number, neighborCount: number): void {
  if (Number.isNaN(threshold)) {
    throw new RangeError(`${caller}: expected \`threshold\` to be a number, got NaN`);
  }
  requirePositiveInteger(caller, "neighborCount", neighborCount);
}

function bestMatches(matches: Neighbors, threshold: number, count: number, withoutSelf: boolean): Neighbors {
  const { ids, scores, rows, k } = matches;
  const best = emptyNeighbors(rows, count);
  for (let row = 0; row < rows; row++) {
    const list = ids.slice(row * k, (row + 1) * k);
    const inliers = scores.subarray(row * k, (row + 1) * k);
    for (let i = 0; i < k; i++) {
      if (!(inliers[i]! >= threshold) || (withoutSelf && list[i] === row)) list[i] = -1;
    }
    writeBest(best, row, list, inliers, k);
  }
  return best;
}

/** Writes each row's weighted mean over it, row after row; `rows` may be `data` itself. */
function addMatches(
  data: Float32Array,
  rows: Float32Array,
  { ids, rows: count, k }: Neighbors,
  columns: number,
  normalize: boolean,
): void {
  const sum = new Float64Array(columns);
  for (let row = 0; row < count; row++) {
    const start = row * columns;
    for (let i = 0; i < columns; i++) sum[i] = data[start + i]!;
    let total = 1;
    let found = false;
    for (let at = row * k; at < (row + 1) * k; at++) {
      if (ids[at]! < 0) continue;
      const other = ids[at]! * columns;
      const share = dot(data, start, rows, other, columns);
      total += share;
      found = true;
      for (let i = 0; i < columns; i++) sum[i]! += share * rows[other + i]!;
    }
    if (!found || Math.abs(total) < smallestTotal) continue;
    const divisor = normalize ? Math.sign(total) * Math.sqrt(dot(sum, 0, sum, 0, columns)) : total;
    if (divisor !== 0) for (let i = 0; i < columns; i++) data[start + i] = sum[i]! / divisor;
  }
}
