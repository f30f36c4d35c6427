import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeWhenComplete } from "../files/partial-file.ts";
import { fileError, formatManifest, type Manifest, parseManifest } from "./manifest.ts";

/**
 * Writes an index: the graph beside `path`, then the JSON file at `path` that names it. Whoever reads `path` meanwhile
 * finds the index that was there before, or this one.
 */
export async function writeIndexFiles(
  path: string,
  index: Omit<Manifest, "graph">,
  writeGraph: (path: string) => Promise<void>,
): Promise<void> {
  const partialGraph = `${path}.${randomUUID()}.partial.graph`;
  try {
    // The libraries' own errors say neither which file nor why.
    await (await open(partialGraph, "wx")).close();
    await writeGraph(partialGraph);
    await flush(partialGraph);
    const sha256 = await sha256Of(partialGraph);
    const graph = {
      file: `${basename(path)}.${sha256.slice(0, 16)}.graph`,
      bytes: (await stat(partialGraph)).size,
      sha256,
    };
    const previous = await graphFileAt(path);
    await rename(partialGraph, join(dirname(path), graph.file));
    const manifest = new TextEncoder().encode(formatManifest({ ...index, graph }));
    await writeWhenComplete(path, (file) => file.write(manifest));
    if (previous !== undefined && previous !== graph.file) {
      await rm(join(dirname(path), previous), { force: true });
    }
  } finally {
    await rm(partialGraph, { force: true });
  }
}

export async function readManifest(path: string): Promise<Manifest> {
  return parseManifest(path, await readFile(path, "utf8"));
}

/** The index at `path`, if a save has put another graph in the place of this one's since this one was read. */
export async function readReplacement(path: string, { graph }: Manifest): Promise<Manifest | undefined> {
  const manifest = await readManifest(path).catch(() => undefined);
  return manifest?.graph.file === graph.file ? undefined : manifest;
}

/** Checks the graph that the index at `path` names: a library that reads a changed one may end the process. */
export async function requireGraphFile(
  path: string,
  { graph }: Manifest,
  signal: AbortSignal | undefined,
): Promise<string> {
  const graphPath = join(dirname(path), graph.file);
  const bytes = await ofFile(graphPath, async () => (await stat(graphPath)).size);
  if (bytes !== graph.bytes) {
    throw fileError(graphPath, `to have ${graph.bytes} bytes`, `${bytes}`, "wrong-size");
  }
  const sha256 = await ofFile(graphPath, () => sha256Of(graphPath, signal));
  if (sha256 !== graph.sha256) {
    throw fileError(graphPath, `to have the checksum ${graph.sha256}`, sha256, "wrong-checksum");
  }
  return graphPath;
}

/** The graph that the index at `path` names now, if there is a readable one. */
async function graphFileAt(path: string): Promise<string | undefined> {
  try {
    return (await readManifest(path)).graph.file;
  } catch {
    return undefined;
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function ofFile<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw fileError(path, "to be there", "no file", "wrong-size", { cause });
  }
}

async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted();
    hash.update(chunk as Uint8Array);
  }
  return hash.digest("hex");
}
