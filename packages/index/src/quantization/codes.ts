/** Rows as codes of a product quantizer: see {@link encodePq}. */
export interface PqCodes {
  /**
   * `rowBytes` bytes per row: for each subspace `bits` bits, the first subspace in the lowest bits of the first
   * byte (the layout of faiss).
   */
  readonly data: Uint8Array;
  readonly rows: number;
  /** `ceil(subspaces * bits / 8)`. */
  readonly rowBytes: number;
}

/** Rows as codes of a scalar quantizer: see {@link encodeSq}. */
export interface SqCodes {
  /** `rowBytes` bytes per row; with 4 bits, the even column in the lower half of a byte (the layout of faiss). */
  readonly data: Uint8Array;
  readonly rows: number;
  /** `ceil(columns * bits / 8)`. */
  readonly rowBytes: number;
  /** For each row, how far its code is from it: `|x - decoded|`, rounded up. */
  readonly errors: Float32Array;
}
