import type { RunOptions } from "../matrix.ts";

/** Options of reading rows into memory; progress counts rows. */
export interface ReadRowsOptions extends RunOptions {
  /**
   * Whether the numbers lie in a `SharedArrayBuffer`, so that threads can use them without a copy.
   *
   * @defaultValue false, as not everything takes shared memory (`TextDecoder` and the Web's cryptography do not)
   */
  readonly shared?: boolean;
}

/** A kind of typed array. */
interface ArrayKind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: SharedArrayBuffer): T;
}

/** A new array of zeros, in shared memory or not. */
export function numbersIn<T>(Kind: ArrayKind<T>, length: number, shared: boolean): T {
  return shared ? new Kind(new SharedArrayBuffer(length * Kind.BYTES_PER_ELEMENT)) : new Kind(length);
}
