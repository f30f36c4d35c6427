import { type FileHandle, open } from "node:fs/promises";
import type { RecordBatch } from "apache-arrow";
import type { ReadRowsOptions } from "../files/read-rows.ts";
import { type FileErrors, fileErrors } from "../tables/file-errors.ts";
import {
  type EmbeddingTable,
  type EmbeddingTableRows,
  type GroupReader,
  groupedSource,
  readAllRows,
} from "../tables/grouped-source.ts";
import { loadPackage } from "../tables/optional-package.ts";
import { floatListWidth, readIds, readRows, requireIdColumn } from "./columns.ts";
import { importArrow } from "./import-packages.ts";
import { type MessageMap, mapMessages, readSpans } from "./messages.ts";

/** Options of {@link openArrow}. */
export interface OpenArrowOptions {
  /**
   * The column of lists of floats.
   *
   * @defaultValue "embedding", as {@link writeArrow} names it
   */
  readonly column?: string;
  /**
   * The column of texts or whole numbers that name the rows.
   *
   * @defaultValue no ids are read
   */
  readonly idColumn?: string;
}

/** Options of {@link readArrow}; progress counts rows. */
export interface ReadArrowOptions extends OpenArrowOptions, ReadRowsOptions {}

/** What is known of an open file. */
interface OpenFile {
  readonly path: string;
  readonly arrow: Awaited<ReturnType<typeof importArrow>>;
  readonly handle: FileHandle;
  readonly map: MessageMap;
  readonly errors: FileErrors;
}

/**
 * Opens embeddings in an Arrow file (`.arrow`, Feather version 2) or an Arrow stream (`.arrows`, as Hugging Face
 * datasets caches them): a column of lists of floats of 16, 32 or 64 bits, of fixed length or not, with an optional
 * column of ids. Which of the two it is, the file says.
 *
 * Rows are read record batch by record batch; opening reads only what lies between the batches. Numbers of 64 bits
 * are rounded to float32. NaN and infinities are given as they are; searches refuse them by row.
 *
 * The format has no checksums. Where bytes between the batches were changed, `apache-arrow` may take seconds to see it,
 * or long; keep what must be safe in a file of `@lmk/index/embedding-files`.
 *
 * Compressed batches are not read: write them with `compression="uncompressed"` in pandas and pyarrow.
 *
 * @param path - The file.
 * @param options - Which columns.
 * @returns The rows as a source of blocks, and of ids; to be closed.
 * @throws IndexFileError if the file is of another format, is cut off, is compressed, has no rows, lacks a column or
 * has one of another type; and, here or while blocks are read, if a row is null, holds a null or a number beyond
 * float32, or is longer or shorter than the first, with the number of the row.
 * @throws PackageUnavailableError if `apache-arrow` is not installed.
 *
 * @example
 * ```ts
 * import { openArrow, writeArrow } from "@lmk/index/arrow";
 *
 * await writeArrow("photos.arrow", { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 }, { ids: ["a", "b"] });
 * const photos = await openArrow("photos.arrow", { idColumn: "id" });
 * for await (const { firstRow, embeddings } of photos.blocks({ first: 1, end: 2, blockRows: 1 })) {
 *   console.log(firstRow, [...embeddings.data]);
 * }
 * // => 1 [ 3, 4 ]
 * console.log(await photos.readIds({ first: 0, end: 2 })); // => [ 'a', 'b' ]
 * await photos.close();
 * ```
 *
 * @see {@link https://arrow.apache.org/docs/format/Columnar.html | The Arrow format}
 */
export async function openArrow(path: string, options: OpenArrowOptions = {}): Promise<EmbeddingTable> {
  return groupedSource(await openAs("openArrow", path, options));
}

