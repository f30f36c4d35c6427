import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf, fromLittleEndian, littleEndianPieces } from "../files/little-endian.ts";
import { writeWhenComplete } from "../files/partial-file.ts";
import { type OpenFile, pieceBytes, readExactly } from "../files/read-exactly.ts";
import type { Neighbors } from "../matrix.ts";
import { firstDisorderedList } from "../merge-neighbors.ts";
import type { RowRange } from "../row-range.ts";
import { type ShardManifest, shardError, shardName } from "./manifest.ts";
import type { Shard } from "./shard-range.ts";

/** Files of one shard: the neighbors (all ids as int32, then all scores as float32) and the manifest. */
export function shardPaths(
  folder: string,
  shard: Shard,
): { readonly neighbors: string; readonly manifest: string } {
  const path = join(folder, shardName(shard));
  return { neighbors: `${path}.neighbors`, manifest: `${path}.json` };
}

/** Writes a text that appears under its name only when it is complete. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeWhenComplete(path, (file) => file.write(new TextEncoder().encode(text)));
}

/** Removes what processes that were killed while they wrote this shard have left. */
export async function removePartialFiles(folder: string, shard: Shard): Promise<void> {
  const start = `${shardName(shard)}.`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(start) && name.endsWith(".partial")) await rm(join(folder, name), { force: true });
  }
}

/** Writes the ids and scores of a shard; gives what its manifest says of the file. */
export async function writeNeighborsFile(
  path: string,
  { ids, scores }: Neighbors,
  signal: AbortSignal | undefined,
): Promise<ShardManifest["neighbors"]> {
  const hash = createHash("sha256");
  await writeWhenComplete(path, async (file) => {
    for (const array of [ids, scores]) {
      for (const piece of littleEndianPieces(array)) {
        signal?.throwIfAborted();
        hash.update(piece);
        await file.write(piece);
      }
    }
  });
  return { bytes: ids.byteLength + scores.byteLength, sha256: hash.digest("hex") };
}

/** Refuses a file of neighbors whose size or checksum is not what the manifest says. */
export async function requireNeighborsFile(
  caller: string,
  path: string,
  manifest: ShardManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await openThere(caller, path);
  try {
    await requireIntact(caller, { handle, path }, manifest, signal);
  } finally {
    await handle.close();
  }
}

/**
 * The lists of queries `first` to `end`; ids are rows of the whole database. The file is open only meanwhile: there
 * may be more shards than a process can have files open.
 */
export async function readNeighbors(
  caller: string,
  path: string,
  { k, queries, range }: ShardManifest,
  { first, end }: RowRange,
): Promise<Neighbors> {
  const rows = end - first;
  const ids = new Int32Array(rows * k);
  const scores = new Float32Array(rows * k);
  const handle = await openThere(caller, path);
  try {
    const file = { handle, path };
    await readExactly(caller, file, 4 * first * k, bytesOf(ids));
    await readExactly(caller, file, 4 * (queries.rows + first) * k, bytesOf(scores));
  } finally {
    await handle.close();
  }
  fromLittleEndian(ids);
  fromLittleEndian(scores);
  const lists = { ids, scores, rows, k };
  requireLists(caller, path, lists, first, range);
  return lists;
}

async function openThere(caller: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw shardError(caller, path, "to be there", "no file", "incomplete", { cause });
  }
}

async function requireIntact(
  caller: string,
  { handle, path }: OpenFile,
  { neighbors }: ShardManifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { size } = await handle.stat();
  if (size !== neighbors.bytes) {
    throw shardError(caller, path, `to have ${neighbors.bytes} bytes`, `${size}`, "wrong-size");
  }
  const hash = createHash("sha256");
  const piece = new Uint8Array(Math.min(size, pieceBytes));
  for (let position = 0; position < size; position += piece.length) {
    signal?.throwIfAborted();
    const bytes = piece.subarray(0, size - position);
    await readExactly(caller, { handle, path }, position, bytes);
    hash.update(bytes);
  }
  const sha256 = hash.digest("hex");
  if (sha256 !== neighbors.sha256) {
    throw shardError(caller, path, `to have the checksum ${neighbors.sha256}`, sha256, "wrong-checksum");
  }
}

/** Refuses what no search writes, although the checksum is right. */
function requireLists(
  caller: string,
  path: string,
  lists: Neighbors,
  firstQuery: number,
  range: RowRange,
): void {
  const foreign = lists.ids.find((id) => id !== -1 && (id < range.first || id >= range.end));
  if (foreign !== undefined) {
    const expected = `to hold rows ${range.first} to ${range.end - 1}`;
    throw shardError(caller, path, expected, `row ${foreign}`, "unsupported-content");
  }
  const row = firstDisorderedList(lists);
  if (row >= 0) {
    const expected = `to have the list of query ${firstQuery + row} best first`;
    throw shardError(caller, path, expected, "another order", "unsupported-content");
  }
}
