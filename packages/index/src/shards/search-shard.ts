import { mkdir } from "node:fs/promises";
import {
  type ExactSearchAsyncOptions,
  excludedRows,
  requireSearchOptions,
  requireThreadOptions,
} from "../exact/search-options.ts";
import { IndexFileError } from "../file-error.ts";
import type { EmbeddingSource, Embeddings } from "../matrix.ts";
import { requireEmbeddings } from "../require.ts";
import type { RowRange } from "../row-range.ts";
import { sourceOf } from "../source-of.ts";
import { addSourceRows, createRowsHash, embeddingsHash, rowNumbersHash } from "./fingerprint.ts";
import {
  differenceOf,
  manifestText,
  readManifest,
  type ShardManifest,
  type ShardSettings,
  shardError,
} from "./manifest.ts";
import {
  removePartialFiles,
  requireNeighborsFile,
  shardPaths,
  writeNeighborsFile,
  writeText,
} from "./neighbors-file.ts";
import { searchRows } from "./search-rows.ts";
import { rangeOfShard, type Shard } from "./shard-range.ts";

const caller = "searchShard";

/** Options of {@link searchShard}. */
export interface SearchShardOptions extends ExactSearchAsyncOptions {
  /** Where the files of all shards of one search are; made if it is not there. */
  readonly folder: string;
  /** Which rows to search: those of {@link shardRange}. */
  readonly shard: Shard;
}

/** What {@link searchShard} did. */
export interface SearchedShard {
  /** The rows that were searched. */
  readonly range: RowRange;
  /** The shard's manifest, `shard-0003-of-0008.json` in the folder. */
  readonly path: string;
  /** Whether the shard was there already, complete and from the same search, so that nothing was done. */
  readonly skipped: boolean;
}

/**
 * Searches one shard of a database and leaves the result in a folder, for {@link mergeShards} to merge. Shards can be
 * searched by different processes or machines, at the same time or one after another; each shard by one at a time.
 *
 * A shard is two files: `shard-0003-of-0008.neighbors` (all ids as little-endian int32, then all scores as float32)
 * and `shard-0003-of-0008.json`, which says what was searched for and has checksums of queries, rows and neighbors.
 * Both are written under other names, flushed and renamed, the second one last: with it the shard is complete.
 *
 * Calling again is cheap and safe. What a killed process left is cleaned up. A complete shard of the same search is
 * checked (its neighbors and the rows of the database are read and compared by checksum) and skipped; if its
 * neighbors are damaged it is searched again. A shard of another search, or one whose manifest is damaged, is an
 * error and stays as it is.
 *
 * @param queries - One query per row.
 * @param database - The whole database, of which only the shard's rows are read: in memory, or a source that gives
 * rows from files. All shards must be given the same one.
 * @returns Which rows were searched, and whether that was necessary. Scores and order are those of
 * {@link exactSearch}, and ids are rows of the whole database.
 * @throws RangeError if shapes or options do not fit, or a row holds NaN or an infinity; IndexFileError if the
 * folder has this shard of another search, of a newer version, or with a damaged manifest; the file system's errors;
 * the signal's reason.
 *
 * @example
 * ```ts
 * import { mergeShards, searchShard } from "@lmk/index/shards";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(1, 0, 0, 1, 1, 1), rows: 3, columns: 2 };
 * for (const index of [0, 1]) {
 *   await searchShard(queries, database, { folder: "shards", shard: { index, count: 2 }, k: 2, metric: "l2" });
 * }
 * console.log([...(await mergeShards("shards")).ids]); // => [ 0, 2 ]
 * ```
 */
export async function searchShard(
  queries: Embeddings,
  database: Embeddings | EmbeddingSource,
  options: SearchShardOptions,
): Promise<SearchedShard> {
  const { folder, shard, exclude, ...search } = options;
  const { k, metric = "dot", signal, onProgress } = search;
  requireEmbeddings(caller, "queries", queries);
  const source = sourceOf(caller, "database", database);
  if (source.columns !== queries.columns) {
    throw new RangeError(
      `${caller}: expected \`database\` to have ${queries.columns} columns like \`queries\`, got ${source.columns}`,
    );
  }
  requireSearchOptions(caller, options);
  requireThreadOptions(caller, options);
  const excluded = excludedRows(caller, queries, source.rows, exclude);
  const range = rangeOfShard(caller, source.rows, shard);
  signal?.throwIfAborted();

  const settings = {
    shard: { index: shard.index, count: shard.count },
    rows: source.rows,
    columns: source.columns,
    range,
    metric,
    k,
    queries: { rows: queries.rows, sha256: await embeddingsHash(queries, signal) },
    exclude: excluded === undefined ? null : rowNumbersHash(excluded),
  };
  await mkdir(folder, { recursive: true });
  await removePartialFiles(folder, shard);
  const paths = shardPaths(folder, shard);
  if (await isComplete(paths, settings, source, signal)) {
    onProgress?.({ done: range.end - range.first, total: range.end - range.first });
    return { range, path: paths.manifest, skipped: true };
  }

  const { neighbors, sha256 } = await searchRows(caller, queries, source, range, {
    ...search,
    exclude: excluded,
  });
  const written = await writeNeighborsFile(paths.neighbors, neighbors, signal);
  await writeText(paths.manifest, manifestText({ ...settings, database: sha256 }, written));
  return { range, path: paths.manifest, skipped: false };
}

/** Whether the shard is there and need not be searched. */
async function isComplete(
  paths: { readonly neighbors: string; readonly manifest: string },
  settings: Omit<ShardSettings, "database">,
  source: EmbeddingSource,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const manifest = await manifestIfThere(paths.manifest);
  if (manifest === undefined) return false;
  const difference = differenceOf(settings, manifest);
  if (difference !== undefined) {
    throw otherSearch(paths.manifest, difference.expected, difference.got);
  }
  const hash = createRowsHash();
  await addSourceRows(caller, hash, source, settings.range, signal);
  const database = hash.digest();
  if (database !== manifest.database) {
    throw otherSearch(paths.manifest, `database rows with the checksum ${database}`, manifest.database);
  }
  try {
    await requireNeighborsFile(caller, paths.neighbors, manifest, signal);
    return true;
  } catch (error) {
    if (IndexFileError.isInstance(error)) return false;
    throw error;
  }
}

async function manifestIfThere(path: string): Promise<ShardManifest | undefined> {
  try {
    return await readManifest(caller, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function otherSearch(path: string, expected: string, got: string): IndexFileError {
  const way = "delete it or choose another folder";
  return shardError(caller, path, `to be of a search with ${expected}`, `${got}; ${way}`, "other-settings");
}
