// Deviation from the paper: eigenpairs are taken per connected component. Components would compete for the rank, as
// each has the eigenvalue 1, and rows of those that lose would always score 0; the memory is the same.

import { joinNumbers } from "../join-numbers.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { type MemoryOptions, requireMemory } from "../memory.ts";
import { createRandom } from "../random.ts";
import { requirePositiveInteger, requireWithin } from "../require.ts";
import { type Method, overRows, type RowTask, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { type Components, connectedComponents } from "./components.ts";
import { type DiffusionMatrix, matrixOf } from "./diffusion-matrix.ts";
import { type Eigenpairs, lanczosSteps, largestEigenpairs } from "./lanczos.ts";

/** A diffusion matrix by its largest eigenvalues; plain data that can be kept. */
export interface DiffusionSpectrum {
  /** The rows of each connected component: those of component `c` are at `starts[c]` to `starts[c + 1]`. */
  readonly components: {
    readonly labels: Int32Array;
    readonly starts: Uint32Array;
    readonly members: Int32Array;
  };
  /** Where the eigenpairs of each component start, and one number behind the last. */
  readonly pairStarts: Uint32Array;
  /** Descending within a component. */
  readonly eigenvalues: Float64Array;
  /** The eigenvectors, one after the other, each as long as its component, in the order of its members. */
  readonly eigenvectors: Float64Array;
}

/** Options of {@link diffusionSpectrum}. */
export interface DiffusionSpectrumOptions extends MemoryOptions {
  /**
   * How many eigenpairs each connected component of the graph has at most; 1 or more. With as many as rows, nothing is
   * lost.
   *
   * @defaultValue 200
   */
  readonly rank?: number;
  /**
   * Where the random start of Lanczos' method comes from; a whole number.
   *
   * @defaultValue 1
   */
  readonly seed?: number;
  /**
   * How many of a row's nearest rows are its neighbors, the row itself counted, if a graph is given; see
   * {@link DiffusionMatrixOptions}. A matrix has its own.
   *
   * @defaultValue 50, as in the paper
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
 * The largest eigenvalues of a diffusion matrix with their eigenvectors, by Lanczos' method: what
 * {@link rerankBySpectralDiffusion} needs, done before there are queries. The steps are fixed: of the smaller of the
 * eigenvalues found only the first digits may be right where many are close together.
 *
 * Cost: per component of `n` rows `s = min(n, 3 rank + 100)` steps, `4 n s^2` multiplications; one component is one
 * piece of work, so threads help only where there are several large ones.
 *
 * Memory: `8 * (n + s) * s` bytes for the largest component per thread, and `16 * N * rank + 40 * N` at most.
 *
 * @param graph - The nearest rows of every row, or the matrix that {@link diffusionMatrix} made of them.
 * @throws RangeError if shapes, ids or scores are wrong, an option is out of range, or memory would pass `memoryLimit`.
 *
 * @example
 * ```ts
 * import { diffusionSpectrum } from "@lmk/rerank";
 *
 * const graph = { ids: Int32Array.of(1, 0, 1), scores: Float32Array.of(0.9, 0.9, 0.2), rows: 3, k: 1 };
 * const { eigenvalues } = diffusionSpectrum(graph);
 * // A pair of rows has 1 and -1, a row alone 0.
 * console.log([...eigenvalues].map((value) => value.toFixed(2)).join(" ")); // => 1.00 -1.00 0.00
 * ```
 *
 * @see {@link https://arxiv.org/abs/1703.06935 | Iscen et al., Fast Spectral Ranking for Similarity Search, 2018}
 */
export function diffusionSpectrum(
  graph: Neighbors | DiffusionMatrix,
  options: DiffusionSpectrumOptions = {},
): DiffusionSpectrum {
  return runMethod(spectrum("diffusionSpectrum", graph, options));
}

/** {@link diffusionSpectrum} in threads, which share the components. */
export function diffusionSpectrumAsync(
  graph: Neighbors | DiffusionMatrix,
  options: DiffusionSpectrumOptions & RunOptions = {},
): Promise<DiffusionSpectrum> {
  return runMethodAsync(
    "diffusionSpectrumAsync",
    spectrum("diffusionSpectrumAsync", graph, options),
    options,
  );
}

/** The spectrum as a step of a method. */
export function* spectrum(
  caller: string,
  graph: Neighbors | DiffusionMatrix,
  options: DiffusionSpectrumOptions,
): Method<DiffusionSpectrum> {
  const { rank = 200, seed = 1, memoryLimit = Infinity } = options;
  requirePositiveInteger(caller, "rank", rank);
  if (!Number.isInteger(seed)) {
    throw new RangeError(`${caller}: expected \`seed\` to be an integer, got ${seed}`);
  }
  requireWithin(caller, "gamma", options.gamma ?? 3, 0, Infinity);
  const matrix = matrixOf(caller, graph, options);
  const components = connectedComponents(matrix);
  requireMemory(caller, spectrumBytes(components, rank), memoryLimit);
  const input: SpectrumInput = { matrix, components, rank, seed };
  const count = components.starts.length - 1;
  const pairs = joinPairs(yield* overRows(spectrumTask, input, count));
  const pairStarts = new Uint32Array(count + 1);
  for (let c = 0; c < count; c++) {
    const size = components.starts[c + 1]! - components.starts[c]!;
    pairStarts[c + 1] = pairStarts[c]! + Math.min(rank, size);
  }
  return { components, pairStarts, eigenvalues: pairs.values, eigenvectors: pairs.vectors };
}

function spectrumBytes({ starts, labels }: Components, rank: number): number {
  let vectors = 0;
  let largest = 0;
  for (let c = 0; c + 1 < starts.length; c++) {
    const size = starts[c + 1]! - starts[c]!;
    vectors += size * Math.min(size, rank);
    largest = Math.max(largest, size);
  }
  const steps = lanczosSteps(largest, rank);
  return 8 * (largest + steps) * steps + 16 * vectors + 40 * labels.length;
}

/** Where the eigenvectors of each component start, and one number behind the last. */
export function vectorStartsOf({ components, pairStarts }: DiffusionSpectrum): Float64Array {
  const { starts } = components;
  const vectorStarts = new Float64Array(starts.length);
  for (let c = 0; c + 1 < starts.length; c++) {
    const size = starts[c + 1]! - starts[c]!;
    vectorStarts[c + 1] = vectorStarts[c]! + size * (pairStarts[c + 1]! - pairStarts[c]!);
  }
  return vectorStarts;
}

/** Checks that the parts of a spectrum fit one another. */
export function requireSpectrum(caller: string, spectrum: DiffusionSpectrum): void {
  const { components, pairStarts, eigenvalues, eigenvectors } = spectrum;
  const count = components.starts.length - 1;
  const rows = components.labels.length;
  const fits =
    components.members.length === rows &&
    components.starts[count] === rows &&
    pairStarts.length === count + 1 &&
    pairStarts[count] === eigenvalues.length;
  if (!fits) {
    throw new RangeError(
      `${caller}: expected \`graph\` to be a spectrum whose parts fit, got ${count} components of ${rows} rows with ${eigenvalues.length} eigenvalues`,
    );
  }
  const numbers = vectorStartsOf(spectrum)[count]!;
  if (eigenvectors.length !== numbers) {
    throw new RangeError(
      `${caller}: expected \`graph.eigenvectors\` to hold ${numbers} numbers, got ${eigenvectors.length}`,
    );
  }
}

export interface SpectrumInput {
  readonly matrix: DiffusionMatrix;
  readonly components: Components;
  readonly rank: number;
  readonly seed: number;
}

/** Its rows are components. */
export const spectrumTask: RowTask<SpectrumInput, Eigenpairs> = {
  name: "find eigenvectors",
  run: findEigenpairs,
};

function findEigenpairs(input: SpectrumInput, first: number, end: number): Eigenpairs {
  const { matrix, components, rank, seed } = input;
  if (first === end) return { values: new Float64Array(0), vectors: new Float64Array(0) };
  const { starts, members } = components;
  const places = new Int32Array(members.length);
  const parts: Eigenpairs[] = [];
  for (let component = first; component < end; component++) {
    const own = members.subarray(starts[component]!, starts[component + 1]!);
    for (let i = 0; i < own.length; i++) places[own[i]!] = i;
    // Each component draws its own numbers, so that results do not depend on how they are shared.
    parts.push(largestEigenpairs(matrix, own, places, rank, createRandom(seed + component)));
  }
  return joinPairs(parts);
}

function joinPairs(parts: readonly Eigenpairs[]): Eigenpairs {
  return {
    values: joinNumbers(parts.map((part) => part.values)),
    vectors: joinNumbers(parts.map((part) => part.vectors)),
  };
}
