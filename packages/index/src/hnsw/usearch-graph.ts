import { type BestLists, clearList, createBestLists, insertBest, listLength } from "./best-lists.ts";
import { type Graph, type GraphQuery, wantedCount } from "./graph.ts";
import type { HnswDtype, HnswSettings } from "./settings.ts";

/** Found ids, query after query; `counts` is left out where there is one query. */
interface NativeMatches {
  readonly keys: BigUint64Array;
  readonly distances: Float32Array;
  readonly counts?: BigUint64Array;
}

/** What is used of one index of usearch. */
interface NativeGraph {
  add(keys: BigUint64Array, rows: Float32Array, threads: number): void;
  remove(keys: BigUint64Array): unknown;
  contains(keys: BigUint64Array): boolean[];
  search(queries: Float32Array, k: number, threads: number): NativeMatches;
  size(): number;
  save(path: string): void;
  load(path: string): void;
}

/** What is used of usearch. */
export interface UsearchModule {
  readonly Index: new (config: {
    readonly dimensions: number;
    readonly metric: "ip" | "cos" | "l2sq";
    readonly quantization: "f32" | "f16" | "i8";
    readonly connectivity: number;
    readonly expansion_add: number;
    readonly expansion_search: number;
    readonly multi: boolean;
  }) => NativeGraph;
}

const quantizations: Readonly<Record<HnswDtype, "f32" | "f16" | "i8">> = {
  float32: "f32",
  float16: "f16",
  int8: "i8",
};

/** Results that one native call makes room for, about 12 MB. */
const resultsPerCall = 2 ** 20;

/** Ids that are looked up in one native call. */
const idsPerCall = 2 ** 16;

/** Makes a graph of usearch, empty or read from a file. */
export function createUsearchGraph(
  { Index }: UsearchModule,
  settings: HnswSettings,
  threads: number,
  path: string | undefined,
): Graph {
  const graph = new Index({
    dimensions: settings.dimension,
    metric: nativeMetric(settings),
    quantization: quantizations[settings.dtype],
    connectivity: settings.m,
    expansion_add: settings.efConstruction,
    // The number of results asked for counts where it is larger: so it is chosen with each search.
    expansion_search: 1,
    multi: false,
  });
  if (path !== undefined) graph.load(path);
  return {
    add: (ids, rows) => {
      const keys = BigUint64Array.from(ids, BigInt);
      try {
        graph.add(keys, rows, threads);
      } catch (error) {
        graph.remove(keys);
        throw error;
      }
    },
    remove: (ids) => {
      graph.remove(BigUint64Array.from(ids, BigInt));
    },
    search: (query) => searchUsearch(graph, settings, query, threads),
    save: (path) => graph.save(path),
    ids: (end) => presentIds(graph, end),
    row: () => undefined,
  };
}

/** Rows of length 1 have the inner product as their cosine, but for what float16 and int8 round. */
function nativeMetric({ metric, dtype }: HnswSettings): "ip" | "cos" | "l2sq" {
  if (metric === "l2") return "l2sq";
  return metric === "cosine" && dtype !== "float32" ? "cos" : "ip";
}

/**
 * usearch has no filter in JavaScript. So more neighbors are asked for than needed, and more again for queries that did
 * not get enough allowed ones, until the graph has no more to give.
 */
function searchUsearch(
  graph: NativeGraph,
  settings: HnswSettings,
  query: GraphQuery,
  threads: number,
): BestLists {
  const { dimension, metric } = settings;
  const { queries, k, ef, table, allowed } = query;
  const lists = createBestLists(query.rows, k);
  const wanted = wantedCount(query);
  const size = table.count;
  if (wanted === 0) return lists;
  const offset = metric === "l2" ? 0 : 1;
  let asked = Math.max(ef, k);
  if (allowed !== undefined) asked = Math.ceil((asked * size) / allowed.count);
  asked = Math.min(asked, size);
  let open: number[] = Array.from({ length: query.rows }, (_, row) => row);
  while (open.length > 0) {
    const next: number[] = [];
    const perCall = Math.max(1, Math.floor(resultsPerCall / asked));
    for (let first = 0; first < open.length; first += perCall) {
      const batch = open.slice(first, first + perCall);
      const found = graph.search(gatherRows(queries, batch, dimension), asked, threads);
      for (const [i, row] of batch.entries()) {
        clearList(lists, row);
        const count = found.counts === undefined ? found.keys.length : Number(found.counts[i]);
        for (let at = i * asked; at < i * asked + count; at++) {
          const id = Number(found.keys[at]);
          if (!table.has(id) || (allowed !== undefined && allowed.bitmap[id] !== 1)) continue;
          insertBest(lists, row, id, offset - found.distances[at]!);
        }
        // Fewer than asked for: the graph leads to no more.
        if (listLength(lists, row) < wanted && count === asked && asked < size) next.push(row);
      }
    }
    open = next;
    asked = Math.min(2 * asked, size);
  }
  return lists;
}

function gatherRows(queries: Float32Array, rows: readonly number[], dimension: number): Float32Array {
  const gathered = new Float32Array(rows.length * dimension);
  for (const [i, row] of rows.entries()) {
    gathered.set(queries.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  }
  return gathered;
}

function presentIds(graph: NativeGraph, end: number): Int32Array {
  const ids = new Int32Array(graph.size());
  let at = 0;
  for (let first = 0; first < end; first += idsPerCall) {
    const count = Math.min(idsPerCall, end - first);
    const found = graph.contains(BigUint64Array.from({ length: count }, (_, i) => BigInt(first + i)));
    for (let i = 0; i < count; i++) if (found[i]) ids[at++] = first + i;
  }
  return ids.subarray(0, at).slice();
}
