/** Numbers per row as the kernels hold them: a multiple of 8. */
export function strideOf(columns: number): number {
  return Math.ceil(columns / 8) * 8;
}

/** Bytes of float32 rows that all queries are compared with in turn: with their packed form they stay in the caches. */
const partBytes = 1.5 * 1024 * 1024;

/** Rows that are compared at a time: a multiple of 12. */
export function partRowsOf(columns: number): number {
  return Math.max(12, Math.min(2040, Math.floor(partBytes / (4 * strideOf(columns) * 12)) * 12));
}

/** Rows that a thread is given at a time: two parts, so that threads end at nearly the same time. */
export function blockRowsOf(columns: number): number {
  return 2 * partRowsOf(columns);
}

/** Rows of a block of a graph. Each is sent once per other block: larger ones are sent less often. */
export function graphBlockRowsOf(columns: number): number {
  return 10 * partRowsOf(columns);
}

/** Queries that a part is compared with, or whose products with it are in memory, at a time. */
export const chunkQueries = 1024;
