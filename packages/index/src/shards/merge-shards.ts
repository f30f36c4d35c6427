import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { startSteps } from "../files/run-steps.ts";
import type { Neighbors, RunOptions } from "../matrix.ts";
import { mergeLists } from "../merge-neighbors.ts";
import { differenceOf, readManifest, type ShardManifest, shardError, shardName } from "./manifest.ts";
import { readNeighbors, requireNeighborsFile, shardPaths } from "./neighbors-file.ts";

const caller = "mergeShards";

/** Missing shards that an error names. */
const mostNamed = 10;

/** Neighbors of all shards that are merged before other work of the process gets its turn. */
const stepNeighbors = 1 << 20;

/**
 * Merges the shards of a search that {@link searchShard} left in a folder into what one search of the whole database
 * finds, bit for bit.
 *
 * All shards must be there, of one search (the same queries, `k`, metric, excluded rows, and rows and columns of the
 * database) and undamaged. That all shards read the same version of the database is not known from the files: where
 * it may have changed, call {@link searchShard} for each shard again, which skips it or refuses.
 *
 * Beside the result, `8 * rows * k` bytes, the call needs about 32 MiB; progress counts queries.
 *
 * @param folder - Where the shards are; other files there are left alone.
 * @param options - Signal and progress.
 * @returns One list per query, newly allocated, with ids of the whole database.
 * @throws IndexFileError if a shard is missing, damaged, of another search or of a newer version; the message says
 * which; the file system's errors; the signal's reason.
 *
 * @example
 * ```ts
 * import { mergeShards, searchShard } from "@lmk/index/shards";
 *
 * const rows = { data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 };
 * await searchShard(rows, rows, { folder: "search", shard: { index: 1, count: 2 }, k: 1 });
 * await mergeShards("search").catch((error) => {
 *   console.log(error.message); // => mergeShards: expected search to hold all 2 shards, got 1; missing: 0
 * });
 * ```
 */
export async function mergeShards(folder: string, options: RunOptions = {}): Promise<Neighbors> {
  const { signal } = options;
  signal?.throwIfAborted();
  const manifests = await readManifests(folder);
  for (const manifest of manifests) {
    await requireNeighborsFile(caller, shardPaths(folder, manifest.shard).neighbors, manifest, signal);
  }
  return mergeFiles(folder, manifests, options);
}

async function mergeFiles(
  folder: string,
  manifests: readonly ShardManifest[],
  run: RunOptions,
): Promise<Neighbors> {
  const {
    k,
    queries: { rows },
  } = manifests[0]!;
  const offsets = manifests.map(() => 0);
  const ids = new Int32Array(rows * k);
  const scores = new Float32Array(rows * k);
  const stepRows = Math.max(1, Math.floor(stepNeighbors / (k * manifests.length)));
  const steps = startSteps(run, rows);
  for (let first = 0; first < rows; first += stepRows) {
    const end = Math.min(first + stepRows, rows);
    const parts: Neighbors[] = [];
    for (const manifest of manifests) {
      const path = shardPaths(folder, manifest.shard).neighbors;
      parts.push(await readNeighbors(caller, path, manifest, { first, end }));
    }
    const merged = mergeLists(parts, end - first, k, offsets);
    ids.set(merged.ids, first * k);
    scores.set(merged.scores, first * k);
    await setImmediate();
    steps.advance(end - first);
  }
  steps.finish();
  return { ids, scores, rows, k };
}

/** The manifests of all shards, in order. */
async function readManifests(folder: string): Promise<readonly ShardManifest[]> {
  const found = (await readdir(folder)).flatMap((name) => {
    const [, index, count] = /^shard-(\d+)-of-(\d+)\.json$/.exec(name) ?? [];
    return count === undefined ? [] : [{ name, index: Number(index), count: Number(count) }];
  });
  const counts = [...new Set(found.map(({ count }) => count))].toSorted((a, b) => a - b);
  const [count] = counts;
  if (count === undefined) {
    throw shardError(caller, folder, "to hold the shards of a search", "none", "incomplete");
  }
  if (counts.length > 1) {
    const got = `some of ${counts.join(" and of ")}`;
    throw shardError(caller, folder, "to hold the shards of one search", got, "other-settings");
  }
  found.sort((a, b) => a.index - b.index);
  const manifests: ShardManifest[] = [];
  for (const { name } of found) manifests.push(await readManifest(caller, join(folder, name)));
  requireOneSearch(folder, manifests);
  requireAll(folder, manifests, count);
  return manifests;
}

function requireOneSearch(folder: string, manifests: readonly ShardManifest[]): void {
  const [head, ...others] = manifests;
  for (const manifest of others) {
    const difference = differenceOf(head!, manifest);
    if (difference === undefined) continue;
    const path = shardPaths(folder, manifest.shard).manifest;
    const expected = `to be of a search with ${difference.expected} like ${shardName(head!.shard)}.json`;
    throw shardError(caller, path, expected, difference.got, "other-settings");
  }
}

function requireAll(folder: string, manifests: readonly ShardManifest[], count: number): void {
  if (manifests.length === count) return;
  const there = new Set(manifests.map(({ shard }) => shard.index));
  const named: number[] = [];
  for (let index = 0; index < count && named.length < mostNamed; index++) {
    if (!there.has(index)) named.push(index);
  }
  const more = count - there.size - named.length;
  const got = `${there.size}; missing: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  throw shardError(caller, folder, `to hold all ${count} shards`, got, "incomplete");
}
