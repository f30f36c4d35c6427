import type { Matrix, Metric, Neighbors } from "../matrix.ts";
import { requireFiniteRows, requireMatrix, requireMetric, requirePositiveInteger } from "../require.ts";
import { readHnswFile, writeHnswFile } from "./file.ts";
import { loadNative, type NativeGraph } from "./native.ts";
import type { HnswIndexOptions, HnswSettings } from "./settings.ts";

/** Options of {@link HnswIndex.search}. */
export interface HnswSearchOptions {
  /** Neighbors per query, 1 or more. */
  readonly k: number;
  /**
   * Candidates kept while searching, 1 or more; fewer than `k` are `k`. More find more, slower.
   *
   * @defaultValue 64, or `k` where that is more
   */
  readonly ef?: number;
}

/** An approximate index: a navigable small world graph over rows that are added to it. */
export interface HnswIndex {
  /** Columns of every matrix. */
  readonly dimension: number;
  /** How likeness is scored. */
  readonly metric: Metric;
  /** Rows in the graph; the next row added gets this id. */
  readonly rows: number;
  /**
   * Links rows into the graph. All are checked before the first is linked. Other work runs in between, and searches
   * see the rows that are in by then; additions and saves wait for one another, in the order they were called.
   *
   * @param matrix - Rows to add; they get the next ids in order.
   * @returns Settled when all rows are in.
   * @throws RangeError if the shape does not fit, or a row holds NaN or an infinity (with `"cosine"` also a row of
   * zeros).
   */
  add(matrix: Matrix): Promise<void>;
  /**
   * Finds neighbors of each query. The result is approximate: it may miss some, but invents none, and its scores are
   * right to about 1e-6 of the largest product involved.
   *
   * @param queries - One query per row.
   * @returns As {@link exactSearch} does: highest score first, of equal scores the smaller id.
   * @throws RangeError if shapes or options do not fit, or a row holds NaN or an infinity (with `"cosine"` also a row
   * of zeros).
   */
  search(queries: Matrix, options: HnswSearchOptions): Neighbors;
  /**
   * Writes the index: a small JSON file at `path` that names and describes a second file beside it, which holds the
   * graph. `path` appears, or is replaced, when both are complete.
   *
   * @param path - The JSON file; its folder must exist.
   * @returns Settled when both are in place.
   */
  save(path: string): Promise<void>;
}

/** Rows that an index can hold before its memory is enlarged for the first time. */
const firstCapacity = 1024;

/** Rows linked before other work gets its turn: some milliseconds. */
const rowsPerTurn = 16;

/**
 * Makes an empty approximate index on the optional package `hnswlib-node`.
 *
 * @param options - The dimension, and what shapes the graph.
 * @returns The index; its memory is native and is freed with it.
 * @throws RangeError if an option is out of range.
 * @throws HnswUnavailableError if `hnswlib-node` is not installed or does not load.
 *
 * @example
 * ```ts
 * import { createHnswIndex } from "@lmk/index/hnsw";
 *
 * const index = await createHnswIndex({ dimension: 3, metric: "l2" });
 * await index.add({ data: Float32Array.of(1, 2, 3, 2, 3, 4, 3, 4, 5), rows: 3, columns: 3 });
 *
 * const found = index.search({ data: Float32Array.of(1, 2, 5), rows: 1, columns: 3 }, { k: 2 });
 * console.log([...found.ids], [...found.scores]); // => [ 1, 0 ] [ -3, -4 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1603.09320 | Malkov and Yashunin, Hierarchical Navigable Small World graphs, 2016}
 */
export async function createHnswIndex(options: HnswIndexOptions): Promise<HnswIndex> {
  const { dimension, metric = "cosine", m = 16, efConstruction = 200, seed = 100 } = options;
  requirePositiveInteger("createHnswIndex", "dimension", dimension);
  requireMetric("createHnswIndex", metric);
  requirePositiveInteger("createHnswIndex", "efConstruction", efConstruction);
  if (!Number.isInteger(m) || m < 2) {
    throw new RangeError(`createHnswIndex: expected \`m\` to be an integer of at least 2, got ${m}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(
      `createHnswIndex: expected \`seed\` to be a whole number below 4294967296, got ${seed}`,
    );
  }
  const native = await loadNative("createHnswIndex");
  const graph = new native.HierarchicalNSW(metric === "dot" ? "ip" : metric, dimension);
  graph.initIndex(firstCapacity, m, efConstruction, seed);
  return wrapGraph(graph, { dimension, metric, m, efConstruction, seed });
}

