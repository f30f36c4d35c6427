import type { EmbeddingDtype } from "../files/convert-rows.ts";
import { allocated, type ReadRowsOptions } from "../files/read-rows.ts";
import { startSteps } from "../files/run-steps.ts";
import type { EmbeddingSource, Embeddings, RunOptions } from "../matrix.ts";
import { type RowRange, requireRowRange } from "../row-range.ts";
import { requireBlockRange } from "../sources.ts";
import { readChecked } from "./chunk-reader.ts";
import { headerBytes } from "./layout.ts";
import { openChecked } from "./open-checked.ts";
import { findRows, readIdRange, readIdsOf } from "./read-ids.ts";
import { allocateRows, readBlocks, readRowsInto } from "./rows.ts";

/**
 * An open embedding file: rows and ids are read as they are asked for, so it may be larger than memory.
 *
 * Whatever is read is compared with its checksum first. A row costs the reading of the 256 KiB that it lies in; a
 * block reads its own bytes and up to 256 KiB at each end. As a source its blocks share one buffer.
 */
export interface EmbeddingFile extends EmbeddingSource {
  /** The precision of the rows. */
  readonly dtype: EmbeddingDtype;
  /** Whether rows have ids. */
  readonly hasIds: boolean;
  /**
   * Reads some rows into memory.
   *
   * @param range - Which rows; they must exist.
   * @returns The rows, newly allocated, in the precision of the file.
   * @throws RangeError if the range does not fit or the file was closed; IndexFileError if the file has changed.
   */
  read(range: RowRange, options?: ReadRowsOptions): Promise<Embeddings>;
  /**
   * Reads the ids of consecutive rows.
   *
   * @param range - Which rows; they must exist.
   * @returns One id per row.
   * @throws RangeError if the range does not fit, there are no ids, or the file was closed; IndexFileError if the file
   * has changed.
   */
  readIds(range: RowRange): Promise<string[]>;
  /**
   * The ids of any rows, such as those that a search has found.
   *
   * @param rows - Row numbers in any order, also repeated; -1 stands for none, as in `Neighbors`.
   * @returns One id per entry of `rows`, an empty string for -1 (no id is empty).
   * @throws RangeError if a row does not exist, there are no ids, or the file was closed; IndexFileError if the file has
   * changed.
   */
  idsOf(rows: ArrayLike<number>): Promise<string[]>;
  /**
   * The rows of some ids. All ids of the file are read, at most once, and only those asked for are kept in memory.
   *
   * @param ids - Ids in any order, also repeated.
   * @param options - Progress counts rows.
   * @returns The first row with each id, -1 where there is none.
   * @throws RangeError if there are no ids or the file was closed; IndexFileError if the file has changed.
   */
  rowsOf(ids: readonly string[], options?: RunOptions): Promise<Int32Array>;
  /**
   * Reads the whole file and compares all checksums; keeps nothing in memory.
   *
   * @param options - Progress counts bytes.
   * @throws RangeError if the file was closed; IndexFileError that names the first bytes that have changed.
   */
  verify(options?: RunOptions): Promise<void>;
  /** Closes the file; what was read stays. Again it does nothing. */
  close(): Promise<void>;
  /** {@link EmbeddingFile.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a file of {@link writeEmbeddings} or {@link createEmbeddingWriter}.
 *
 * Header, length of the file and list of checksums are checked, and the list is kept: 16 bytes for every 256 KiB, 25 MB
 * for 400 GB. Numbers and ids are checked when they are read.
 *
 * @param path - The file.
 * @returns The open file, a source of embeddings; to be closed.
 * @throws IndexFileError if the file is of another format or a newer version, is cut off, too long or changed; and the
 * file system's errors.
 *
 * @example
 * ```ts
 * import { openEmbeddings, writeEmbeddings } from "@lmk/index/embedding-files";
 *
 * const database = { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 };
 * await writeEmbeddings("database.embeddings", database, { ids: ["Louvre", "Prado", "Uffizi"] });
 *
 * const file = await openEmbeddings("database.embeddings");
 * console.log([...(await file.read({ first: 1, end: 2 })).data]); // => [ 3, 4 ]
 * console.log(await file.idsOf([2, -1]), await file.rowsOf(["Prado"])); // => [ 'Uffizi', '' ] Int32Array(1) [ 1 ]
 * await file.close();
 * ```
 */
export async function openEmbeddings(path: string): Promise<EmbeddingFile> {
  const file = await openChecked("openEmbeddings", path);
  const { rows, columns, dtype, idKind } = file.content;
  const hasIds = idKind !== "none";
  let isOpen = true;
  const requireOpen = (caller: string): void => {
    if (!isOpen) throw new RangeError(`${caller}: expected a file that is open, got ${path} after close`);
  };
  const requireHasIds = (caller: string): void => {
    requireOpen(caller);
    if (!hasIds) throw new RangeError(`${caller}: expected ${path} to have ids, got a file without`);
  };
  const close = async (): Promise<void> => {
    isOpen = false;
    await file.handle.close();
  };
  return {
    rows,
    columns,
    dtype,
    hasIds,
    blocks: (range) => {
      requireOpen("blocks");
      requireBlockRange(range, rows);
      return readBlocks(file, range);
    },
    read: async (range, options = {}) => {
      requireOpen("read");
      requireRowRange("read", range, rows);
      const { shared = false } = options;
      const count = range.end - range.first;
      const target = allocated("read", path, { rows: count, columns }, () =>
        allocateRows(count, columns, dtype, shared),
      );
      await readRowsInto("read", file, range.first, target, options);
      return target;
    },
    readIds: async (range) => {
      requireHasIds("readIds");
      requireRowRange("readIds", range, rows);
      return readIdRange("readIds", file, range);
    },
    idsOf: async (wanted) => {
      requireHasIds("idsOf");
      const list = Array.from(wanted);
      const wrong = list.findIndex((row) => !Number.isInteger(row) || row < -1 || row >= rows);
      if (wrong !== -1) {
        throw new RangeError(
          `idsOf: expected \`rows[${wrong}]\` to be a row of ${rows} or -1, got ${list[wrong]}`,
        );
      }
      const ids = await readIdsOf(
        "idsOf",
        file,
        list.filter((row) => row !== -1),
      );
      return list.map((row) => ids.get(row) ?? "");
    },
    rowsOf: async (ids, options = {}) => {
      requireHasIds("rowsOf");
      return findRows("rowsOf", file, ids, options);
    },
    verify: async (options = {}) => {
      requireOpen("verify");
      const steps = startSteps(options, file.end - headerBytes);
      for await (const bytes of readChecked("verify", file, headerBytes, file.end))
        steps.advance(bytes.length);
      steps.finish();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
