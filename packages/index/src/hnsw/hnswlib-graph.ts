import { exactProduct, scoreOf } from "../exact/exact-product.ts";
import { type BestLists, clearList, createBestLists, insertBest, listLength } from "./best-lists.ts";
import { type Graph, type GraphQuery, wantedCount } from "./graph.ts";
import type { HnswSettings } from "./settings.ts";

/** What is used of one index of hnswlib-node. */
interface NativeGraph {
  initIndex(capacity: number, m: number, efConstruction: number, seed: number): void;
  resizeIndex(capacity: number): void;
  addPoint(point: number[], label: number): void;
  markDelete(label: number): void;
  searchKnn(
    point: number[],
    k: number,
    filter?: (label: number) => boolean,
  ): { readonly distances: number[]; readonly neighbors: number[] };
  setEf(ef: number): void;
  getPoint(label: number): number[];
  getIdsList(): number[];
  getCurrentCount(): number;
  getMaxElements(): number;
  writeIndexSync(path: string): void;
  readIndexSync(path: string): void;
}

/** What is used of hnswlib-node. */
export interface HnswlibModule {
  readonly HierarchicalNSW: new (space: "ip" | "l2", dimension: number) => NativeGraph;
}

/** Makes a graph of hnswlib, empty or read from a file. Rows of length 1 make its inner product the cosine. */
export function createHnswlibGraph(
  { HierarchicalNSW }: HnswlibModule,
  settings: HnswSettings,
  capacity: number,
  path: string | undefined,
): Graph {
  const { dimension, metric, m, efConstruction, seed = 100 } = settings;
  const graph = new HierarchicalNSW(metric === "l2" ? "l2" : "ip", dimension);
  if (path === undefined) graph.initIndex(capacity, m, efConstruction, seed);
  else graph.readIndexSync(path);
  const point = new Array<number>(dimension).fill(0);
  const fillPoint = (rows: Float32Array, row: number): void => {
    for (let i = 0; i < dimension; i++) point[i] = rows[row * dimension + i]!;
  };
  return {
    add: (ids, rows) => {
      const needed = graph.getCurrentCount() + ids.length;
      const room = graph.getMaxElements();
      if (needed > room) graph.resizeIndex(Math.max(needed, 2 * room));
      let row = 0;
      try {
        for (; row < ids.length; row++) {
          fillPoint(rows, row);
          graph.addPoint(point, ids[row]!);
        }
      } catch (error) {
        for (const id of ids.subarray(0, row)) graph.markDelete(id);
        throw error;
      }
    },
    remove: (ids) => {
      for (const id of ids) graph.markDelete(id);
    },
    search: (query) => {
      const lists = createBestLists(query.rows, query.k);
      const wanted = wantedCount(query);
      if (wanted === 0) return lists;
      if (isFewerThanSearched(query)) {
        scanAllowed(graph, settings, query, allRows(query.rows), lists);
        return lists;
      }
      const { allowed, ef, k } = query;
      graph.setEf(Math.max(ef, k));
      const offset = metric === "l2" ? 0 : 1;
      const missed: number[] = [];
      for (let row = 0; row < query.rows; row++) {
        fillPoint(query.queries, row);
        const { distances, neighbors } =
          allowed === undefined
            ? graph.searchKnn(point, wanted)
            : graph.searchKnn(point, wanted, (id) => allowed.bitmap[id] === 1);
        for (const [i, id] of neighbors.entries()) insertBest(lists, row, id, offset - distances[i]!);
        if (listLength(lists, row) < wanted) missed.push(row);
      }
      scanAllowed(graph, settings, query, missed, lists);
      return lists;
    },
    save: (path) => graph.writeIndexSync(path),
    ids: () => Int32Array.from(graph.getIdsList()),
    row: (id) => graph.getPoint(id),
  };
}

/**
 * Whether the allowed rows are so few that to compare all is less work than to walk the graph until `ef` of them are
 * met: a walk meets one allowed row in `count / allowed` others.
 */
function isFewerThanSearched({ table, allowed, ef, k }: GraphQuery): boolean {
  if (allowed === undefined) return false;
  return allowed.count ** 2 <= Math.max(ef, k) * table.count;
}

/** Compares queries with all rows they may find: where those are few, or where the graph does not lead to all. */
function scanAllowed(
  graph: NativeGraph,
  { dimension, metric }: HnswSettings,
  { queries, table, allowed }: GraphQuery,
  rows: readonly number[],
  lists: BestLists,
): void {
  if (rows.length === 0) return;
  for (const row of rows) clearList(lists, row);
  const unitMetric = metric === "cosine" ? "dot" : metric;
  const squares = rows.map((row) => {
    return exactProduct(queries, row * dimension, queries, row * dimension, dimension);
  });
  const point = new Float32Array(dimension);
  for (let id = 0; id < table.end; id++) {
    if (!table.has(id) || (allowed !== undefined && allowed.bitmap[id] !== 1)) continue;
    point.set(graph.getPoint(id));
    const square = exactProduct(point, 0, point, 0, dimension);
    for (const [i, row] of rows.entries()) {
      const product = exactProduct(queries, row * dimension, point, 0, dimension);
      insertBest(lists, row, id, scoreOf(unitMetric, product, squares[i]!, square));
    }
  }
}

function allRows(count: number): number[] {
  return Array.from({ length: count }, (_, row) => row);
}
