// Deviations: all originals count the row itself among its neighbors, and so does `neighborCount`; MATLAB's code has no
// 1e-12 in the degrees and gives NaN for rows without neighbors; fyang93/diffusion takes the first entry of a list for
// the row itself, which with duplicates it need not be, and does not make the two directions of an edge equal.

import type { Neighbors } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { selfFirstLists, selfFirstScores } from "../pool.ts";
import { power } from "../power.ts";
import { requireOneOf, requirePositiveInteger, requireWithin } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { requireLists, requireSparse } from "./require.ts";

/** A graph as diffusion wants it: the entries of `D^-1/2 A D^-1/2`, row by row, plain data that can be kept and sent. */
export interface DiffusionMatrix extends SparseRows {
  /** The sums of the rows of `A`, plus 1e-12: one number per row. */
  readonly degrees: Float64Array;
}

/** Options of {@link diffusionMatrix}. */
export interface DiffusionMatrixOptions extends MemoryOptions {
  /**
   * How many of a row's nearest rows are its neighbors, the row itself counted; 1 or more. Of a graph with shorter
   * lists, all.
   *
   * @defaultValue 50, as in the paper for one vector per image (200 for regions)
   */
  readonly neighborCount?: number;
  /**
   * Exponent on the similarities, 0 or more.
   *
   * @defaultValue 3, as in the paper
   */
  readonly gamma?: number;
  /**
   * - `paper`: a row is dropped from its own list by its id, and both directions of an edge get the same weight;
   * - `fyang93`: the first entry of each list is taken for the row itself, and each direction keeps its own weight.
   *
   * @defaultValue "paper"
   */
  readonly compat?: "paper" | "fyang93";
}

/**
 * The normalised matrix of the mutual neighbor graph, on which all diffusion here works.
 *
 * ```text
 * s_ij = (sim_ij + sim_ji) / 2                       both directions of a graph need not have the same bits
 * a_ij = max(s_ij, 0) ^ gamma   where j is a neighbor of i and i of j,  else 0;  a_ii = 0
 * d_i  = sum over j of a_ij  +  1e-12
 * S_ij = a_ij / sqrt(d_i d_j)
 * ```
 *
 * A row without mutual neighbors has an empty row here: diffusion leaves it alone. Rows that are duplicates of one
 * another are neighbors like others.
 *
 * Memory: `36 * N * neighborCount + 20 * N` bytes at most while it works; the result has 12 bytes per nonzero and 12 per row.
 *
 * @param graph - The nearest rows of every row of the database (or of a pool), itself among them or not.
 * @returns The matrix; columns ascend within rows.
 * @throws RangeError if the graph's shape, ids or scores are wrong, an option is out of range, or memory would pass
 * `memoryLimit`.
 *
 * @example
 * ```ts
 * import { diffusionMatrix } from "@lmk/rerank";
 *
 * // Rows 0 and 1 list one another; row 2 lists row 1, which does not list it.
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.5, 0.5, 0.25), rows: 3, k: 1 };
 *
 * const { starts, columns } = diffusionMatrix(graph);
 * console.log([...starts], [...columns]); // => [ 0, 1, 2, 2 ] [ 1, 0 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1611.05113 | Iscen et al., Efficient Diffusion on Region Manifolds, 2017}
 */
export function diffusionMatrix(graph: Neighbors, options: DiffusionMatrixOptions = {}): DiffusionMatrix {
  return buildMatrix("diffusionMatrix", graph, options);
}

/** What callers give: a matrix, checked, or a graph to make one of. */
export function matrixOf(
  caller: string,
  graph: Neighbors | DiffusionMatrix,
  options: DiffusionMatrixOptions,
): DiffusionMatrix {
  if ("ids" in graph) return buildMatrix(caller, graph, options);
  requireSparse(caller, "matrix", graph, graph.degrees.length);
  return graph;
}

