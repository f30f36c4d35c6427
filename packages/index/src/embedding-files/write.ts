import { appendSource } from "../files/append-source.ts";
import { type EmbeddingDtype, numbersOf } from "../files/convert-rows.ts";
import { createWriterQueue } from "../files/writer-queue.ts";
import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { requireEmbeddings, requirePositiveInteger } from "../require.ts";
import { sourceOf } from "../source-of.ts";
import { requireIdCount } from "./ids.ts";
import { createEmbeddingSink } from "./sink.ts";

/** Options of {@link writeEmbeddings}; progress counts rows. */
export interface WriteEmbeddingsOptions extends RunOptions {
  /**
   * One id per row: one or more characters of Unicode, without half of a surrogate pair. Ids may repeat. Where all are
   * lower-case hexadecimal digits of one even length, a file holds two digits in a byte.
   *
   * @defaultValue no ids
   */
  readonly ids?: readonly string[];
  /**
   * How the file holds numbers. What is lost: see `toHalf` and `toInt8` of `@lmk/index`.
   *
   * @defaultValue the precision of the embeddings, `"float32"` for a source: nothing is lost
   */
  readonly dtype?: EmbeddingDtype;
}

/** Options of {@link createEmbeddingWriter}. */
export interface CreateEmbeddingWriterOptions {
  /** Numbers per row. */
  readonly columns: number;
  /**
   * How the file holds numbers. What is lost: see `toHalf` and `toInt8` of `@lmk/index`.
   *
   * @defaultValue `"float32"`: nothing is lost
   */
  readonly dtype?: EmbeddingDtype;
}

