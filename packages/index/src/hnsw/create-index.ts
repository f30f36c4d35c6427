import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { IndexFileError } from "../file-error.ts";
import { requirePositiveInteger } from "../require.ts";
import { untilAborted } from "../until-aborted.ts";
import { readManifest, readReplacement, requireGraphFile } from "./file.ts";
import type { OpenRequest } from "./graph-messages.ts";
import { startGraphThread } from "./graph-thread.ts";
import type { HnswIndex } from "./hnsw-index.ts";
import { IdTable } from "./id-table.ts";
import { loadLibrary } from "./libraries.ts";
import { fileError, type Manifest } from "./manifest.ts";
import { openIndex } from "./open-index.ts";
import {
  firstCapacity,
  type HnswIndexOptions,
  type HnswSettings,
  libraryAskedFor,
  requireIndexOptions,
  settingsOf,
} from "./settings.ts";

/** Options of {@link loadHnswIndex}. */
export interface HnswLoadOptions {
  /**
   * Threads that usearch adds and searches with, as in {@link HnswIndexOptions}.
   *
   * @defaultValue 1
   */
  readonly threads?: number;
  /**
   * Ends the call early: it rejects with the signal's reason, within 100 ms.
   *
   * @defaultValue nothing ends it early
   */
  readonly signal?: AbortSignal;
}

/** How a graph is opened, whatever is in it. */
interface StartOptions extends Pick<OpenRequest, "url" | "capacity" | "threads"> {
  readonly signal: AbortSignal | undefined;
}

/** An index that was saved, and where its graph is. */
interface SavedIndex extends Manifest {
  readonly graphPath: string;
}

/**
 * Makes an empty approximate index on the optional package `hnswlib-node` or the optional package `usearch`.
 *
 * A row takes about this many bytes, where `d` is the dimension:
 *
 * ```text
 * float32, hnswlib:  4 d + 8 m + 150
 * float32, usearch:  4 d + 8 m + 140
 * float16, usearch:  2 d + 8 m + 140
 * int8, usearch:       d + 8 m + 140
 * ```
 *
 * hnswlib makes room for twice as many rows where it has none left, and copies all rows then: give it `capacity`.
 *
 * One thread of hnswlib makes the same graph from the same rows, order and seed; usearch does so with one thread, but
 * promises it for no other version or platform.
 *
 * @param options - The dimension, and what shapes the graph.
 * @returns The index. Its thread does not keep the process alive; {@link HnswIndex.dispose} frees its memory at once.
 * @throws RangeError if an option is out of range, or belongs to the other library.
 * @throws HnswUnavailableError if the library is not installed or does not load.
 *
 * @example
 * ```ts
 * import { createHnswIndex } from "@lmk/index/hnsw";
 *
 * const index = await createHnswIndex({ dimension: 3, metric: "l2" });
 * await index.add({ data: Float32Array.of(1, 2, 3, 2, 3, 4, 3, 4, 5), rows: 3, columns: 3 });
 *
 * const found = await index.search({ data: Float32Array.of(1, 2, 5), rows: 1, columns: 3 }, { k: 2 });
 * console.log([...found.ids], [...found.scores]); // => [ 1, 0 ] [ -3, -4 ]
 * await index.dispose();
 * ```
 *
 * @see {@link https://arxiv.org/abs/1603.09320 | Malkov and Yashunin, Hierarchical Navigable Small World graphs, 2016}
 */
export async function createHnswIndex(options: HnswIndexOptions): Promise<HnswIndex> {
  requireIndexOptions("createHnswIndex", options);
  const { library, url } = await loadLibrary("createHnswIndex", libraryAskedFor(options));
  const { capacity = firstCapacity, threads = 1 } = options;
  return startIndex({ url, capacity, threads, signal: undefined }, settingsOf(options, library), undefined);
}

