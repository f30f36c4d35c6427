// Deviations from fyang93/diffusion: lists are cut to `k`, not to the truncation; negative similarities count as 0
// unless `negatives: "keep"`; rows that are not reached keep the order of the first search.

import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { emptyNeighbors, joinNeighbors } from "../ranking.ts";
import { requireOneOf } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import type { OfflineDiffusion } from "./offline-diffusion.ts";
import { poolStarts, unitColumns } from "./offline-rows.ts";
import { type DiffusionResultOptions, type DiffusionStartOptions, resultOptionsOf } from "./options.ts";
import { requireLists, requireSparse } from "./require.ts";
import { startOf, startVectors } from "./starts.ts";

/** Options of {@link rerankByOfflineDiffusion}. */
export interface RerankByOfflineDiffusionOptions
  extends DiffusionStartOptions,
    DiffusionResultOptions,
    MemoryOptions {
  /**
   * - `neighbors`: the rows of the query's neighbors, weighed and summed, as in the paper (`search_old` of
   *   fyang93/diffusion). Queries are not in the graph and may come at any time.
   * - `rows`: the cosine of the query's row with each database row's (`search` of fyang93/diffusion, better by its
   *   authors' account). `offline` is then of the pool: the queries, in the order of `neighbors`, then the database.
   *
   * @defaultValue "neighbors", as in the paper
   */
  readonly scoring?: "neighbors" | "rows";
}

/**
 * Re-ranks by the diffusion that was done offline: what is left per query is a sum of sparse rows.
 *
 * ```text
 * x_i = row i of offline
 * neighbors:  f = sum over the first queryNeighborCount rows j of the query's list of  max(sim_qj, 0) ^ gamma  x_j
 * rows:       f_g = x_q . x_(Q+g) / (|x_q| |x_(Q+g)|)         Q = neighbors.rows
 * ```
 *
 * Memory: `13 * N` bytes per thread; with `scoring: "rows"` also 12 bytes per number of `offline`, as its database rows
 * are put in the order of columns.
 *
 * @param neighbors - Search results of the queries in the database, best first. With `scoring: "rows"` their scores are
 * not used, and the lists only say what follows where `f` is 0.
 * @param offline - What {@link prepareOfflineDiffusion} gave for the database, or for the pool.
 * @returns Lists of `k`; their scores are `f`.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { prepareOfflineDiffusion, rerankByOfflineDiffusion } from "@lmk/rerank";
 *
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.9, 0.9, 0.2), rows: 3, k: 1 };
 * const offline = prepareOfflineDiffusion(graph, graph, { alpha: 0.5 });
 * const neighbors = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.8, 0.7), rows: 1, k: 2 };
 *
 * const { ids } = rerankByOfflineDiffusion(neighbors, offline, { k: 3 });
 * console.log([...ids]); // => [ 2, 0, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1811.10907 | Yang et al., Efficient Image Retrieval via Decoupling Diffusion into Online and Offline Processing, 2019}
 */
export function rerankByOfflineDiffusion(
  neighbors: Neighbors,
  offline: OfflineDiffusion,
  options: RerankByOfflineDiffusionOptions = {},
): Neighbors {
  return runMethod(offlineReranking("rerankByOfflineDiffusion", neighbors, offline, options));
}

/** {@link rerankByOfflineDiffusion} in threads, which share the queries. */
export function rerankByOfflineDiffusionAsync(
  neighbors: Neighbors,
  offline: OfflineDiffusion,
  options: RerankByOfflineDiffusionOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankByOfflineDiffusionAsync",
    offlineReranking("rerankByOfflineDiffusionAsync", neighbors, offline, options),
    options,
  );
}

function* offlineReranking(
  caller: string,
  neighbors: Neighbors,
  offline: OfflineDiffusion,
  options: RerankByOfflineDiffusionOptions,
): Method<Neighbors> {
  const { scoring = "neighbors", memoryLimit = Infinity } = options;
  requireOneOf(caller, "scoring", scoring, ["neighbors", "rows"]);
  const start = startOf(caller, options);
  const { k, keep } = resultOptionsOf(caller, options, neighbors.k);
  const pool = offline.starts.length - 1;
  requireSparse(caller, "offline", offline, pool);
  const queries = scoring === "rows" ? neighbors.rows : 0;
  if (queries > pool) {
    throw new RangeError(
      `${caller}: expected \`offline\` to hold the ${queries} queries and the database, got ${pool} rows`,
    );
  }
  const rows = pool - queries;
  requireLists(caller, "neighbors", neighbors, rows);
  requireMemory(
    caller,
    13 * pool + (scoring === "rows" ? 12 * offline.columns.length + 12 * pool : 0),
    memoryLimit,
  );
  const input: OfflineRerankInput = {
    starts: scoring === "rows" ? poolStarts(offline, queries) : startVectors(neighbors, start),
    matrix: scoring === "rows" ? unitColumns(offline, queries) : offline,
    rows,
    firstIds: keep ? neighbors.ids : new Int32Array(0),
    firstK: keep ? neighbors.k : 0,
    k,
  };
  return joinNeighbors(yield* overRows(offlineRerankTask, input, neighbors.rows), k);
}

/** `starts` times `matrix` are the scores, of `rows` columns. */
export interface OfflineRerankInput {
  readonly starts: SparseRows;
  readonly matrix: {
    readonly starts: Uint32Array;
    readonly columns: Int32Array;
    readonly values: Float32Array | Float64Array;
  };
  readonly rows: number;
  readonly firstIds: Int32Array;
  readonly firstK: number;
  readonly k: number;
}

export const offlineRerankTask: RowTask<OfflineRerankInput, Neighbors> = {
  name: "rank by offline diffusion",
  run: rankRows,
};

function rankRows(input: OfflineRerankInput, first: number, end: number): Neighbors {
  const { starts, matrix, rows, firstIds, firstK, k } = input;
  const sums = new Float64Array(rows);
  const listed = new Uint8Array(rows);
  const touched = new Int32Array(rows);
  const best = createBestScores(k);
  const target = emptyNeighbors(end - first, k);
  const { starts: rowStarts, columns, values } = matrix;
  for (let row = first; row < end; row++) {
    let count = 0;
    for (let at = starts.starts[row]!; at < starts.starts[row + 1]!; at++) {
      const weight = starts.values[at]!;
      if (weight === 0) continue;
      const member = starts.columns[at]!;
      for (let i = rowStarts[member]!; i < rowStarts[member + 1]!; i++) {
        const column = columns[i]!;
        if (listed[column] === 0) {
          listed[column] = 1;
          touched[count] = column;
          count += 1;
        }
        sums[column]! += weight * values[i]!;
      }
    }
    for (let i = 0; i < count; i++) {
      const column = touched[i]!;
      if (sums[column] !== 0) offer(best, column, sums[column]!);
      sums[column] = 0;
      listed[column] = 0;
    }
    const list = firstK > 0 ? firstIds.subarray(row * firstK, (row + 1) * firstK) : undefined;
    writeBestScores(best, target, row - first, list);
  }
  return target;
}
