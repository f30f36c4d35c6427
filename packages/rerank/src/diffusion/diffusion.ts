// Deviation from the originals: rows that cannot be reached from a query's start, and so have score 0, are not ranked
// by chance behind the others but as the first search had them. Iscen's MATLAB code: `iterate: "smallest-residual"`;
// jifeiluo/reranking: `queryNeighborCount: 4, negatives: "keep"`.

import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import { joinNumbers } from "../join-numbers.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { emptyNeighbors, joinNeighbors } from "../ranking.ts";
import { requirePositiveInteger } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { blockWidth, clearBlock, createBlock, fillBlock } from "./block.ts";
import { solveBlock } from "./block-solver.ts";
import { type Components, connectedComponents } from "./components.ts";
import { type DiffusionMatrix, matrixOf } from "./diffusion-matrix.ts";
import {
  type DiffusionResultOptions,
  type DiffusionSolverOptions,
  type DiffusionStartOptions,
  resultOptionsOf,
  type Solver,
  solverOf,
} from "./options.ts";
import { requireLists } from "./require.ts";
import { startOf, startVectors } from "./starts.ts";

/** Options of {@link rerankByDiffusion}. */
export interface RerankByDiffusionOptions
  extends DiffusionSolverOptions,
    DiffusionStartOptions,
    DiffusionResultOptions,
    MemoryOptions {
  /**
   * How many of a row's nearest rows are its neighbors, the row itself counted, if a graph is given; see
   * {@link DiffusionMatrixOptions}. A matrix has its own.
   *
   * @defaultValue 50, as in the paper
   */
  readonly neighborCount?: number;
}

/** Lists of results, with how the solver fared for each query. */
export interface DiffusedNeighbors extends Neighbors {
  /** Steps of the conjugate gradient, per query. */
  readonly iterations: Int32Array;
  /** The length of the residual that was left, in parts of that of the right-hand side, per query. */
  readonly residuals: Float64Array;
}

/**
 * Re-ranks by diffusion on the neighbor graph of the whole database: a row is good if it is tied to the query's
 * neighbors by many paths.
 *
 * ```text
 * y_j = max(sim_qj, 0) ^ gamma   for the first queryNeighborCount rows j of the query's list,  else 0
 * (I - alpha S) f = y            by conjugate gradient from 0;  S from diffusionMatrix
 * ```
 *
 * The result ranks rows of the whole database by `f`, also such that the first search did not list. Queries need not be
 * rows of the graph. `f` is never negative where `y` is not and the solver converged; it grows with `y`.
 *
 * Queries are solved eight at a time; results do not depend on which, nor on the number of threads.
 *
 * The defaults are the paper's, for classes of dozens of images. Where classes are smaller, a `neighborCount` near the
 * size of a class and an `alpha` of 0.9 lose less (measured on the generated landmarks of this library's benchmarks).
 *
 * Memory: `264 * N` bytes per thread (`328 * N` with `iterate: "smallest-residual"`), `8 * N` for the graph's
 * components, and what {@link diffusionMatrix} needs if a graph is given.
 *
 * @param neighbors - Search results of the queries in the database, best first, with similarities as scores.
 * @param graph - The nearest rows of every database row, or the matrix that {@link diffusionMatrix} made of them.
 * @returns Lists of `k`; their scores are `f`. They also hold `iterations` and `residuals` per query.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { rerankByDiffusion } from "@lmk/rerank";
 *
 * // Database rows 0, 1 and 2 hang together in a chain; row 3 is alone.
 * const graph = {
 *   ids: Int32Array.of(1, -1, 0, 2, 1, -1, 1, -1),
 *   scores: Float32Array.of(0.9, -Infinity, 0.9, 0.8, 0.8, -Infinity, 0.1, -Infinity),
 *   rows: 4,
 *   k: 2,
 * };
 * // The query found row 0, and row 3 before row 2.
 * const neighbors = { ids: Int32Array.of(0, 3, 2), scores: Float32Array.of(0.7, 0.4, 0.3), rows: 1, k: 3 };
 *
 * const { ids } = rerankByDiffusion(neighbors, graph, { k: 4, queryNeighborCount: 1 });
 * console.log([...ids]); // => [ 1, 0, 2, 3 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1611.05113 | Iscen et al., Efficient Diffusion on Region Manifolds, 2017}
 */