/**
 * Reads an index that {@link HnswIndex.save} wrote, in this version of the package or an earlier one.
 *
 * The checksums of both files are checked before the graph is read. A loaded index answers like the saved one and can
 * grow; rows added to it are drawn into layers from the start of a seed again, so the graph is as good but not the same
 * as one grown without a pause.
 *
 * Where a save replaces the index while it is read, it is read again: the result is the index before the save or after.
 *
 * @param path - The JSON file given to `save`.
 * @returns The index.
 * @throws IndexFileError if a file is of another format or a newer version, cut off, or changed.
 * @throws HnswUnavailableError if the library that wrote it is not installed or does not load.
 *
 * @example
 * ```ts
 * import { createHnswIndex, loadHnswIndex } from "@lmk/index/hnsw";
 *
 * const index = await createHnswIndex({ dimension: 2 });
 * await index.add({ data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 });
 * await index.save("embeddings.hnsw");
 * console.log((await loadHnswIndex("embeddings.hnsw")).rows); // => 2
 * ```
 */
export async function loadHnswIndex(path: string, options: HnswLoadOptions = {}): Promise<HnswIndex> {
  const { threads = 1, signal } = options;
  requirePositiveInteger("loadHnswIndex", "threads", threads);
  signal?.throwIfAborted();
  return untilAborted(signal, loadIndex(path, threads, signal));
}

async function loadIndex(path: string, threads: number, signal: AbortSignal | undefined): Promise<HnswIndex> {
  let manifest = await readManifest(path);
  for (;;) {
    try {
      return await loadSaved(path, manifest, threads, signal);
    } catch (error) {
      if (signal?.aborted || !IndexFileError.isInstance(error)) throw error;
      const replacement = await readReplacement(path, manifest);
      if (replacement === undefined) throw error;
      manifest = replacement;
    }
  }
}

async function loadSaved(
  path: string,
  manifest: Manifest,
  threads: number,
  signal: AbortSignal | undefined,
): Promise<HnswIndex> {
  const { library } = manifest.settings;
  if (library === "hnswlib" && threads > 1) {
    throw new RangeError(
      `loadHnswIndex: expected \`threads\` to be 1 with hnswlib, got ${threads}; usearch has more`,
    );
  }
  const { url } = await loadLibrary("loadHnswIndex", library);
  const graphPath = await requireGraphFile(path, manifest, signal);
  const saved = { ...manifest, graphPath };
  return startIndex({ url, capacity: firstCapacity, threads, signal }, manifest.settings, saved);
}

async function startIndex(
  { url, capacity, threads, signal }: StartOptions,
  settings: HnswSettings,
  saved: SavedIndex | undefined,
): Promise<HnswIndex> {
  const thread = await startGraphThread();
  const table = new IdTable();
  try {
    signal?.throwIfAborted();
    const { removed = [], end = 0 } = saved ?? {};
    // An index without rows is made anew: usearch does not read one.
    const path = saved !== undefined && saved.rows > 0 ? saved.graphPath : undefined;
    // usearch makes room for one thread per core and refuses more.
    const usable = Math.min(threads, availableParallelism());
    const opened = thread.request({
      kind: "open",
      url,
      folder: dirname(fileURLToPath(url)),
      settings,
      threads: usable,
      capacity,
      file: { path, end, removed },
    });
    const answer = untilAborted(signal, opened);
    table.insert(
      (saved === undefined ? await answer : await openedFrom(answer, saved, signal)) as Int32Array,
    );
    table.removeRanges(removed, end);
    signal?.throwIfAborted();
  } catch (error) {
    void thread.close();
    throw error;
  }
  return openIndex(thread, table, settings);
}

/** The ids of a graph that was read, which are as many as the index is said to have. */
async function openedFrom(
  opened: Promise<unknown>,
  { graphPath, settings, rows, end }: SavedIndex,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  let ids: Int32Array;
  try {
    ids = (await opened) as Int32Array;
  } catch (cause) {
    signal?.throwIfAborted();
    const { message } = cause as Error;
    throw fileError(graphPath, `to be a graph of ${settings.library}`, message, "unsupported-content", {
      cause,
    });
  }
  const largest = ids.at(-1) ?? -1;
  if (ids.length !== rows || largest >= end) {
    throw fileError(
      graphPath,
      `to hold ${rows} rows with ids below ${end}`,
      `${ids.length} rows with ids up to ${largest}`,
      "bad-header",
    );
  }
  return ids;
}
