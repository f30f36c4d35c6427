/** Bytes of float32 rows that are worked on at a time: some 100 ms of work for a thousand queries. */
const blockBytes = 8 * 1024 * 1024;

/** Numbers per row as the kernels hold them: a multiple of 8. */
export function strideOf(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

/** Rows that a thread is given at a time. */
export function blockRowsOf(columns: number): number {
  return Math.max(12, Math.min(32_768, Math.floor(blockBytes / (4 * strideOf(columns) * 12)) * 12));
}

/** Bytes of packed rows that all queries are compared with in turn: they stay in a level-2 cache. */
const partBytes = 768 * 1024;

/** Rows of a block that are compared at a time: a multiple of 12. */
export function partRowsOf(columns: number): number {
  return Math.max(12, Math.min(2040, Math.floor(partBytes / (4 * strideOf(columns) * 12)) * 12));
}

/** Queries whose packed form, or whose products with a part, are worked on at a time. */
export const chunkQueries = 1024;
