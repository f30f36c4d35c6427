// The large-scale form of Iscen et al.: the graph is cut before it is normalised ("early truncation").

import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { requireMemory } from "../memory.ts";
import { emptyNeighbors } from "../ranking.ts";
import { requirePositiveInteger } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import {
  createCut,
  cutBytes,
  listRows,
  renormalize,
  setRightSide,
  solveCut,
  takeOut,
  unlistRows,
} from "./cut-solver.ts";
import { type DiffusedNeighbors, joinDiffused, type RerankByDiffusionOptions } from "./diffusion.ts";
import { type DiffusionMatrix, matrixOf } from "./diffusion-matrix.ts";
import { resultOptionsOf, type Solver, solverOf } from "./options.ts";
import { requireLists } from "./require.ts";
import { startOf, startVectors } from "./starts.ts";

/** Options of {@link rerankByTruncatedDiffusion}. */
export interface RerankByTruncatedDiffusionOptions extends RerankByDiffusionOptions {
  /**
   * How many rows of a query's list are its part of the graph; 1 or more. Of shorter lists, all.
   *
   * @defaultValue 10,000, as in the paper, which takes them of 105 thousand and more
   */
  readonly truncation?: number;
}

/**
 * Re-ranks each query's list by diffusion on the part of the neighbor graph that the list cuts out.
 *
 * ```text
 * T   = the first `truncation` rows of the query's list
 * S_T = D_T^-1/2 A_T D_T^-1/2        A_T the rows and columns T of A,  D_T its own row sums + 1e-12
 * (I - alpha S_T) f = y              y as in rerankByDiffusion, conjugate gradient from 0
 * ```
 *
 * The time per query depends on the list, not on the database. Rows outside of `T` are never found. With a
 * `truncation` and lists of all rows it is the same as {@link rerankByDiffusion}, up to rounding.
 *
 * Memory, per thread: `4 * N + 48 * T + 12 * T * min(T, longest row of the matrix)` bytes, and what
 * {@link diffusionMatrix} needs if a graph is given.
 *
 * @param neighbors - Search results of the queries in the database, best first, with similarities as scores.
 * @param graph - The nearest rows of every database row, or the matrix that {@link diffusionMatrix} made of them.
 * @returns Lists of `k`; their scores are `f`. They also hold `iterations` and `residuals` per query.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { rerankByTruncatedDiffusion } from "@lmk/rerank";
 *
 * const graph = {
 *   ids: Int32Array.of(1, -1, 0, 2, 1, -1),
 *   scores: Float32Array.of(0.9, -Infinity, 0.9, 0.8, 0.8, -Infinity),
 *   rows: 3,
 *   k: 2,
 * };
 * const neighbors = { ids: Int32Array.of(0, 2, 1), scores: Float32Array.of(0.7, 0.4, 0.3), rows: 1, k: 3 };
 *
 * // Row 2 is tied to row 0 by row 1 alone, which the list of two rows does not hold.
 * const short = rerankByTruncatedDiffusion(neighbors, graph, { truncation: 2, queryNeighborCount: 1 });
 * console.log([...short.ids]); // => [ 0, 2, 1 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1611.05113 | Iscen et al., Efficient Diffusion on Region Manifolds, 2017}
 */
export function rerankByTruncatedDiffusion(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByTruncatedDiffusionOptions = {},
): DiffusedNeighbors {
  return runMethod(truncatedDiffusion("rerankByTruncatedDiffusion", neighbors, graph, options));
}

/** {@link rerankByTruncatedDiffusion} in threads, which share the queries. */
export function rerankByTruncatedDiffusionAsync(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByTruncatedDiffusionOptions & RunOptions = {},
): Promise<DiffusedNeighbors> {
  return runMethodAsync(
    "rerankByTruncatedDiffusionAsync",
    truncatedDiffusion("rerankByTruncatedDiffusionAsync", neighbors, graph, options),
    options,
  );
}

function* truncatedDiffusion(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByTruncatedDiffusionOptions,
): Method<DiffusedNeighbors> {
  const { truncation = 10_000, memoryLimit = Infinity } = options;
  const solver = solverOf(caller, options);
  const start = startOf(caller, options);
  const { k, keep } = resultOptionsOf(caller, options, neighbors.k);
  requirePositiveInteger(caller, "truncation", truncation);
  const matrix = matrixOf(caller, graph, options);
  requireLists(caller, "neighbors", neighbors, matrix.degrees.length);
  const length = Math.min(truncation, neighbors.k);
  requireMemory(caller, cutBytes(matrix, length), memoryLimit);
  const input: TruncatedInput = {
    matrix,
    ids: neighbors.ids,
    listLength: neighbors.k,
    truncation: length,
    starts: startVectors(neighbors, start),
    solver,
    k,
    keep,
  };
  return joinDiffused(yield* overRows(truncatedDiffusionTask, input, neighbors.rows), k);
}

export interface TruncatedInput {
  readonly matrix: DiffusionMatrix;
  readonly ids: Int32Array;
  readonly listLength: number;
  readonly truncation: number;
  readonly starts: SparseRows;
  readonly solver: Solver;
  readonly k: number;
  readonly keep: boolean;
}

export const truncatedDiffusionTask: RowTask<TruncatedInput, DiffusedNeighbors> = {
  name: "diffuse in lists",
  run: diffuseLists,
};

function diffuseLists(input: TruncatedInput, first: number, end: number): DiffusedNeighbors {
  const { matrix, ids, listLength, truncation, starts, solver, k, keep } = input;
  const cut = createCut(matrix, truncation);
  const best = createBestScores(k);
  const target = emptyNeighbors(end - first, k);
  const iterations = new Int32Array(end - first);
  const residuals = new Float64Array(end - first);
  for (let row = first; row < end; row++) {
    const from = row * listLength;
    listRows(cut, ids, from, from + truncation);
    for (let i = starts.starts[row]!; i < starts.starts[row + 1]!; i++) {
      const id = starts.columns[i]!;
      // A start may lie behind the cut.
      if (starts.values[i] !== 0 && cut.places[id] === -2) setRightSide(cut, id, starts.values[i]!);
    }
    takeOut(cut, matrix);
    renormalize(cut, matrix);
    solveCut(cut, solver);
    for (let i = 0; i < cut.count; i++) {
      if (cut.solution[i] !== 0) offer(best, cut.members[i]!, cut.solution[i]!);
    }
    writeBestScores(best, target, row - first, keep ? ids.subarray(from, from + listLength) : undefined);
    iterations[row - first] = cut.iterations;
    residuals[row - first] = cut.relativeResidual;
    unlistRows(cut, ids, from, from + truncation);
  }
  return { ...target, iterations, residuals };
}
