// Published code holds matrices of all rows by all rows. This one holds the lists of the graph and the few entries of
// each encoded row, and gives the same numbers. It has no default for the distance: code in use has three.
import { joinNumbers } from "../join-numbers.ts";
import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { markCandidates, markListed, requirePool, selfFirstLists } from "../pool.ts";
import { joinNeighbors } from "../ranking.ts";
import {
  requireMatrix,
  requireOneOf,
  requirePositiveInteger,
  requireRows,
  requireShare,
} from "../require.ts";
import { joinSparseRows, type SparseRows, transposeSparseRows } from "../sparse-rows.ts";
import { type Method, overRows, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { averageRowsTask, mostAveragedEntries } from "./average-rows.ts";
import { encodeTask, weighTask } from "./encode-neighbors.ts";
import { completeSimilarities } from "./missing-similarities.ts";
import { distanceScales, type PoolDistance, requirePoolDistance } from "./pool-distance.ts";
import { reciprocalRanksTask } from "./reciprocal-ranks.ts";
import { scoreJaccardTask } from "./score-jaccard.ts";

/** Options of {@link rerankByKReciprocal}. */
export interface RerankByKReciprocalOptions extends MemoryOptions {
  /** Which distance is encoded and mixed in; `"squared-euclidean"` is the paper's. */
  readonly distance: PoolDistance;
  /**
   * The rows of the pool, of length 1: queries, then database. The sets of a row reach beyond its list, so that the
   * similarity of two rows may be in neither list of the graph; it is then computed from their rows. Longer lists leave
   * fewer such pairs (twice `k1`: hardly any), but only lists of the whole pool are sure to leave none. Without
   * `embeddings` such a pair is refused.
   *
   * @defaultValue none
   */
  readonly embeddings?: Matrix;
  /**
   * Nearest rows, the row itself not counted, within which two rows must list one another.
   *
   * @defaultValue 20, as in the paper
   */
  readonly k1?: number;
  /**
   * Nearest rows averaged in the local query expansion, the row itself counted; 1 averages nothing.
   *
   * @defaultValue 6, as in the paper
   */
  readonly k2?: number;
  /**
   * Share of the original distance in the result, from 0 to 1.
   *
   * @defaultValue 0.3, as in the paper
   */
  readonly lambda?: number;
  /**
   * Length of the smaller lists for an odd `k1`, where the authors' two programs differ: `k1 / 2`, rounded half to
   * even, and the row itself (`"python"`), or `(k1 + 1) / 2` entries, rounded half up, with the row itself among them
   * (`"matlab"`). For an even `k1` both are `k1 / 2 + 1`.
   *
   * @defaultValue "python", which is in wider use
   */
  readonly compat?: "python" | "matlab";
}

/**
 * Re-ranks by k-reciprocal encoding: rows that list one another among their nearest are likely matches.
 *
 * ```text
 * R(i, k)  = rows j of the pool with j among the first k + 1 of i, and i among the first k + 1 of j
 * R*(i)    = R(i, k1) and each R(c, k1 / 2), c in R(i, k1), of which more than 2/3 is in R(i, k1)
 * V(i, j)  = exp(-d(i, j)) / sum over R*(i) of exp(-d),  j in R*(i), else 0
 * V'(i)    = mean of V over the first k2 rows of i
 * m(q, g)  = sum over the pool of min(V'(q), V'(g))
 * score    = (1 - lambda) m / (2 - m) + lambda (1 - d(q, g))
 * ```
 *
 * which is 1 less the distance of the paper, `(1 - lambda) (1 - m / (2 - m)) + lambda d`. The distance `d` is a choice:
 * {@link PoolDistance}. Every row is first in its own list, duplicates or not. Only the candidates in `neighbors` are
 * scored, by numbers that do not depend on what else is listed: lists of the whole database give the full matrix.
 *
 * The result is exact if each row of `graph` lists at least `max(k1, k2 - 1)` rows beside itself, or all there are;
 * shorter lists are refused. In a pool of fewer rows all lists end with the pool.
 *
 * With `P` rows in the pool, `e` entries of V (10 to 30 a row) and `x` of V' (30 to 60 a row) it takes about
 * `4 P (max(k1 + 1, k2) + k1 + 12) + 28 e + 36 x` bytes; rows that no candidate depends on are left out. The limit is
 * held against an `x` without overlap of the averaged rows. Threads hold their inputs once more, of `embeddings` the
 * rows that are read, or all if these are more than half.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool, with cosines as scores: rows `0` to `neighbors.rows - 1` are
 * the queries, then comes the database; ids are rows of the pool. A row may be in its own list or not.
 * @returns The same candidates, best first; scores at most 1. Empty places (-1) are last.
 * @throws RangeError if shapes do not fit, a number is not finite, a list names a row twice, an option is out of range,
 * a list is too short, or a similarity is in neither list and `embeddings` is not given.
 *
 * @example
 * ```ts
 * import { rerankByKReciprocal } from "@lmk/rerank";
 *
 * // A pool of the query 0 and database rows 1 to 4. Its nearest is row 1, but only row 2 lists the query in turn.
 * const graph = {
 *   ids: Int32Array.of(1, 2, 3, 4, 0, 1, 1, 4, 1, 3),
 *   scores: Float32Array.of(0.9, 0.8, 0.95, 0.94, 0.8, 0.5, 0.95, 0.93, 0.94, 0.93),
 *   rows: 5,
 *   k: 2,
 * };
 * const neighbors = {
 *   ids: Int32Array.of(0, 1, 2, 3),
 *   scores: Float32Array.of(0.9, 0.8, 0.7, 0.6),
 *   rows: 1,
 *   k: 4,
 * };
 * const options = { distance: { kind: "half-cosine" }, k1: 2, k2: 1 } as const;
 *
 * const result = rerankByKReciprocal(neighbors, graph, options);
 * console.log(result.ids.join(" "), result.scores[0].toFixed(4)); // => 1 0 2 3 0.9034
 * ```
 *
 * @see {@link https://arxiv.org/abs/1701.08398 | Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, 2017}
 */
export function rerankByKReciprocal(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKReciprocalOptions,
): Neighbors {
  return runMethod(kReciprocal("rerankByKReciprocal", neighbors, graph, options));
}

/**
 * {@link rerankByKReciprocal} without blocking the calling thread; the same result, bit for bit.
 *
 * @param neighbors - For each query its candidates in the database, best first, with cosines as scores.
 * @param graph - Nearest rows of every row of the pool.
 * @returns The same candidates, best first. Rejects where {@link rerankByKReciprocal} throws.
 */
export function rerankByKReciprocalAsync(
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKReciprocalOptions & RunOptions,
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankByKReciprocalAsync",
    kReciprocal("rerankByKReciprocalAsync", neighbors, graph, options),
    options,
  );
}

