import { appendSource } from "../files/append-source.ts";
import { convertRows, numbersOf, requireFloatDtype } from "../files/convert-rows.ts";
import { littleEndianPieces } from "../files/little-endian.ts";
import { createPartialFile, type PartialFile, writeWhenComplete } from "../files/partial-file.ts";
import { createWriterQueue } from "../files/writer-queue.ts";
import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { npyHeader, writtenHeaderBytes } from "./header.ts";

/** Numbers that {@link writeNpy} and {@link createNpyWriter} write. */
export type NpyWriteDtype = "float16" | "float32";

/** Options of {@link writeNpy}; progress counts rows. */
export interface WriteNpyOptions extends RunOptions {
  /**
   * The numbers of the file. `"float16"` takes half the space; each number goes to the nearest float16.
   *
   * @defaultValue `"float16"` for a `HalfMatrix`, else `"float32"`: nothing is lost
   */
  readonly dtype?: NpyWriteDtype;
}

/** Options of {@link createNpyWriter}. */
export interface CreateNpyWriterOptions {
  /** Numbers per row. */
  readonly columns: number;
  /**
   * The numbers of the file. `"float16"` takes half the space; each number goes to the nearest float16.
   *
   * @defaultValue `"float32"`: nothing is lost
   */
  readonly dtype?: NpyWriteDtype;
}

/** A NumPy file under construction, see {@link createNpyWriter}. */
export interface NpyWriter {
  /** Rows that are written, or being written. */
  readonly rows: number;
  /**
   * Adds rows below those added before. Calls may overlap: they are done in their order.
   *
   * @param embeddings - Any number of rows, in any precision; they may change once the promise is settled.
   * @returns Settled when the rows are written.
   * @throws RangeError or TypeError if the shape does not fit, if a number does not fit into float16, or if the writer
   * was closed: nothing of `embeddings` is written, and the writer goes on. The file system's errors end the writer.
   */
  append(embeddings: Embeddings): Promise<void>;
  /**
   * Completes the file and gives it its name. An existing file is replaced.
   *
   * @throws RangeError if the writer was closed or aborted, and the file system's errors; nothing is left behind then.
   */
  close(): Promise<void>;
  /** Removes what was written. Does nothing after {@link NpyWriter.close}. */
  abort(): Promise<void>;
  /** {@link NpyWriter.abort}, for `await using`: without `close` no file appears. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Writes embeddings as a NumPy file, which `numpy.load` reads as an array of shape (rows, columns).
 *
 * The file appears under its name only when it is complete: it is written under another name in the same folder,
 * flushed and renamed. An existing file is replaced. Memory for one block of rows is taken, also where `embeddings` is a
 * source with more rows than memory holds.
 *
 * @param path - The file, usually named `*.npy`; its folder must exist.
 * @param embeddings - What to write. Numbers are not checked for NaN, unless they are converted to float16.
 * @returns Settled when the file is in place.
 * @throws RangeError or TypeError if the shape does not fit; RangeError if a row is to become float16 and holds NaN, an
 * infinity, or a number that rounds to more than 65504 (the message names the row); and the file system's errors.
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
export async function writeNpy(
  path: string,
  embeddings: Embeddings | EmbeddingSource,
  options: WriteNpyOptions = {},
): Promise<void> {
  const source = sourceOf("writeNpy", "embeddings", embeddings);
  const { dtype = defaultDtype(embeddings), signal, onProgress } = options;
  requireFloatDtype("writeNpy", dtype);
  signal?.throwIfAborted();
  const { rows, columns } = source;
  await writeWhenComplete(path, async (file) => {
    await file.write(npyHeader({ dtype, rows, columns }));
    await appendSource(
      "writeNpy",
      source,
      async (embeddings, firstRow) => {
        const converted = convertRows(embeddings, { caller: "writeNpy", dtype, firstRow, finite: false });
        await writeNumbers(file, converted);
      },
      options,
    );
  });
  onProgress?.({ done: rows, total: rows });
}

/**
 * Starts a NumPy file of rows that come bit by bit. Their number need not be known: it is filled in at the end.
 *
 * The file appears under its name only when {@link NpyWriter.close} is done, as with {@link writeNpy}.
 *
 * @param path - The file, usually named `*.npy`; its folder must exist.
 * @returns The writer; to be closed or aborted.
 * @throws RangeError if an option is out of range, and the file system's errors.
 *
 * @example
 * ```ts
 * import { createNpyWriter, readNpy } from "@lmk/index/npy";
 *
 * const writer = await createNpyWriter("bit-by-bit.npy", { columns: 2 });
 * await writer.append({ data: Float32Array.of(1, 2), rows: 1, columns: 2 });
 * await writer.append({ data: Float32Array.of(3, 4, 5, 6), rows: 2, columns: 2 });
 * await writer.close();
 * console.log((await readNpy("bit-by-bit.npy")).rows); // => 3
 * ```
 */
export async function createNpyWriter(path: string, options: CreateNpyWriterOptions): Promise<NpyWriter> {
  const { columns, dtype = "float32" } = options;
  requirePositiveInteger("createNpyWriter", "columns", columns);
  requireFloatDtype("createNpyWriter", dtype);
  const file = await createPartialFile(path);
  const queue = createWriterQueue(file.discard);
  let rows = 0;
  try {
    await file.write(new Uint8Array(writtenHeaderBytes));
  } catch (error) {
    await file.discard();
    throw error;
  }
  return {
    get rows() {
      return rows;
    },
    append: async (embeddings) => {
      queue.requireOpen("append");
      requireEmbeddings("append", "embeddings", embeddings);
      requireColumns(embeddings, columns);
      const converted = convertRows(embeddings, { caller: "append", dtype, firstRow: 0, finite: false });
      await queue.append(() => {
        rows += embeddings.rows;
        return writeNumbers(file, converted);
      });
    },
    close: () =>
      queue.close(async () => {
        await file.overwrite(0, npyHeader({ dtype, rows, columns }));
        await file.commit();
      }),
    abort: queue.abort,
    [Symbol.asyncDispose]: queue.abort,
  };
}

/** Refuses rows of another width than the file's. */
function requireColumns(embeddings: Embeddings, columns: number): void {
  if (embeddings.columns !== columns) {
    throw new RangeError(
      `append: expected \`embeddings\` to have ${columns} columns as the file, got ${embeddings.columns}`,
    );
  }
}

async function writeNumbers(file: Pick<PartialFile, "write">, { data }: Embeddings): Promise<void> {
  for (const piece of littleEndianPieces(data)) await file.write(piece);
}

function defaultDtype(embeddings: Embeddings | EmbeddingSource): NpyWriteDtype {
  return "data" in embeddings && numbersOf(embeddings) === "float16" ? "float16" : "float32";
}