/** An embedding file under construction, see {@link createEmbeddingWriter}. */
export interface EmbeddingWriter {
  /** Rows that are written, or being written. */
  readonly rows: number;
  /**
   * Adds rows below those added before. Calls may overlap: they are done in their order.
   *
   * @param embeddings - Any number of rows, in any precision; they may change once the promise is settled.
   * @param ids - One id per row, as in {@link WriteEmbeddingsOptions.ids}; either always or never.
   * @returns Settled when the rows are written.
   * @throws RangeError or TypeError if shapes do not fit, a row holds NaN or an infinity or a number that does not fit
   * into float16, an id cannot be stored, or the writer was closed: nothing of this call is written, and the writer
   * goes on. The file system's errors end the writer.
   */
  append(embeddings: Embeddings, ids?: readonly string[]): Promise<void>;
  /**
   * Completes the file and gives it its name. An existing file is replaced.
   *
   * @throws RangeError if the writer was closed or aborted, and the file system's errors; nothing is left behind then.
   */
  close(): Promise<void>;
  /** Removes what was written. Does nothing after {@link EmbeddingWriter.close}. */
  abort(): Promise<void>;
  /** {@link EmbeddingWriter.abort}, for `await using`: without `close` no file appears. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Writes embeddings, and if wanted an id for each, as one file that {@link openEmbeddings} reads.
 *
 * The format is described byte by byte in docs/embedding-files.md: every 256 KiB have a checksum, and the numbers lie
 * as one matrix, to be memory-mapped. The file appears under its name only when it is complete. Memory for one
 * block of rows is taken, also where `embeddings` is a source with more rows than memory holds.
 *
 * ```text
 * bytes = 4096 + rows * columns * (4, 2 or 1) + rows * 4 (int8) + ids, + 0.006 % for checksums
 * ```
 *
 * @param path - The file; its folder must exist.
 * @param embeddings - At most 2^31 - 1 rows.
 * @returns Settled when the file is in place.
 * @throws RangeError or TypeError if a shape or an id does not fit, or if a row holds NaN, an infinity, or for float16
 * a number that rounds to more than 65504 (the message names the row); and the file system's errors.
 *
 * @example
 * ```ts
 * import { openEmbeddings, writeEmbeddings } from "@lmk/index/embedding-files";
 *
 * const gallery = { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 };
 * await writeEmbeddings("gallery.embeddings", gallery, { ids: ["a4ec0031", "00ff00ff"], dtype: "float16" });
 *
 * const file = await openEmbeddings("gallery.embeddings");
 * console.log(file.rows, file.columns, file.dtype); // => 2 2 float16
 * console.log(await file.idsOf([1, 0])); // => [ '00ff00ff', 'a4ec0031' ]
 * await file.close();
 * ```
 */
export async function writeEmbeddings(
  path: string,
  embeddings: Embeddings | EmbeddingSource,
  options: WriteEmbeddingsOptions = {},
): Promise<void> {
  const source = sourceOf("writeEmbeddings", "embeddings", embeddings);
  const { ids, dtype = defaultDtype(embeddings), signal, onProgress } = options;
  const { rows, columns } = source;
  if (ids !== undefined) requireIdCount("writeEmbeddings", ids, rows);
  requireDtype("writeEmbeddings", dtype);
  signal?.throwIfAborted();
  const sink = await createEmbeddingSink(path, columns, dtype);
  const append = async (block: Embeddings, first: number): Promise<void> => {
    const blockIds = ids?.slice(first, first + block.rows);
    await sink.write(sink.check("writeEmbeddings", { embeddings: block, ids: blockIds }, first));
  };
  try {
    // Without rows, this still says whether there are ids.
    await append({ data: new Float32Array(), rows: 0, columns }, 0);
    await appendSource("writeEmbeddings", source, append, options);
    await sink.finish(signal);
  } catch (error) {
    await sink.discard();
    throw error;
  }
  onProgress?.({ done: rows, total: rows });
}

/**
 * Starts an embedding file of rows that come bit by bit, such as from a network. Their number need not be known.
 *
 * The file appears under its name only when {@link EmbeddingWriter.close} is done, as with {@link writeEmbeddings}.
 * Scales and ids wait in files beside it until then.
 *
 * @param path - The file; its folder must exist.
 * @returns The writer; to be closed or aborted.
 * @throws RangeError if an option is out of range, and the file system's errors.
 *
 * @example
 * ```ts
 * import { createEmbeddingWriter, openEmbeddings } from "@lmk/index/embedding-files";
 *
 * const writer = await createEmbeddingWriter("queries.embeddings", { columns: 2 });
 * await writer.append({ data: Float32Array.of(1, 2), rows: 1, columns: 2 }, ["first"]);
 * await writer.append({ data: Float32Array.of(3, 4), rows: 1, columns: 2 }, ["second"]);
 * await writer.close();
 *
 * const file = await openEmbeddings("queries.embeddings");
 * console.log(await file.readIds({ first: 0, end: 2 })); // => [ 'first', 'second' ]
 * await file.close();
 * ```
 */
export async function createEmbeddingWriter(
  path: string,
  options: CreateEmbeddingWriterOptions,
): Promise<EmbeddingWriter> {
  const { columns, dtype = "float32" } = options;
  requirePositiveInteger("createEmbeddingWriter", "columns", columns);
  requireDtype("createEmbeddingWriter", dtype);
  const sink = await createEmbeddingSink(path, columns, dtype);
  const queue = createWriterQueue(sink.discard);
  return {
    get rows() {
      return sink.rows;
    },
    append: async (embeddings, ids) => {
      queue.requireOpen("append");
      requireEmbeddings("append", "embeddings", embeddings);
      const checked = sink.check("append", { embeddings, ids }, 0);
      await queue.append(() => sink.write(checked));
    },
    close: () => queue.close(sink.finish),
    abort: queue.abort,
    [Symbol.asyncDispose]: queue.abort,
  };
}

function defaultDtype(embeddings: Embeddings | EmbeddingSource): EmbeddingDtype {
  return "data" in embeddings ? numbersOf(embeddings) : "float32";
}

function requireDtype(caller: string, dtype: EmbeddingDtype): void {
  if (dtype !== "float32" && dtype !== "float16" && dtype !== "int8") {
    throw new RangeError(
      `${caller}: expected \`dtype\` to be "float32", "float16" or "int8", got ${JSON.stringify(dtype)}`,
    );
  }
}
