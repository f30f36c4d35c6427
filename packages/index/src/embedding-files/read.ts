import { allocated, type ReadRowsOptions } from "../files/read-rows.ts";
import type { Embeddings } from "../matrix.ts";
import { openChecked } from "./open-checked.ts";
import { readIdRange } from "./read-ids.ts";
import { allocateRows, readRowsInto } from "./rows.ts";

/** What an embedding file held, all in memory. */
export interface EmbeddingFileRows {
  /** One row per row of the file, in its precision. */
  readonly embeddings: Embeddings;
  /** One id per row, if the file has ids. */
  readonly ids?: readonly string[];
}

/**
 * Reads all rows, and ids, of a file of {@link writeEmbeddings} into memory; everything is compared with its checksum.
 *
 * @param path - The file.
 * @param options - Shared memory, signal and progress.
 * @returns The rows in the precision of the file, newly allocated, and the ids if it has any.
 * @throws IndexFileError if the file is of another format or a newer version, is cut off, too long or changed;
 * RangeError if the rows do not fit into memory ({@link openEmbeddings} reads some at a time); the signal's reason; and
 * the file system's errors.
 *
 * @example
 * ```ts
 * import { readEmbeddings, writeEmbeddings } from "@lmk/index/embedding-files";
 *
 * const queries = { data: Float32Array.of(1, 2), rows: 1, columns: 2 };
 * await writeEmbeddings("all.embeddings", queries, { ids: ["Belem"] });
 * const { embeddings, ids } = await readEmbeddings("all.embeddings");
 * console.log([...embeddings.data], ids); // => [ 1, 2 ] [ 'Belem' ]
 * ```
 */
export async function readEmbeddings(
  path: string,
  options: ReadRowsOptions = {},
): Promise<EmbeddingFileRows> {
  options.signal?.throwIfAborted();
  const caller = "readEmbeddings";
  const file = await openChecked(caller, path);
  try {
    const { rows, columns, dtype, idKind } = file.content;
    const embeddings = allocated(caller, path, { rows, columns }, () =>
      allocateRows(rows, columns, dtype, options.shared ?? false),
    );
    await readRowsInto(caller, file, 0, embeddings, options);
    if (idKind === "none") return { embeddings };
    return { embeddings, ids: await readIdRange(caller, file, { first: 0, end: rows }) };
  } finally {
    await file.handle.close();
  }
}
