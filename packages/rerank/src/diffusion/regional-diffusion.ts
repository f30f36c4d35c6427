// Deviation from the paper: similarities of a query's regions are known only where the search listed them, so a sum
// lacks those that it did not; with lists of all regions it is the paper's.

import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { requireMemory } from "../memory.ts";
import { emptyNeighbors } from "../ranking.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { type Block, blockWidth, clearBlock, createBlock, fillBlock } from "./block.ts";
import { solveBlock } from "./block-solver.ts";
import { type Components, connectedComponents } from "./components.ts";
import { type DiffusedNeighbors, joinDiffused, type RerankByDiffusionOptions } from "./diffusion.ts";
import { type DiffusionMatrix, matrixOf } from "./diffusion-matrix.ts";
import { resultOptionsOf, type Solver, solverOf } from "./options.ts";
import { regionalStartVectors } from "./regional-starts.ts";
import { countImages, requireImages, requireLists } from "./require.ts";
import { startOf } from "./starts.ts";

/** Which regions belong together. */
export interface Regions {
  /** The query of each row of the search results, a count from 0. */
  readonly queries: Int32Array;
  /** The image of each database region, a count from 0. */
  readonly images: Int32Array;
  /** The weight of each database region in its image, from {@link generalizedMaxPoolingWeights}; 1 if absent. */
  readonly weights?: Float64Array;
}

/** Options of {@link rerankByRegionalDiffusion}; as in the paper, 200 neighbors by default in the graph and per query. */
export type RerankByRegionalDiffusionOptions = Omit<RerankByDiffusionOptions, "unreached">;

/**
 * Ranks images by diffusion among their regions, for images and queries of several vectors each.
 *
 * ```text
 * t_r = sum over the regions p of the query of  sim_pr               r a database region
 * y_r = max(t_r, 0) ^ gamma    for the queryNeighborCount largest t,  else 0
 * (I - alpha S) f = y          S of the graph of regions
 * score of an image = sum over its regions r of  weights_r f_r
 * ```
 *
 * Memory: as {@link rerankByDiffusion} with `N` the number of regions, 8 bytes per region for its weight, and 13 bytes per
 * image and thread.
 *
 * @param neighbors - Search results of the queries' regions in the database's regions, best first.
 * @param graph - The nearest regions of every database region, or the matrix that {@link diffusionMatrix} made of them
 * (with `neighborCount: 200` in the paper).
 * @param regions - Which query and which image each region belongs to.
 * @returns For each query, `k` images; as many queries as the largest number of `regions.queries` says. Images that
 * diffusion does not reach are not listed.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { rerankByRegionalDiffusion } from "@lmk/rerank";
 *
 * // Regions 0 and 1 are tied, of images 0 and 1; the query's two regions both found region 0.
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.9, 0.9, 0.2), rows: 3, k: 1 };
 * const neighbors = { ids: Int32Array.of(0, 0), scores: Float32Array.of(0.5, 0.5), rows: 2, k: 1 };
 * const regions = { queries: Int32Array.of(0, 0), images: Int32Array.of(0, 1, 1) };
 *
 * // y = (1, 0, 0), and (1, -0.5; -0.5, 1) has the inverse (4/3, 2/3; 2/3, 4/3).
 * const { ids, scores } = rerankByRegionalDiffusion(neighbors, graph, regions, { alpha: 0.5, k: 2 });
 * console.log([...ids], [...scores].map((score) => score.toFixed(3)).join(" ")); // => [ 0, 1 ] 1.333 0.667
 * ```
 *
 * @see {@link https://arxiv.org/abs/1611.05113 | Iscen et al., Efficient Diffusion on Region Manifolds, 2017}
 */
export function rerankByRegionalDiffusion(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  regions: Regions,
  options: RerankByRegionalDiffusionOptions = {},
): DiffusedNeighbors {
  return runMethod(regionalDiffusion("rerankByRegionalDiffusion", neighbors, graph, regions, options));
}

/** {@link rerankByRegionalDiffusion} in threads; the queries are shared among them in blocks of eight. */
export function rerankByRegionalDiffusionAsync(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  regions: Regions,
  options: RerankByRegionalDiffusionOptions & RunOptions = {},
): Promise<DiffusedNeighbors> {
  return runMethodAsync(
    "rerankByRegionalDiffusionAsync",
    regionalDiffusion("rerankByRegionalDiffusionAsync", neighbors, graph, regions, options),
    options,
  );
}

