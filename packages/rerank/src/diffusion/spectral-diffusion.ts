// Deviation from jifeiluo/reranking: it decomposes the whole dense matrix, so that its rank has no effect.

import { createBestScores, offer, writeBestScores } from "../best-scores.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { requireMemory } from "../memory.ts";
import { emptyNeighbors, joinNeighbors } from "../ranking.ts";
import { requirePositiveInteger, requireWithin } from "../require.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import type { DiffusionMatrix } from "./diffusion-matrix.ts";
import { type DiffusionResultOptions, type DiffusionStartOptions, resultOptionsOf } from "./options.ts";
import { requireLists } from "./require.ts";
import {
  type DiffusionSpectrum,
  type DiffusionSpectrumOptions,
  requireSpectrum,
  spectrum,
  vectorStartsOf,
} from "./spectrum.ts";
import { startOf, startVectors } from "./starts.ts";

/** Options of {@link rerankBySpectralDiffusion}; those of the spectrum count if there is none yet. */
export interface RerankBySpectralDiffusionOptions
  extends DiffusionStartOptions,
    DiffusionResultOptions,
    Omit<DiffusionSpectrumOptions, "gamma"> {
  /**
   * How far similarity spreads, from 0 to below 1.
   *
   * @defaultValue 0.99, as in the paper
   */
  readonly alpha?: number;
}

/**
 * Re-ranks by diffusion with a matrix of low rank: the system is solved by its eigenvectors.
 *
 * ```text
 * S ~ U L U^T                                   L the largest eigenvalues, U their eigenvectors
 * f = U (I - alpha L)^-1 U^T y                  y as in rerankByDiffusion
 * ```
 *
 * With the full rank it is the exact solution, which {@link rerankByDiffusion} only approaches. With less, `f` may be
 * negative.
 *
 * Memory: `16 * N` bytes per thread, and what {@link diffusionSpectrum} needs if there is none yet.
 *
 * @param neighbors - Search results of the queries in the database, best first, with similarities as scores.
 * @param graph - What {@link diffusionSpectrum} gave, or what it takes.
 * @returns Lists of `k`; their scores are `f`.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { rerankBySpectralDiffusion } from "@lmk/rerank";
 *
 * // (1, -0.5; -0.5, 1) has the inverse (4/3, 2/3; 2/3, 4/3); row 2 is alone.
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.9, 0.9, 0.2), rows: 3, k: 1 };
 * const neighbors = { ids: Int32Array.of(0, 2), scores: Float32Array.of(1, 0.5), rows: 1, k: 2 };
 *
 * const { ids, scores } = rerankBySpectralDiffusion(neighbors, graph, { alpha: 0.5, k: 3 });
 * console.log([...ids], [...scores].map((score) => score.toFixed(3)).join(" ")); // => [ 0, 1, 2 ] 1.333 0.667 0.125
 * ```
 *
 * @see {@link https://arxiv.org/abs/1703.06935 | Iscen et al., Fast Spectral Ranking for Similarity Search, 2018}
 */
export function rerankBySpectralDiffusion(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix | DiffusionSpectrum,
  options: RerankBySpectralDiffusionOptions = {},
): Neighbors {
  return runMethod(spectralDiffusion("rerankBySpectralDiffusion", neighbors, graph, options));
}

/** {@link rerankBySpectralDiffusion} in threads, which share the queries. */
export function rerankBySpectralDiffusionAsync(
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix | DiffusionSpectrum,
  options: RerankBySpectralDiffusionOptions & RunOptions = {},
): Promise<Neighbors> {
  return runMethodAsync(
    "rerankBySpectralDiffusionAsync",
    spectralDiffusion("rerankBySpectralDiffusionAsync", neighbors, graph, options),
    options,
  );
}

function* spectralDiffusion(
  caller: string,
  neighbors: Neighbors,
  graph: Neighbors | DiffusionMatrix | DiffusionSpectrum,
  options: RerankBySpectralDiffusionOptions,
): Method<Neighbors> {
  const { alpha = 0.99, memoryLimit = Infinity } = options;
  requireWithin(caller, "alpha", alpha, 0, 1);
  const start = startOf(caller, options);
  const { k, keep } = resultOptionsOf(caller, options, neighbors.k);
  requirePositiveInteger(caller, "rank", options.rank ?? 1);
  if ("eigenvalues" in graph) requireSpectrum(caller, graph);
  const found = "eigenvalues" in graph ? graph : yield* spectrum(caller, graph, options);
  const rows = found.components.labels.length;
  requireLists(caller, "neighbors", neighbors, rows);
  requireMemory(caller, 16 * rows, memoryLimit);
  const input: SpectralInput = {
    spectrum: found,
    vectorStarts: vectorStartsOf(found),
    starts: startVectors(neighbors, start),
    firstIds: keep ? neighbors.ids : new Int32Array(0),
    firstK: keep ? neighbors.k : 0,
    alpha,
    k,
  };
  return joinNeighbors(yield* overRows(spectralDiffusionTask, input, neighbors.rows), k);
}

export interface SpectralInput {
  readonly spectrum: DiffusionSpectrum;
  readonly vectorStarts: Float64Array;
  readonly starts: SparseRows;
  readonly firstIds: Int32Array;
  readonly firstK: number;
  readonly alpha: number;
  readonly k: number;
}

export const spectralDiffusionTask: RowTask<SpectralInput, Neighbors> = {
  name: "diffuse by eigenvectors",
  run: diffuseBySpectrum,
};

function diffuseBySpectrum(input: SpectralInput, first: number, end: number): Neighbors {
  const { starts, firstIds, firstK, k } = input;
  const { labels, starts: componentStarts, members } = input.spectrum.components;
  const rows = labels.length;
  const right = new Float64Array(rows);
  const sums = new Float64Array(rows);
  const best = createBestScores(k);
  const target = emptyNeighbors(end - first, k);
  for (let row = first; row < end; row++) {
    const touched = new Set<number>();
    for (let i = starts.starts[row]!; i < starts.starts[row + 1]!; i++) {
      if (starts.values[i] === 0) continue;
      right[starts.columns[i]!] = starts.values[i]!;
      touched.add(labels[starts.columns[i]!]!);
    }
    for (const component of touched) {
      const from = componentStarts[component]!;
      const to = componentStarts[component + 1]!;
      applyTransfer(input, component, right, sums);
      for (let i = from; i < to; i++) {
        if (sums[i] !== 0) offer(best, members[i]!, sums[i]!);
        sums[i] = 0;
        right[members[i]!] = 0;
      }
    }
    const list = firstK > 0 ? firstIds.subarray(row * firstK, (row + 1) * firstK) : undefined;
    writeBestScores(best, target, row - first, list);
  }
  return target;
}

/** Adds `U (I - alpha L)^-1 U^T right` of a component to `sums`, which are in the order of members. */
function applyTransfer(
  { spectrum: found, vectorStarts, alpha }: SpectralInput,
  component: number,
  right: Float64Array,
  sums: Float64Array,
): void {
  const { components, pairStarts, eigenvalues, eigenvectors } = found;
  const { starts, members } = components;
  const from = starts[component]!;
  const size = starts[component + 1]! - from;
  let at = vectorStarts[component]!;
  for (let pair = pairStarts[component]!; pair < pairStarts[component + 1]!; pair++) {
    let product = 0;
    for (let i = 0; i < size; i++) product += eigenvectors[at + i]! * right[members[from + i]!]!;
    const weight = product / (1 - alpha * eigenvalues[pair]!);
    for (let i = 0; i < size; i++) sums[from + i]! += weight * eigenvectors[at + i]!;
    at += size;
  }
}