function* kReciprocal(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors,
  options: RerankByKReciprocalOptions,
): Method<Neighbors> {
  const { distance, embeddings, k1 = 20, k2 = 6, lambda = 0.3, compat = "python" } = options;
  const { memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "k1", k1);
  requirePositiveInteger(caller, "k2", k2);
  requirePool(caller, neighbors, graph, Math.max(k1, k2 - 1));
  requirePoolDistance(caller, distance, graph);
  if (embeddings !== undefined) {
    requireMatrix(caller, "embeddings", embeddings);
    requireRows(caller, "embeddings", embeddings.rows, graph.rows);
  }
  requireShare(caller, "lambda", lambda);
  requireOneOf(caller, "compat", compat, ["python", "matlab"]);

  const poolRows = graph.rows;
  const stride = Math.max(1, Math.min(poolRows, Math.max(k1 + 1, k2)));
  const width = Math.min(k1 + 1, stride);
  const lists = { lists: selfFirstLists(graph, stride - 1), stride, width };
  const fixedBytes = 4 * poolRows * (stride + width + 11);
  requireMemory(caller, fixedBytes, memoryLimit);
  const { scales, squared } = distanceScales(distance, poolRows);

  const candidates = markCandidates(neighbors, poolRows);
  const marked = k2 === 1 ? candidates : markListed(candidates, lists.lists, stride, k2);
  const ranks = joinNumbers(yield* overRows(reciprocalRanksTask, lists, poolRows));
  const { ids: graphIds, scores: graphScores, k: graphK } = graph;
  const halfWidth = Math.min(width, halfLength(k1, compat));
  const encoding = { ...lists, ranks, halfWidth, marked, graphIds, graphScores, graphK };
  const found = joinSparseRows(yield* overRows(encodeTask, encoding, poolRows));
  requireMemory(caller, fixedBytes + 28 * found.columns.length, memoryLimit);
  const sets = yield* completeSimilarities(caller, found, embeddings);
  const weighing = { starts: sets.starts, similarities: sets.values, scales, squared };
  const values = joinNumbers(yield* overRows(weighTask, weighing, poolRows));
  let encoded: SparseRows = { starts: sets.starts, columns: sets.columns, values };

  if (k2 > 1) {
    const averaging = {
      matrix: encoded,
      lists: lists.lists,
      stride,
      count: Math.min(k2, stride),
      marked: candidates,
    };
    const most = 28 * found.columns.length + 36 * mostAveragedEntries(averaging);
    requireMemory(caller, fixedBytes + most, memoryLimit);
    encoded = joinSparseRows(yield* overRows(averageRowsTask, averaging, poolRows));
  }
  const transposed = transposeSparseRows(encoded, poolRows);
  const scoring = { neighbors, encoded, transposed, scales, squared, lambda };
  return joinNeighbors(yield* overRows(scoreJaccardTask, scoring, neighbors.rows), neighbors.k);
}

/** Entries of the smaller lists, the row itself among them. */
function halfLength(k1: number, compat: "python" | "matlab"): number {
  if (k1 % 2 === 0) return k1 / 2 + 1;
  if (compat === "matlab") return (k1 + 1) / 2;
  const below = (k1 - 1) / 2;
  return (below % 2 === 0 ? below : below + 1) + 1;
}
