import type { BestLists } from "./best-lists.ts";
import type { IdTable } from "./id-table.ts";

/** Which ids a search may give. */
export interface AllowedIds {
  /** One byte per id, 0 where it may not be given. */
  readonly bitmap: Uint8Array;
  /** How many ids in the index it allows. */
  readonly count: number;
}

/** What a search asks of a graph. */
export interface GraphQuery {
  /** Rows one after another, of length 1 where the metric is "cosine". */
  readonly queries: Float32Array;
  readonly rows: number;
  readonly k: number;
  readonly ef: number;
  readonly table: IdTable;
  readonly allowed: AllowedIds | undefined;
}

/** A graph of one of the libraries, in the thread that it lives in. */
export interface Graph {
  /** Links rows, of length 1 where the metric is "cosine". Where it throws, none of them is in. */
  add(ids: Int32Array, rows: Float32Array): void;
  remove(ids: Int32Array): void;
  search(query: GraphQuery): BestLists;
  save(path: string): void;
  /** All ids in the graph that may be there still; those below `end`, where the library cannot list them. */
  ids(end: number): Int32Array;
  /** The row of an id that is in the graph; `undefined` where the library does not give rows back. */
  row(id: number): ArrayLike<number> | undefined;
}

/** How many ids a search finds where nothing is missed; rows may have been removed since they were counted. */
export function wantedCount({ k, table, allowed }: GraphQuery): number {
  return Math.min(k, table.count, allowed?.count ?? table.count);
}
