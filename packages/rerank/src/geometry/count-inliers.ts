import type { Neighbors, RunOptions } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import { requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import {
  featuresOf,
  type LocalFeatures,
  requireLocalFeatures,
  requireSameColumns,
} from "./local-features.ts";
import { geometryProgram } from "./program.ts";
import {
  type VerificationSettings,
  type VerifySpatiallyOptions,
  verificationSettings,
  verify,
} from "./spatial-verification.ts";

/** Options of {@link countInliers}. */
export interface CountInliersOptions extends VerifySpatiallyOptions {
  /**
   * How many of the first neighbors of each query are verified; 1 or more, at most all are.
   *
   * @defaultValue 100, as in DELG; the second places of 2020 and 2021 have 10
   */
  readonly depth?: number;
}

/** Pairs of a query and a database image, one row of work each. */
interface PairInput {
  readonly queries: LocalFeatures;
  readonly database: LocalFeatures;
  /** The database image of each pair, or -1; `depth` pairs for each query. */
  readonly ids: Int32Array;
  readonly depth: number;
  readonly settings: VerificationSettings;
}

export const countInliersTask: RowTask<PairInput, Int32Array> = {
  name: "verify pairs",
  run: ({ queries, database, ids, depth, settings }, first, end) => {
    const counts = new Int32Array(end - first).fill(-1);
    for (let pair = first; pair < end; pair++) {
      if (ids[pair]! < 0) continue;
      const query = featuresOf(queries, Math.floor(pair / depth));
      const candidate = featuresOf(database, ids[pair]!);
      counts[pair - first] = verify(query, candidate, settings).inlierCount;
    }
    return counts;
  },
};

/**
 * Counts, for each query and each of its first neighbors, the local features that agree with one transform.
 *
 * Each pair is verified by itself as {@link verifySpatially} does, with the same seed; what a pair gets depends on no
 * other. Locations are pixels, so `maxError` is one of the size that features were extracted at. Memory: `4 f g` bytes
 * of the pair with most features, f in the query and g in the candidate, per thread.
 *
 * @param queries - Features of the queries; image `i` is query `i`.
 * @param database - Features of the database, of all images that occur in `neighbors`.
 * @param neighbors - Results of a first search.
 * @returns For each query the verified neighbors, most inliers first, of equal ones the smaller id; scores are the counts.
 * Lists of `depth`, but at most of `neighbors.k`: for {@link rerankByInliers} and {@link expandQueriesByInliers}.
 * @throws RangeError if shapes do not fit, a number is not finite, an id is no image of `database`, or an option is out
 * of range.
 *
 * @example
 * ```ts
 * import { countInliers } from "@lmk/rerank/geometry";
 *
 * const data = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
 * const descriptors = { data, rows: 4, columns: 4 };
 * const starts = Uint32Array.of(0, 4);
 * const queries = { locations: Float32Array.of(0, 0, 90, 0, 0, 90, 90, 90), descriptors, starts };
 * const database = { locations: Float32Array.of(30, 10, 120, 10, 30, 100, 120, 100), descriptors, starts };
 * const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.7), rows: 1, k: 1 };
 *
 * console.log([...countInliers(queries, database, neighbors).scores]); // => [ 4 ]
 * ```
 */
export function countInliers(
  queries: LocalFeatures,
  database: LocalFeatures,
  neighbors: Neighbors,
  options: CountInliersOptions = {},
): Neighbors {
  return runMethod(countPairs("countInliers", queries, database, neighbors, options));
}

/**
 * {@link countInliers} in threads: the same counts, and the calling thread stays free. Features are copied into memory
 * that threads share, once, unless they lie in such memory already.
 *
 * @param queries - As in {@link countInliers}.
 * @param database - As in {@link countInliers}.
 * @param neighbors - As in {@link countInliers}.
 * @param options - As in {@link countInliers}, and how to run.
 * @returns A promise of the lists; it rejects with what {@link countInliers} throws, or with the reason of the signal.
 */
export function countInliersAsync(
  queries: LocalFeatures,
  database: LocalFeatures,
  neighbors: Neighbors,
  options: CountInliersOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "countInliersAsync",
    countPairs("countInliersAsync", queries, database, neighbors, options),
    options,
    geometryProgram,
  );
}

function* countPairs(
  caller: string,
  queries: LocalFeatures,
  database: LocalFeatures,
  neighbors: Neighbors,
  options: CountInliersOptions,
): Method<Neighbors> {
  const { depth: asked = 100 } = options;
  requirePositiveInteger(caller, "depth", asked);
  const settings = verificationSettings(caller, options);
  requireLocalFeatures(caller, "queries", queries);
  requireLocalFeatures(caller, "database", database);
  requireSameColumns(caller, "database.descriptors", database.descriptors, queries.descriptors);
  requireNeighbors(caller, neighbors, database.starts.length - 1);
  requireRows(caller, "queries", queries.starts.length - 1, neighbors.rows);
  const { rows, k } = neighbors;
  const depth = Math.min(asked, k);
  const ids = new Int32Array(rows * depth);
  for (let row = 0; row < rows; row++) ids.set(neighbors.ids.subarray(row * k, row * k + depth), row * depth);
  const input = { queries, database, ids, depth, settings };
  const parts = yield* overRows(countInliersTask, input, rows * depth);
  const counts = new Int32Array(rows * depth);
  let first = 0;
  for (const part of parts) {
    counts.set(part, first);
    first += part.length;
  }
  const matches = emptyNeighbors(rows, depth);
  for (let row = 0; row < rows; row++) {
    const start = row * depth;
    const end = start + depth;
    writeBest(matches, row, ids.subarray(start, end), counts.subarray(start, end), depth);
  }
  return matches;
}
