import { type FileHandle, open } from "node:fs/promises";
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { readSpan } from "../files/read-exactly.ts";
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
import { codecsOf, requireFloatList, requireIdColumn } from "./columns.ts";
import { knownDecompressors } from "./decompress.ts";
import { groupsOf, isOfFileSystem, type OpenFile, type Reader } from "./groups.ts";
import { importReader } from "./import-packages.ts";

/** Options of {@link openParquet}. */
export interface OpenParquetOptions {
  /**
   * The column of lists of floats.
   *
   * @defaultValue "embedding", as {@link writeParquet} names it
   */
  readonly column?: string;
  /**
   * The column of texts or whole numbers that name the rows.
   *
   * @defaultValue no ids are read
   */
  readonly idColumn?: string;
  /**
   * How to decompress what is not known here, by the codec's name in the format, such as `LZ4_RAW`. Given the
   * compressed bytes and how many bytes come out.
   *
   * @defaultValue none besides UNCOMPRESSED, SNAPPY, GZIP, BROTLI and, where Node has it, ZSTD
   */
  readonly decompressors?: Readonly<Record<string, (bytes: Uint8Array, length: number) => Uint8Array>>;
}

/** Options of {@link readParquet}; progress counts rows. */
export interface ReadParquetOptions extends OpenParquetOptions, ReadRowsOptions {}

/**
 * Opens embeddings in a Parquet file: a column of lists of floats of any width (16, 32 or 64 bits), as pandas,
 * pyarrow, Hugging Face datasets and Spark write it, with an optional column of ids.
 *
 * Rows are read row group by row group, so that all of them are never in memory. A row group of `r` rows of `c`
 * numbers takes, while it is read:
 *
 * ```text
 * bytes = 12 r c + compressed size + 16 x (numbers of one page)
 * ```
 *
 * pyarrow puts 1,048,576 rows into a group unless told otherwise; write with `row_group_size=10_000` to keep this
 * small. The first group is read at opening, since the format does not say how long its lists are.
 *
 * Numbers of 64 bits are rounded to float32. NaN and infinities are given as they are; searches refuse them by row.
 *
 * @param path - The file.
 * @param options - Which columns.
 * @returns The rows as a source of blocks, and of ids; to be closed.
 * @throws IndexFileError if the file is of another format, is cut off, has no rows, lacks a column, has one of another
 * type or compression; and, here or while blocks are read, if a row is null, holds a null or a number beyond float32,
 * or is longer or shorter than the first, with the number of the row.
 * @throws PackageUnavailableError if `hyparquet` is not installed.
 *
 * @example
 * ```ts
 * import { openParquet, writeParquet } from "@lmk/index/parquet";
 *
 * await writeParquet("photos.parquet", { data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 }, { ids: ["a", "b"] });
 * const photos = await openParquet("photos.parquet", { idColumn: "id" });
 * for await (const { firstRow, embeddings } of photos.blocks({ first: 0, end: photos.rows, blockRows: 1 })) {
 *   console.log(firstRow, [...embeddings.data]);
 * }
 * // => 0 [ 1, 2 ]
 * // => 1 [ 3, 4 ]
 * console.log(await photos.readIds({ first: 0, end: 2 })); // => [ 'a', 'b' ]
 * await photos.close();
 * ```
 *
 * @see {@link https://parquet.apache.org/docs/file-format/ | The Parquet format}
 */
export async function openParquet(path: string, options: OpenParquetOptions = {}): Promise<EmbeddingTable> {
  return groupedSource(await openAs("openParquet", path, options));
}