/**
 * Reads all embeddings, and ids, of an Arrow file or stream into memory; see {@link openArrow} for what is read.
 *
 * @param path - The file.
 * @param options - Which columns; the signal ends it between two record batches.
 * @returns The rows in order, newly allocated, and the ids if `idColumn` is given.
 * @throws IndexFileError and PackageUnavailableError as {@link openArrow} does.
 *
 * @example
 * ```ts
 * import { readArrow, writeArrow } from "@lmk/index/arrow";
 *
 * const queries = { data: Float32Array.of(0.5, 1), rows: 2, columns: 1 };
 * await writeArrow("queries.arrows", queries, { ids: [7, 9], format: "stream" });
 * const { embeddings, ids } = await readArrow("queries.arrows", { idColumn: "id" });
 * console.log([...embeddings.data], ids); // => [ 0.5, 1 ] [ 7, 9 ]
 * ```
 */
export async function readArrow(path: string, options: ReadArrowOptions = {}): Promise<EmbeddingTableRows> {
  options.signal?.throwIfAborted();
  return readAllRows("readArrow", await openAs("readArrow", path, options), options);
}

async function openAs(caller: string, path: string, options: OpenArrowOptions): Promise<GroupReader> {
  const { column = "embedding", idColumn } = options;
  const arrow = await loadPackage(caller, ["apache-arrow"], importArrow);
  const errors = fileErrors(caller, path);
  const handle = await open(path, "r");
  try {
    const map = await mapMessages(arrow, handle, errors);
    const width = floatListWidth(arrow, errors, map.schema, column);
    if (idColumn !== undefined) requireIdColumn(arrow, errors, map.schema, idColumn);
    requireBodies(map, width, errors);
    if (!map.batchRows.some((rows) => rows > 0)) {
      throw errors.file("to have at least one row", "none", "unsupported-content");
    }
    return await groupsOf({ path, arrow, handle, map, errors }, width, column, idColumn);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Refuses counts of rows that the bytes of a batch cannot hold. */
function requireBodies(
  { batchRows, bodyBytes }: MessageMap,
  width: number | undefined,
  errors: FileErrors,
): void {
  // A row has numbers of two bytes or more, or else the place where its list starts, in four.
  const rowBytes = width === undefined ? 4 : 2 * width;
  for (const [batch, rows] of batchRows.entries()) {
    if (Number.isSafeInteger(rows) && rows >= 0 && rows * rowBytes <= bodyBytes[batch]!) continue;
    const expected = `to have rows of ${rowBytes} bytes or more in record batch ${batch}`;
    throw errors.file(expected, `${rows} rows in ${bodyBytes[batch]} bytes`, "bad-header");
  }
}

async function groupsOf(
  file: OpenFile,
  width: number | undefined,
  column: string,
  idColumn: string | undefined,
): Promise<GroupReader> {
  const { path, errors, map } = file;
  const groupRows = map.batchRows;
  const firstBatch = groupRows.findIndex((rows) => rows > 0);
  const columns = width ?? readRows(errors, await readBatch(file, firstBatch), column, 0, undefined).columns;
  return {
    path,
    columns,
    hasIds: idColumn !== undefined,
    groupRows,
    readGroup: async (index, firstRow) => {
      const batch = await readBatch(file, index);
      return {
        numbers: () => readRows(errors, batch, column, firstRow, columns).data,
        ids: () => readIds(errors, batch, idColumn!, firstRow),
      };
    },
    close: () => file.handle.close(),
  };
}

async function readBatch(file: OpenFile, index: number): Promise<RecordBatch> {
  const { arrow, handle, map, errors } = file;
  const bytes = await readSpans(handle, map.preamble, map.spans[index]!, errors);
  try {
    for (const batch of arrow.RecordBatchReader.from(bytes)) {
      if (batch.numRows === map.batchRows[index]) return batch;
    }
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw errors.file(`to have a readable record batch ${index}`, JSON.stringify(text), "bad-header", {
      cause,
    });
  }
  throw errors.file(`to have ${map.batchRows[index]} rows in record batch ${index}`, "others", "wrong-size");
}
