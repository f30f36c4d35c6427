import { chunkQueries, partRowsOf, strideOf } from "./block-size.ts";

/** What the memory of a search depends on. */
export interface SearchSize {
  /** Rows with a list: queries, or all rows of a graph. */
  readonly lists: number;
  /** Queries that a thread holds at a time: all, or a block of a graph. */
  readonly queries: number;
  readonly columns: number;
  readonly k: number;
  /** Rows of a block. */
  readonly blockRows: number;
  /** Threads; 0 if the calling thread searches. */
  readonly threads: number;
  /** Bytes of rows that threads keep between searches. */
  readonly keptBytes?: number;
}

/**
 * The bytes that an exact search takes at most beside its arguments, on WASM or onnxruntime:
 *
 * ```text
 * S = columns, rounded up to a multiple of 8
 * T = threads, 1 if the calling thread searches
 * block = 3 MiB of rows, 15 MiB in a graph; 3 in a thread, 1 if the calling thread searches
 * part = 1.5 MiB of rows, decoded and packed, and for 1024 queries their products
 * T (lists (8 k + 20) + queries (8 S + 32) + blocks + part) + sent 4 S queries + result 8 lists k (T + 1)
 * ```
 */
export function searchBytes(size: SearchSize): number {
  const { lists, queries, columns, k, blockRows, threads, keptBytes = 0 } = size;
  const stride = strideOf(columns);
  const searching = Math.max(1, threads);
  const blockBytes = blockRows * (4 * stride + 24);
  const partRows = partRowsOf(columns);
  const partBytes = partRows * (8 * stride + 40) + 4 * chunkQueries * (partRows + 4);
  const heldPerThread = lists * (8 * k + 20) + queries * (8 * stride + 32) + partBytes + 65_536;
  // A thread compares one block while another is on its way to it.
  const blocks = (threads === 0 ? 1 : 3) * blockBytes;
  const result = 8 * lists * k * (threads === 0 ? 1 : searching + 1);
  // Threads are sent the queries in shared memory or, where there is none, a copy each.
  const copies = typeof SharedArrayBuffer === "undefined" ? threads : Math.min(1, threads);
  const sent = copies * 4 * stride * queries;
  return Math.ceil(searching * (heldPerThread + blocks) + sent + result + keptBytes);
}

/** Refuses a search that could take more than it may. */
export function requireMemory(caller: string, limit: number | undefined, size: SearchSize): void {
  if (limit === undefined) return;
  const needed = searchBytes(size);
  if (needed > limit) {
    throw new RangeError(
      `${caller}: expected \`memoryLimit\` to be at least ${needed} bytes for ${size.lists} lists of ${size.k}, got ${limit}`,
    );
  }
}