/**
 * Reads an index that {@link HnswIndex.save} wrote.
 *
 * Size and checksum of the graph are checked before it is read. A loaded index answers like the saved one and can grow;
 * rows added to it are drawn into layers from the start of a seed again, so the graph is as good but not the same as
 * one grown without a pause.
 *
 * @param path - The JSON file given to `save`.
 * @returns The index.
 * @throws IndexFileError if a file is of another format or version, cut off, or changed.
 * @throws HnswUnavailableError if `hnswlib-node` is not installed or does not load.
 *
 * @example
 * ```ts
 * import { createHnswIndex, loadHnswIndex } from "@lmk/index/hnsw";
 *
 * const index = await createHnswIndex({ dimension: 2 });
 * await index.add({ data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 });
 * await index.save("embeddings.hnsw");
 * console.log((await loadHnswIndex("embeddings.hnsw")).rows); // => 2
 * ```
 */
export async function loadHnswIndex(path: string): Promise<HnswIndex> {
  const native = await loadNative("loadHnswIndex");
  const { graph, settings } = await readHnswFile(path, native);
  return wrapGraph(graph, settings);
}

function wrapGraph(graph: NativeGraph, settings: HnswSettings): HnswIndex {
  const { dimension, metric } = settings;
  let lastTurn: Promise<void> = Promise.resolve();
  const takeTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = lastTurn.then(work);
    lastTurn = turn.catch(() => undefined);
    return turn;
  };
  return {
    dimension,
    metric,
    get rows(): number {
      return graph.getCurrentCount();
    },
    add: async (matrix) => {
      requireRowsOf("HnswIndex.add", "matrix", matrix, settings);
      await takeTurn(() => addRows(graph, matrix));
    },
    search: (queries, options) => searchGraph(graph, queries, options, settings),
    save: (path) => takeTurn(() => writeHnswFile(path, graph, settings)),
  };
}

function requireRowsOf(caller: string, argument: string, matrix: Matrix, settings: HnswSettings): void {
  requireMatrix(caller, argument, matrix);
  if (matrix.columns !== settings.dimension) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to have ${settings.dimension} columns like the index, got ${matrix.columns}`,
    );
  }
  requireFiniteRows(caller, argument, matrix, settings.metric === "cosine");
}

async function addRows(graph: NativeGraph, { data, rows, columns }: Matrix): Promise<void> {
  const first = graph.getCurrentCount();
  const capacity = graph.getMaxElements();
  if (first + rows > capacity) graph.resizeIndex(Math.max(first + rows, 2 * capacity));
  for (let row = 0; row < rows; row++) {
    graph.addPoint(Array.from(data.subarray(row * columns, (row + 1) * columns)), first + row);
    if (row % rowsPerTurn === rowsPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

function searchGraph(
  graph: NativeGraph,
  queries: Matrix,
  options: HnswSearchOptions,
  settings: HnswSettings,
): Neighbors {
  const { k, ef = 64 } = options;
  requireRowsOf("HnswIndex.search", "queries", queries, settings);
  requirePositiveInteger("HnswIndex.search", "k", k);
  requirePositiveInteger("HnswIndex.search", "ef", ef);
  const { data, rows, columns } = queries;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(-Infinity);
  const reachable = Math.min(k, graph.getCurrentCount());
  if (reachable === 0) return { ids, scores, rows, k };
  graph.setEf(Math.max(ef, k));
  const offset = settings.metric === "l2" ? 0 : 1;
  for (let row = 0; row < rows; row++) {
    const query = Array.from(data.subarray(row * columns, (row + 1) * columns));
    const { distances, neighbors } = graph.searchKnn(query, reachable);
    const found = neighbors.map((id, i) => ({ id, score: Math.fround(offset - distances[i]!) }));
    found.sort((a, b) => b.score - a.score || a.id - b.id);
    for (const [i, { id, score }] of found.entries()) {
      ids[row * k + i] = id;
      scores[row * k + i] = score;
    }
  }
  return { ids, scores, rows, k };
}
