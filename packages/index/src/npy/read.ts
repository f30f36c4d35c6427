import { open } from "node:fs/promises";
import { readExactly } from "../files/read-exactly.ts";
import { allocated, matrixIn, numbersIn, type ReadRowsOptions } from "../files/read-rows.ts";
import type { EmbeddingBlock, EmbeddingSource, HalfMatrix, Matrix } from "../matrix.ts";
import { type RowRange, requireRowRange } from "../row-range.ts";
import { requireBlockRange } from "../sources.ts";
import {
  bytesPerNumber,
  longestPreamble,
  type NpyDtype,
  npyError,
  npyHeaderSpan,
  parseNpyHeader,
} from "./header.ts";
import { type NpyRows, readRowsInto } from "./rows.ts";

/**
 * An open NumPy file: its rows are read as they are asked for, so it may be larger than memory.
 *
 * As a source its blocks share one buffer. Float16 rows stay float16; float64 rows become float32.
 */
export interface NpyFile extends EmbeddingSource {
  /** The numbers that the file holds. */
  readonly dtype: NpyDtype;
  /**
   * Reads some rows into memory.
   *
   * Float64 numbers are rounded to float32.
   *
   * @param range - Which rows; they must exist.
   * @returns The rows, newly allocated: a `HalfMatrix` if the file holds float16, else a `Matrix`.
   * @throws RangeError if the range does not fit or the file was closed; IndexFileError if the file has become shorter
   * or holds a float64 number beyond float32's range.
   */
  read(range: RowRange, options?: ReadRowsOptions): Promise<Matrix | HalfMatrix>;
  /** Closes the file; what was read stays. Again it does nothing. */
  close(): Promise<void>;
  /** {@link NpyFile.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a NumPy file for reading some rows at a time.
 *
 * What is refused is said at {@link readNpy}. The header and the length of the file are checked, no number is read.
 *
 * @param path - The file.
 * @returns The open file, a source of embeddings; to be closed.
 * @throws IndexFileError as {@link readNpy}, and the file system's errors.
 *
 * @example
 * ```ts
 * import { openNpy, writeNpy } from "@lmk/index/npy";
 *
 * await writeNpy("gallery.npy", { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 });
 * const gallery = await openNpy("gallery.npy");
 * console.log(gallery.rows, gallery.dtype); // => 3 float32
 * console.log([...(await gallery.read({ first: 1, end: 3 })).data]); // => [ 3, 4, 5, 6 ]
 * await gallery.close();
 * ```
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html | The NPY format}
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const npy = await openRows("openNpy", path);
  const { rows, columns, dtype } = npy;
  let open = true;
  const requireOpen = (caller: string): void => {
    if (!open) throw new RangeError(`${caller}: expected a file that is open, got ${path} after close`);
  };
  const close = async (): Promise<void> => {
    open = false;
    await npy.handle.close();
  };
  return {
    rows,
    columns,
    dtype,
    blocks: (range) => {
      requireOpen("blocks");
      requireBlockRange(range, rows);
      return blocksOf(npy, range);
    },
    read: async (range, options = {}) => {
      requireOpen("read");
      requireRowRange("read", range, rows);
      const { shared = false } = options;
      const count = range.end - range.first;
      const length = count * columns;
      const data = allocated("read", path, { rows: count, columns }, () =>
        dtype === "float16"
          ? numbersIn(Uint16Array, length, shared)
          : numbersIn(Float32Array, length, shared),
      );
      await readRowsInto("read", npy, range, data, options);
      return { data, rows: count, columns } as Matrix | HalfMatrix;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Reads a NumPy file of rows into memory, such as {@link writeNpy} and `numpy.save` write, as float32 numbers.
 *
 * Versions 1.0, 2.0 and 3.0 of the format are read. Numbers must be little-endian float16, float32 or float64
 * (`'<f2'`, `'<f4'`, `'<f8'`), in C order, in two dimensions. Float16 numbers are kept as they are, float64 numbers are
 * rounded; one that is finite but beyond float32's range is refused. The header and the length of the file are checked
 * before anything is allocated. {@link openNpy} keeps float16 numbers in half the memory, and reads some rows only.
 *
 * @param path - The file.
 * @returns The matrix, newly allocated; numbers are not checked for NaN.
 * @throws IndexFileError if the file is of another format, version, type, order or shape, or is cut off or too long;
 * and the file system's errors.
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from "@lmk/index/npy";
 *
 * await writeNpy("queries.npy", { data: Float32Array.of(0.5), rows: 1, columns: 1 });
 * console.log((await readNpy("queries.npy")).data[0]); // => 0.5
 * ```
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html | The NPY format}
 */
export async function readNpy(path: string, options: ReadRowsOptions = {}): Promise<Matrix> {
  options.signal?.throwIfAborted();
  const npy = await openRows("readNpy", path);
  try {
    const { rows, columns } = npy;
    const matrix = matrixIn("readNpy", path, rows, columns, options.shared);
    await readRowsInto("readNpy", npy, { first: 0, end: rows }, matrix.data, options);
    return matrix;
  } finally {
    await npy.handle.close();
  }
}

async function openRows(caller: string, path: string): Promise<NpyRows> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const file = { handle, path };
    const preamble = new Uint8Array(Math.min(longestPreamble, size));
    await readExactly(caller, file, 0, preamble);
    const span = npyHeaderSpan(caller, path, preamble, size);
    const header = new Uint8Array(span.length);
    await readExactly(caller, file, span.start, header);
    const shape = parseNpyHeader(caller, path, header);
    const { rows, columns, dtype } = shape;
    const start = span.start + span.length;
    const expected = start + rows * columns * bytesPerNumber[dtype];
    if (size !== expected) {
      const content = `${rows} x ${columns} ${dtype} numbers`;
      throw npyError(caller, path, `to have ${expected} bytes for ${content}`, `${size} bytes`, "wrong-size");
    }
    return { ...file, ...shape, start };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* blocksOf(
  npy: NpyRows,
  { first, end, blockRows }: RowRange & { readonly blockRows: number },
): AsyncGenerator<EmbeddingBlock> {
  const { columns, dtype } = npy;
  const length = Math.min(blockRows, end - first) * columns;
  const buffer = dtype === "float16" ? new Uint16Array(length) : new Float32Array(length);
  for (let row = first; row < end; row += blockRows) {
    const last = Math.min(row + blockRows, end);
    const data = buffer.subarray(0, (last - row) * columns);
    await readRowsInto("blocks", npy, { first: row, end: last }, data, {});
    yield { firstRow: row, embeddings: { data, rows: last - row, columns } as Matrix | HalfMatrix };
  }
}
