/** A row-major matrix: row `i` is `data.subarray(i * columns, (i + 1) * columns)`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A row-major matrix of float16 numbers, as their bits (IEEE 754 binary16): half the memory of a {@link Matrix}.
 * Every float16 number is a float32 number, so nothing is lost when they are computed with.
 */
export interface HalfMatrix {
  readonly data: Uint16Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A row-major matrix of whole numbers from -127 to 127 with one scale per row: a quarter of the memory of a
 * {@link Matrix}. Row `i` stands for the float32 numbers `fround(data[i * columns + j] * scales[i])`.
 */
export interface Int8Matrix {
  readonly data: Int8Array;
  readonly rows: number;
  readonly columns: number;
  /** One finite number above 0 per row. */
  readonly scales: Float32Array;
}

/** Embeddings, one per row, in one of three precisions. The type of `data` tells which. */
export type Embeddings = Matrix | HalfMatrix | Int8Matrix;

/** Some consecutive rows of a larger matrix. */
export interface EmbeddingBlock {
  /** The number that the block's first row has in the larger matrix. */
  readonly firstRow: number;
  readonly embeddings: Embeddings;
}

/** Rows that are not all in memory: they are given block by block, in order, each row once. */
export interface EmbeddingSource {
  readonly rows: number;
  readonly columns: number;
  /**
   * The rows from `first` to `end`, in blocks of at most `blockRows` rows.
   *
   * @returns Blocks in ascending order of rows; a block may be overwritten once the next one is asked for.
   */
  blocks(range: {
    readonly first: number;
    readonly end: number;
    readonly blockRows: number;
  }): AsyncIterable<EmbeddingBlock>;
}

/** For each query (row) its `k` best database rows, best first; -1 and -Infinity where fewer exist. */
export interface Neighbors {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * How likeness is scored. The higher the score, the more alike, whatever the metric.
 *
 * - `"dot"`: the inner product `q · x`.
 * - `"cosine"`: `q · x / (|q| |x|)`.
 * - `"l2"`: minus the *squared* Euclidean distance, `-|q - x|²`.
 */
export type Metric = "dot" | "cosine" | "l2";

/** How far a call is. */
export interface Progress {
  /** Rows, or what else the call says it counts, that are done. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
}

/** Options of every call that does not block the calling thread. */
export interface RunOptions {
  /**
   * Ends the call early: it rejects with the signal's reason, within 100 ms.
   *
   * @defaultValue nothing ends it early
   */
  readonly signal?: AbortSignal;
  /**
   * Told how far the call is, at most 20 times a second, and at its end.
   *
   * @defaultValue nobody is told
   */
  readonly onProgress?: (progress: Progress) => void;
}