function buildMatrix(caller: string, graph: Neighbors, options: DiffusionMatrixOptions): DiffusionMatrix {
  const { neighborCount = 50, gamma = 3, compat = "paper", memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireWithin(caller, "gamma", gamma, 0, Infinity);
  requireOneOf(caller, "compat", compat, ["paper", "fyang93"]);
  const width = Math.min(neighborCount, graph.k + 1);
  requireMemory(caller, 36 * graph.rows * width + 20 * graph.rows, memoryLimit);
  requireLists(caller, "graph", graph, graph.rows);
  const affinities =
    compat === "paper" ? symmetricAffinities(graph, width, gamma) : ownAffinities(graph, width, gamma);
  return normalizeRows(affinities);
}

/** Lists of the same length with their similarities. */
interface Lists {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly rows: number;
  readonly width: number;
}

function symmetricAffinities(graph: Neighbors, width: number, gamma: number): SparseRows {
  const lists = {
    ids: selfFirstLists(graph, width - 1),
    scores: selfFirstScores(graph, width - 1),
    rows: graph.rows,
    width,
  };
  return mutualEntries(lists, (at, back) => {
    const similarity = (lists.scores[at]! + lists.scores[back]!) / 2;
    return at === back || similarity <= 0 ? -1 : power(similarity, gamma);
  });
}

/** Weights of 0 keep the pattern symmetric where a weight is dropped in one direction only. */
function ownAffinities(graph: Neighbors, neighborCount: number, gamma: number): SparseRows {
  const width = Math.min(neighborCount, graph.k);
  const lists = { ids: cut(graph.ids), scores: cut(graph.scores), rows: graph.rows, width };
  return mutualEntries(lists, (at, back) => {
    if (at % width === 0) return at === back ? -1 : 0;
    return power(Math.max(lists.scores[at]!, 0), gamma);
  });

  function cut<Numbers extends Int32Array | Float32Array>(numbers: Numbers): Numbers {
    if (width === graph.k) return numbers;
    return numbers.filter((_, i) => i % graph.k < width) as Numbers;
  }
}

/**
 * Entries (i, j) where both lists hold the other, columns ascending. `weigh` is given where j stands in the list of i
 * and i in that of j; below 0 it leaves the entry out.
 */
function mutualEntries(lists: Lists, weigh: (at: number, back: number) => number): SparseRows {
  const { ids, rows, width } = lists;
  const holders = holdersOf(lists);
  const starts = new Uint32Array(rows + 1);
  const columns = new Int32Array(ids.length);
  const values = new Float64Array(ids.length);
  const position = new Int32Array(rows);
  const seenBy = new Int32Array(rows).fill(-1);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let at = row * width; at < (row + 1) * width; at++) {
      const id = ids[at]!;
      if (id < 0) continue;
      seenBy[id] = row;
      position[id] = at;
    }
    for (let i = holders.starts[row]!; i < holders.starts[row + 1]!; i++) {
      const back = holders.positions[i]!;
      const holder = Math.floor(back / width);
      if (seenBy[holder] !== row) continue;
      const value = weigh(position[holder]!, back);
      if (value < 0) continue;
      columns[count] = holder;
      values[count] = value;
      count += 1;
    }
    starts[row + 1] = count;
  }
  return { starts, columns: columns.slice(0, count), values: values.slice(0, count) };
}

/** For each row, where it stands in the lists of all rows; holders ascend. */
function holdersOf({ ids, rows }: Lists): { readonly starts: Uint32Array; readonly positions: Uint32Array } {
  const next = new Uint32Array(rows + 1);
  for (let at = 0; at < ids.length; at++) if (ids[at]! >= 0) next[ids[at]! + 1]! += 1;
  for (let row = 0; row < rows; row++) next[row + 1]! += next[row]!;
  const starts = next.slice();
  const positions = new Uint32Array(starts[rows]!);
  for (let at = 0; at < ids.length; at++) {
    if (ids[at]! < 0) continue;
    positions[next[ids[at]!]!] = at;
    next[ids[at]!]! += 1;
  }
  return { starts, positions };
}

function normalizeRows({ starts, columns, values }: SparseRows): DiffusionMatrix {
  const rows = starts.length - 1;
  const degrees = new Float64Array(rows);
  const scale = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) sum += values[i]!;
    degrees[row] = sum + 1e-12;
    scale[row] = 1 / Math.sqrt(degrees[row]!);
  }
  for (let row = 0; row < rows; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) values[i]! *= scale[row]! * scale[columns[i]!]!;
  }
  return { starts, columns, values, degrees };
}