/**
 * Reads all embeddings, and ids, of a Parquet file into memory; see {@link openParquet} for what is read.
 *
 * @param path - The file.
 * @param options - Which columns; the signal ends it between two row groups.
 * @returns The rows in order, newly allocated, and the ids if `idColumn` is given.
 * @throws IndexFileError and PackageUnavailableError as {@link openParquet} does.
 *
 * @example
 * ```ts
 * import { readParquet, writeParquet } from "@lmk/index/parquet";
 *
 * await writeParquet("queries.parquet", { data: Float32Array.of(0.5, 1), rows: 2, columns: 1 }, { ids: [7, 9] });
 * const { embeddings, ids } = await readParquet("queries.parquet", { idColumn: "id" });
 * console.log([...embeddings.data], ids); // => [ 0.5, 1 ] [ 7, 9 ]
 * ```
 */
export async function readParquet(
  path: string,
  options: ReadParquetOptions = {},
): Promise<EmbeddingTableRows> {
  options.signal?.throwIfAborted();
  return readAllRows("readParquet", await openAs("readParquet", path, options), options);
}

async function openAs(caller: string, path: string, options: OpenParquetOptions): Promise<GroupReader> {
  const { column = "embedding", idColumn, decompressors = {} } = options;
  const reader = await loadPackage(caller, ["hyparquet"], importReader);
  const errors = fileErrors(caller, path);
  const handle = await open(path, "r");
  try {
    const buffer = await bufferOf(handle, errors);
    const metadata = await readMetadata(reader, buffer, errors);
    const root = reader.parquetSchema(metadata);
    requireFloatList(errors, root, column);
    if (idColumn !== undefined) requireIdColumn(errors, root, idColumn);
    const compressors = knownDecompressors(decompressors);
    const names = idColumn === undefined ? [column] : [column, idColumn];
    for (const codec of codecsOf(metadata, names)) {
      if (codec === "UNCOMPRESSED" || codec === "SNAPPY" || codec in compressors) continue;
      throw errors.file("to be compressed in a known way; see `decompressors`", codec, "unsupported-content");
    }
    const groupRows = rowsOfGroups(metadata, column, errors);
    if (!groupRows.some((rows) => rows > 0)) {
      throw errors.file("to have at least one row", "none", "unsupported-content");
    }
    const file: OpenFile = { path, reader, buffer, metadata, errors, compressors };
    return await groupsOf(handle, file, groupRows, column, idColumn);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Rows of each group; refuses counts that the column of embeddings cannot have. */
function rowsOfGroups(metadata: FileMetaData, column: string, errors: FileErrors): readonly number[] {
  return metadata.row_groups.map(({ num_rows: count, columns }, group) => {
    const rows = Number(count);
    const chunk = columns.find(({ meta_data: data }) => data?.path_in_schema[0] === column)?.meta_data;
    // Each row counts as one value or more, and no value of a real file takes less than a hundredth of a bit.
    const values = Number(chunk?.num_values);
    const most = 800 * Number(chunk?.total_uncompressed_size);
    if (Number.isSafeInteger(rows) && rows >= 0 && rows <= values && values <= most) return rows;
    if (rows === 0) return 0;
    throw errors.file(
      `to have as many values as rows in row group ${group}`,
      `${values} and ${rows}`,
      "bad-header",
    );
  });
}

async function bufferOf(handle: FileHandle, errors: FileErrors): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const head = Buffer.from(await readSpan(handle, 0, Math.min(4, size))).toString("latin1");
  const tail = Buffer.from(await readSpan(handle, Math.max(0, size - 4), size)).toString("latin1");
  if (head !== "PAR1") throw errors.file("to start with PAR1", "other bytes", "not-this-format");
  if (size < 12 || tail !== "PAR1") throw errors.file("to end with PAR1", "other bytes", "wrong-size");
  return {
    byteLength: size,
    // Metadata can ask for more than there is, which must not be allocated.
    slice: async (start, end = size) => (await readSpan(handle, start, Math.min(end, size))).buffer,
  };
}

async function readMetadata(reader: Reader, buffer: AsyncBuffer, errors: FileErrors): Promise<FileMetaData> {
  try {
    return await reader.parquetMetadataAsync(buffer);
  } catch (cause) {
    if (isOfFileSystem(cause)) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw errors.file("to have readable metadata", JSON.stringify(text), "bad-header", { cause });
  }
}