export function rerankByDiffusion(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByDiffusionOptions = {},
): DiffusedNeighbors {
  return runMethod(diffusion("rerankByDiffusion", neighbors, graph, options));
}

/** {@link rerankByDiffusion} in threads; the queries are shared among them in blocks of eight. */
export function rerankByDiffusionAsync(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByDiffusionOptions & RunOptions = {},
): Promise<DiffusedNeighbors> {
  return runMethodAsync(
    "rerankByDiffusionAsync",
    diffusion("rerankByDiffusionAsync", neighbors, graph, options),
    options,
  );
}

function* diffusion(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  options: RerankByDiffusionOptions,
): Method<DiffusedNeighbors> {
  const solver = solverOf(caller, options);
  const start = startOf(caller, options);
  const { k, keep } = resultOptionsOf(caller, options, neighbors.k);
  if (options.neighborCount !== undefined) {
    requirePositiveInteger(caller, "neighborCount", options.neighborCount);
  }
  const matrix = matrixOf(caller, graph, options);
  const rows = matrix.degrees.length;
  requireMemory(caller, rows * (solver.keepBest ? 336 : 272), options.memoryLimit ?? Infinity);
  requireLists(caller, "neighbors", neighbors, rows);
  const input: DiffuseInput = {
    matrix,
    components: connectedComponents(matrix),
    starts: startVectors(neighbors, start),
    firstIds: keep ? neighbors.ids : new Int32Array(0),
    firstK: keep ? neighbors.k : 0,
    solver,
    k,
  };
  return joinDiffused(yield* overRows(diffuseTask, input, Math.ceil(neighbors.rows / blockWidth)), k);
}

/** What the task needs; `firstK` is 0 where rows that are not reached are dropped. */
export interface DiffuseInput {
  readonly matrix: DiffusionMatrix;
  readonly components: Components;
  readonly starts: SparseRows;
  readonly firstIds: Int32Array;
  readonly firstK: number;
  readonly solver: Solver;
  readonly k: number;
}

/** Its rows are blocks of eight queries. */
export const diffuseTask: RowTask<DiffuseInput, DiffusedNeighbors> = { name: "diffuse", run: diffuseBlocks };

function diffuseBlocks(input: DiffuseInput, first: number, end: number): DiffusedNeighbors {
  const { matrix, starts, solver, k, firstIds, firstK } = input;
  const queries = starts.starts.length - 1;
  const from = Math.min(queries, first * blockWidth);
  const to = Math.min(queries, end * blockWidth);
  const block = createBlock(from < to ? matrix.degrees.length : 0, solver.keepBest);
  const reached = new Uint8Array(input.components.starts.length - 1);
  const best = createBestScores(k);
  const target = emptyNeighbors(to - from, k);
  const iterations = new Int32Array(to - from);
  const residuals = new Float64Array(to - from);
  for (let row = from; row < to; row += blockWidth) {
    const width = Math.min(blockWidth, to - row);
    fillBlock(block, starts, input.components, row, width, reached);
    solveBlock(block, matrix, solver);
    for (let c = 0; c < width; c++) {
      for (let a = 0; a < block.activeCount; a++) {
        const id = block.active[a]!;
        const score = block.solution[id * blockWidth + c]!;
        if (score !== 0) offer(best, id, score);
      }
      const query = row + c;
      const list = firstK > 0 ? firstIds.subarray(query * firstK, (query + 1) * firstK) : undefined;
      writeBestScores(best, target, query - from, list);
      iterations[query - from] = block.iterations[c]!;
      residuals[query - from] = block.residuals[c]!;
    }
    clearBlock(block);
  }
  return { ...target, iterations, residuals };
}

export function joinDiffused(parts: readonly DiffusedNeighbors[], k: number): DiffusedNeighbors {
  return {
    ...joinNeighbors(parts, k),
    iterations: joinNumbers(parts.map((part) => part.iterations)),
    residuals: joinNumbers(parts.map((part) => part.residuals)),
  };
}