function* regionalDiffusion(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix,
  regions: Regions,
  options: RerankByRegionalDiffusionOptions,
): Method<DiffusedNeighbors> {
  const solver = solverOf(caller, options);
  const start = startOf(caller, options, 200);
  const { k } = resultOptionsOf(caller, options, neighbors.k);
  const matrix = matrixOf(caller, graph, { neighborCount: 200, ...options });
  const rows = matrix.degrees.length;
  requireLists(caller, "neighbors", neighbors, rows);
  requireImages(caller, "regions.queries", regions.queries, neighbors.rows);
  requireImages(caller, "regions.images", regions.images, rows);
  const { weights = new Float64Array(rows).fill(1) } = regions;
  requireWeights(caller, weights, rows);
  const images = countImages(regions.images);
  const queries = countImages(regions.queries);
  requireMemory(caller, rows * (solver.keepBest ? 344 : 280) + 13 * images, options.memoryLimit ?? Infinity);
  const input: RegionalInput = {
    matrix,
    components: connectedComponents(matrix),
    starts: regionalStartVectors(neighbors, regions.queries, queries, rows, start),
    images: regions.images,
    imageCount: images,
    weights,
    solver,
    k,
  };
  return joinDiffused(yield* overRows(regionalDiffusionTask, input, Math.ceil(queries / blockWidth)), k);
}

function requireWeights(caller: string, weights: Float64Array, rows: number): void {
  const expected = `${caller}: expected \`regions.weights\` to be ${rows} finite numbers`;
  if (weights.length !== rows) throw new RangeError(`${expected}, got ${weights.length}`);
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(weights[row]!))
      throw new RangeError(`${expected}, got ${weights[row]} in row ${row}`);
  }
}

export interface RegionalInput {
  readonly matrix: DiffusionMatrix;
  readonly components: Components;
  readonly starts: SparseRows;
  readonly images: Int32Array;
  readonly imageCount: number;
  readonly weights: Float64Array;
  readonly solver: Solver;
  readonly k: number;
}

/** Its rows are blocks of eight queries. */
export const regionalDiffusionTask: RowTask<RegionalInput, DiffusedNeighbors> = {
  name: "diffuse regions",
  run: diffuseRegions,
};

function diffuseRegions(input: RegionalInput, first: number, end: number): DiffusedNeighbors {
  const { matrix, components, starts, solver, k } = input;
  const queries = starts.starts.length - 1;
  const from = Math.min(queries, first * blockWidth);
  const to = Math.min(queries, end * blockWidth);
  const block = createBlock(from < to ? matrix.degrees.length : 0, solver.keepBest);
  const reached = new Uint8Array(components.starts.length - 1);
  const sums = new Float64Array(input.imageCount);
  const touched = new Int32Array(input.imageCount);
  const listed = new Uint8Array(input.imageCount);
  const best = createBestScores(k);
  const target = emptyNeighbors(to - from, k);
  const iterations = new Int32Array(to - from);
  const residuals = new Float64Array(to - from);
  for (let row = from; row < to; row += blockWidth) {
    const width = Math.min(blockWidth, to - row);
    fillBlock(block, starts, components, row, width, reached);
    solveBlock(block, matrix, solver);
    for (let c = 0; c < width; c++) {
      const count = pool(block, c, input, sums, touched, listed);
      for (let i = 0; i < count; i++) {
        const image = touched[i]!;
        offer(best, image, sums[image]!);
        sums[image] = 0;
        listed[image] = 0;
      }
      writeBestScores(best, target, row + c - from, undefined);
      iterations[row + c - from] = block.iterations[c]!;
      residuals[row + c - from] = block.residuals[c]!;
    }
    clearBlock(block);
  }
  return { ...target, iterations, residuals };
}

/** Sums the regions of each image that a query reaches; gives how many images it lists in `touched`. */
function pool(
  block: Block,
  c: number,
  { images, weights }: RegionalInput,
  sums: Float64Array,
  touched: Int32Array,
  listed: Uint8Array,
): number {
  let count = 0;
  for (let a = 0; a < block.activeCount; a++) {
    const region = block.active[a]!;
    const value = block.solution[region * blockWidth + c]!;
    if (value === 0) continue;
    const image = images[region]!;
    if (listed[image] === 0) {
      listed[image] = 1;
      touched[count] = image;
      count += 1;
    }
    sums[image]! += weights[region]! * value;
  }
  return count;
}
