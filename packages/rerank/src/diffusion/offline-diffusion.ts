// Deviations from fyang93/diffusion: a row stands first in its own list whatever the search said, which its solver
// presumes; results of exactly 0 are not stored.

import { createBestScores, offer } from "../best-scores.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { selfFirstLists } from "../pool.ts";
import { requirePositiveInteger, requireRows } from "../require.ts";
import { joinSparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import {
  type Cut,
  createCut,
  cutBytes,
  listRows,
  setRightSide,
  solveCut,
  takeOut,
  unlistRows,
} from "./cut-solver.ts";
import { type DiffusionMatrix, matrixOf } from "./diffusion-matrix.ts";
import { type DiffusionSolverOptions, type Solver, solverOf } from "./options.ts";
import { requireLists } from "./require.ts";

/** The diffusion of every row of a graph, plain data that can be kept: sparse rows with values in single precision. */
export interface OfflineDiffusion {
  /** One number per row and one behind the last. */
  readonly starts: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

/** Options of {@link prepareOfflineDiffusion}. */
export interface PrepareOfflineDiffusionOptions extends DiffusionSolverOptions, MemoryOptions {
  /**
   * How many rows of a row's list are its part of the graph, the row itself counted; 1 or more. Of shorter lists, all.
   *
   * @defaultValue 1000, as in fyang93/diffusion
   */
  readonly truncation?: number;
  /**
   * How many numbers of each row are kept, the largest; 1 or more.
   *
   * @defaultValue all
   */
  readonly entryCount?: number;
  /**
   * How many of a row's nearest rows are its neighbors, the row itself counted, if a graph is given; see
   * {@link DiffusionMatrixOptions}. A matrix has its own.
   *
   * @defaultValue 50, as in fyang93/diffusion
   */
  readonly neighborCount?: number;
  /**
   * Exponent on the similarities, if a graph is given.
   *
   * @defaultValue 3, as in the paper
   */
  readonly gamma?: number;
}

/**
 * The diffusion of each database row on its own part of the graph, done before there are queries.
 *
 * ```text
 * T_i = row i, then the first truncation - 1 others of its list
 * (I - alpha S[T_i, T_i]) x = e_i        S as it is for the whole graph ("late truncation"), conjugate gradient from 0
 * row i of the result = x at the columns T_i
 * ```
 *
 * The numbers of a row stand in the order in which the row reaches them; it comes first itself.
 *
 * The default `neighborCount` and `alpha` suit classes of dozens of images. Where classes are smaller, a `neighborCount`
 * near the size of a class and an `alpha` of 0.9 lose less (measured on the generated landmarks of this library's
 * benchmarks).
 *
 * Memory: the result has at most `8 * N * min(truncation, entryCount) + 4 * N` bytes (41 MB for 5 thousand rows, 6.1 GB
 * for 762 thousand at the default: take a smaller `truncation` there); while it works twice that, `4 * N * truncation`
 * for lists, and per thread `4 * N + 48 * T + 12 * T * min(T, longest row of the matrix)`.
 *
 * @param graph - The nearest rows of every row, or the matrix that {@link diffusionMatrix} made of them.
 * @param lists - The `truncation` nearest rows of every row; may be the same search as `graph`.
 * @returns One sparse row per row of the graph.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { prepareOfflineDiffusion } from "@lmk/rerank";
 *
 * // Two rows that are neighbors, and one alone: (1, -0.5; -0.5, 1) has the inverse (4/3, 2/3; 2/3, 4/3).
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.9, 0.9, 0.2), rows: 3, k: 1 };
 *
 * const { values } = prepareOfflineDiffusion(graph, graph, { alpha: 0.5 });
 * console.log([...values].map((value) => value.toFixed(4)).join(" ")); // => 1.3333 0.6667 1.3333 0.6667 1.0000
 * ```
 *
 * @see {@link https://arxiv.org/abs/1811.10907 | Yang et al., Efficient Image Retrieval via Decoupling Diffusion into Online and Offline Processing, 2019}
 */
export function prepareOfflineDiffusion(
  graph: Neighbors | DiffusionMatrix,
  lists: Neighbors,
  options: PrepareOfflineDiffusionOptions = {},
): OfflineDiffusion {
  return runMethod(offlineDiffusion("prepareOfflineDiffusion", graph, lists, options));
}

/** {@link prepareOfflineDiffusion} in threads, which share the rows. */
export function prepareOfflineDiffusionAsync(
  graph: Neighbors | DiffusionMatrix,
  lists: Neighbors,
  options: PrepareOfflineDiffusionOptions & RunOptions = {},
): Promise<OfflineDiffusion> {
  return runMethodAsync(
    "prepareOfflineDiffusionAsync",
    offlineDiffusion("prepareOfflineDiffusionAsync", graph, lists, options),
    options,
  );
}

function* offlineDiffusion(
  caller: string,
  graph: Neighbors | DiffusionMatrix,
  lists: Neighbors,
  options: PrepareOfflineDiffusionOptions,
): Method<OfflineDiffusion> {
  const { truncation = 1000, entryCount = truncation, memoryLimit = Infinity } = options;
  const solver = solverOf(caller, options);
  requirePositiveInteger(caller, "truncation", truncation);
  requirePositiveInteger(caller, "entryCount", entryCount);
  const matrix = matrixOf(caller, graph, options);
  const rows = matrix.degrees.length;
  requireRows(caller, "lists", lists.rows, rows);
  const length = Math.min(truncation, lists.k + 1);
  const kept = Math.min(length, entryCount);
  requireMemory(caller, rows * (16 * kept + 4 * length) + cutBytes(matrix, length), memoryLimit);
  requireLists(caller, "lists", lists, rows);
  const input: OfflineInput = { matrix, lists: selfFirstLists(lists, length - 1), length, kept, solver };
  return joinSparseRows(yield* overRows(offlineDiffusionTask, input, rows));
}

export interface OfflineInput {
  readonly matrix: DiffusionMatrix;
  /** Rows of `length` ids, each its own row first. */
  readonly lists: Int32Array;
  readonly length: number;
  readonly kept: number;
  readonly solver: Solver;
}

export const offlineDiffusionTask: RowTask<OfflineInput, OfflineDiffusion> = {
  name: "diffuse offline",
  run: diffuseRows,
};

function diffuseRows(input: OfflineInput, first: number, end: number): OfflineDiffusion {
  const { matrix, lists, length, kept, solver } = input;
  const cut = createCut(matrix, length);
  const starts = new Uint32Array(end - first + 1);
  const columns = new Int32Array((end - first) * kept);
  const values = new Float32Array((end - first) * kept);
  let count = 0;
  for (let row = first; row < end; row++) {
    listRows(cut, lists, row * length, (row + 1) * length);
    setRightSide(cut, row, 1);
    takeOut(cut, matrix);
    solveCut(cut, solver);
    const least = cut.count > kept ? leastKept(cut, kept) : { score: -Infinity, id: -1 };
    for (let i = 0; i < cut.count; i++) {
      const id = cut.members[i]!;
      const score = Math.fround(cut.solution[i]!);
      if (score < least.score || (score === least.score && id > least.id) || score === 0) continue;
      columns[count] = id;
      values[count] = score;
      count += 1;
    }
    starts[row - first + 1] = count;
    unlistRows(cut, lists, row * length, (row + 1) * length);
  }
  return { starts, columns: columns.slice(0, count), values: values.slice(0, count) };
}

/** The last of the `kept` largest numbers: of equal ones the smaller ids are kept. */
function leastKept(cut: Cut, kept: number): { readonly score: number; readonly id: number } {
  const best = createBestScores(kept);
  for (let i = 0; i < cut.count; i++) offer(best, cut.members[i]!, cut.solution[i]!);
  return { score: best.scores[0]!, id: best.ids[0]! };
}
