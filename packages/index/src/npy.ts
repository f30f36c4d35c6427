import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { Matrix } from "./matrix.ts";
import { longestPreamble, npyError, npyHeader, npyHeaderSpan, parseNpyHeader } from "./npy-header.ts";
import { requireMatrix } from "./require.ts";

export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export type { Matrix } from "./matrix.ts";

/** Bytes read or written in one call, well below what one system call can take. */
const chunkBytes = 64 * 1024 * 1024;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Writes a matrix as a NumPy file, which `numpy.load` reads as a float32 array of shape (rows, columns).
 *
 * The file appears under its name only when it is complete: it is written under another name in the same folder,
 * flushed and renamed. An existing file is replaced.
 *
 * @param path - The file, usually named `*.npy`; its folder must exist.
 * @param matrix - What to write; it is not checked for NaN.
 * @returns Settled when the file is in place.
 * @throws RangeError if the shape does not fit, and the file system's errors.
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from "@lmk/index/npy";
 *
 * await writeNpy("embeddings.npy", { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 });
 * const { rows, columns, data } = await readNpy("embeddings.npy");
 * console.log(rows, columns, [...data]); // => 2 2 [ 1, 2, 3, 4 ]
 * ```
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html | The NPY format}
 */
export async function writeNpy(path: string, matrix: Matrix): Promise<void> {
  requireMatrix("writeNpy", "matrix", matrix);
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, "wx");
    try {
      await file.writeFile(npyHeader(matrix.rows, matrix.columns));
      await writeFloats(file, matrix.data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Reads a NumPy file of float32 rows, such as {@link writeNpy} and `numpy.save` write.
 *
 * Versions 1.0, 2.0 and 3.0 of the format are read; numbers must be little-endian float32 (`'<f4'`), in C order, in
 * two dimensions. The header and the length of the file are checked before anything is allocated.
 *
 * @param path - The file.
 * @returns The matrix, newly allocated.
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
export async function readNpy(path: string): Promise<Matrix> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const preamble = await readBytes(file, path, 0, Math.min(longestPreamble, size));
    const { start, length } = npyHeaderSpan(path, preamble);
    if (start + length > size) {
      throw npyError(path, `to have a header of ${length} bytes`, `a file of ${size} bytes`, "wrong-size");
    }
    const { rows, columns } = parseNpyHeader(path, await readBytes(file, path, start, length));
    const expected = start + length + rows * columns * 4;
    if (size !== expected) {
      const shape = `${rows} x ${columns} float32 numbers`;
      throw npyError(path, `to have ${expected} bytes for ${shape}`, `${size} bytes`, "wrong-size");
    }
    const data = new Float32Array(rows * columns);
    await readInto(file, path, start + length, new Uint8Array(data.buffer));
    if (!isLittleEndian) Buffer.from(data.buffer).swap32();
    return { data, rows, columns };
  } finally {
    await file.close();
  }
}

async function writeFloats(file: FileHandle, data: Float32Array): Promise<void> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const chunk = bytes.subarray(start, start + chunkBytes);
    await file.writeFile(isLittleEndian ? chunk : Buffer.from(chunk).swap32());
  }
}

async function readBytes(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await readInto(file, path, position, bytes);
  return bytes;
}

async function readInto(file: FileHandle, path: string, position: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(chunkBytes, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) {
      throw npyError(path, `to go on at byte ${position + done}`, "its end", "wrong-size");
    }
    done += bytesRead;
  }
}
