import type { Matrix, RunOptions } from "../matrix.ts";

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

/** What `allocate` gives; more than one array can hold, or memory has, is an error of `caller` that says what to do. */
export function allocated<T>(
  caller: string,
  path: string,
  shape: { readonly rows: number; readonly columns: number },
  allocate: () => T,
): T {
  try {
    return allocate();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(
      `${caller}: expected ${path} to fit into memory, got ${shape.rows} x ${shape.columns} numbers (${text}); open it and read some rows at a time with \`blocks\``,
      { cause },
    );
  }
}

/** A matrix of zeros, to be filled from a file. */
export function matrixIn(
  caller: string,
  path: string,
  rows: number,
  columns: number,
  shared: boolean = false,
): Matrix {
  const shape = { rows, columns };
  const data = allocated(caller, path, shape, () => numbersIn(Float32Array, rows * columns, shared));
  return { data, rows, columns };
}
