import type { Metric } from "../matrix.ts";
import { requireMetric, requirePositiveInteger } from "../require.ts";

/** A library that builds and searches the graph: the package `hnswlib-node` or the package `usearch`. */
export type HnswLibrary = "hnswlib" | "usearch";

/** How the numbers of a row are kept in the graph. */
export type HnswDtype = "float32" | "float16" | "int8";

/** Options of {@link createHnswIndex}. */
export interface HnswIndexOptions {
  /** Columns of every matrix that is added or searched for, 1 or more. */
  readonly dimension: number;
  /**
   * How likeness is scored.
   *
   * @defaultValue "cosine"
   */
  readonly metric?: Metric;
  /**
   * Links of a row on the upper layers of the graph, 2 or more; the lowest layer has twice as many. More links find
   * more and take more memory: see {@link createHnswIndex}.
   *
   * @defaultValue 16, as in hnswlib and usearch
   */
  readonly m?: number;
  /**
   * Candidates kept while a row is linked, 1 or more. More make a better graph, slower.
   *
   * @defaultValue 200, as in hnswlib
   */
  readonly efConstruction?: number;
  /**
   * Candidates kept by searches that do not say how many, 1 or more.
   *
   * @defaultValue 64, as in usearch
   */
  readonly ef?: number;
  /**
   * The library.
   *
   * @defaultValue the one that another option asks for (`seed` and `capacity` are hnswlib's, more than one of `threads`
   * and a smaller `dtype` are usearch's); else hnswlib where it loads, since one thread of it builds and searches
   * float32 rows faster, else usearch
   */
  readonly library?: HnswLibrary;
  /**
   * How numbers are kept. hnswlib has `"float32"` only; `"int8"` keeps directions only, so it needs the metric
   * `"cosine"`.
   *
   * @defaultValue "float32"
   */
  readonly dtype?: HnswDtype;
  /**
   * Threads that usearch adds and searches with, 1 or more; no more are used than there are processor cores. hnswlib has
   * 1. With more than one the graph is not the same every time.
   *
   * @defaultValue 1, so that the graph is the same every time
   */
  readonly threads?: number;
  /**
   * Seed of the layers that rows are drawn into, a whole number below 2³². The same rows added in the same order under
   * the same seed make the same graph. usearch takes no seed: it always draws the same layers.
   *
   * @defaultValue 100, as in hnswlib
   */
  readonly seed?: number;
  /**
   * Rows that hnswlib makes room for at first, 1 or more; more can be added. usearch takes no such hint.
   *
   * @defaultValue 1024
   */
  readonly capacity?: number;
}

/** What an index is made with, all of it decided: this is what a file keeps. */
export interface HnswSettings {
  readonly library: HnswLibrary;
  readonly dimension: number;
  readonly metric: Metric;
  readonly dtype: HnswDtype;
  readonly m: number;
  readonly efConstruction: number;
  readonly ef: number;
  /** Of hnswlib only. */
  readonly seed?: number;
}

/** Rows that an index has room for before its memory is enlarged for the first time. */
export const firstCapacity = 1024;

/** Checks all options, in order, and that they fit together. */
export function requireIndexOptions(caller: string, options: HnswIndexOptions): void {
  const { dimension, metric = "cosine", m = 16, efConstruction = 200, ef = 64, seed = 100 } = options;
  requirePositiveInteger(caller, "dimension", dimension);
  requireMetric(caller, metric);
  if (!Number.isInteger(m) || m < 2) {
    throw new RangeError(`${caller}: expected \`m\` to be an integer of at least 2, got ${m}`);
  }
  requirePositiveInteger(caller, "efConstruction", efConstruction);
  requirePositiveInteger(caller, "ef", ef);
  requireLibrary(caller, options.library);
  requireDtype(caller, options.dtype, metric);
  requirePositiveInteger(caller, "threads", options.threads ?? 1);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`${caller}: expected \`seed\` to be a whole number below 4294967296, got ${seed}`);
  }
  requirePositiveInteger(caller, "capacity", options.capacity ?? 1);
  requireOneLibrary(caller, options);
}

/** The library that the options ask for, by name or by an option that only one has. */
export function libraryAskedFor(options: HnswIndexOptions): HnswLibrary | undefined {
  const { library, dtype = "float32", threads = 1, seed, capacity } = options;
  if (library !== undefined) return library;
  if (dtype !== "float32" || threads > 1) return "usearch";
  if (seed !== undefined || capacity !== undefined) return "hnswlib";
  return undefined;
}

/** The settings of checked options, once the library is known. */
export function settingsOf(options: HnswIndexOptions, library: HnswLibrary): HnswSettings {
  const { dimension, metric = "cosine", m = 16, efConstruction = 200, ef = 64 } = options;
  const { dtype = "float32", seed = 100 } = options;
  const shared = { library, dimension, metric, dtype, m, efConstruction, ef };
  return library === "hnswlib" ? { ...shared, seed } : shared;
}

export function isHnswLibrary(value: unknown): value is HnswLibrary {
  return value === "hnswlib" || value === "usearch";
}

export function isHnswDtype(value: unknown): value is HnswDtype {
  return value === "float32" || value === "float16" || value === "int8";
}

export function requireLibrary(caller: string, library: HnswLibrary | undefined): void {
  if (library !== undefined && !isHnswLibrary(library)) {
    throw new RangeError(
      `${caller}: expected \`library\` to be "hnswlib" or "usearch", got ${JSON.stringify(library)}`,
    );
  }
}

function requireDtype(caller: string, dtype: HnswDtype | undefined, metric: Metric): void {
  if (dtype !== undefined && !isHnswDtype(dtype)) {
    throw new RangeError(
      `${caller}: expected \`dtype\` to be "float32", "float16" or "int8", got ${JSON.stringify(dtype)}`,
    );
  }
  if (dtype === "int8" && metric !== "cosine") {
    throw new RangeError(
      `${caller}: expected \`metric\` to be "cosine" with dtype "int8", which keeps directions only, got "${metric}"`,
    );
  }
}

function requireOneLibrary(caller: string, options: HnswIndexOptions): void {
  const { dtype = "float32", threads = 1, seed, capacity } = options;
  const library = libraryAskedFor(options);
  if (library === "hnswlib" && dtype !== "float32") {
    throw new RangeError(
      `${caller}: expected \`dtype\` to be "float32" with hnswlib, got "${dtype}"; usearch has it`,
    );
  }
  if (library === "hnswlib" && threads > 1) {
    throw new RangeError(
      `${caller}: expected \`threads\` to be 1 with hnswlib, got ${threads}; usearch has more`,
    );
  }
  if (library === "usearch" && seed !== undefined) {
    throw new RangeError(`${caller}: expected no \`seed\` with usearch, got ${seed}; hnswlib takes one`);
  }
  if (library === "usearch" && capacity !== undefined) {
    throw new RangeError(
      `${caller}: expected no \`capacity\` with usearch, got ${capacity}; hnswlib takes one`,
    );
  }
}
