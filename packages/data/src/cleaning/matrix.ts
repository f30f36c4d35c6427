/** A row-major matrix: row `i` is `data.subarray(i * columns, (i + 1) * columns)`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** For each query (row) its `k` best database rows, best first; -1 and -Infinity where fewer exist. */
export interface Neighbors {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly rows: number;
  readonly k: number;
}
