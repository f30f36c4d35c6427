import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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
  const partial = `${path}.${randomUUID()}.partial`;
  const partialGraph = `${partial}.graph`;
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
    const file = await open(partial, "wx");
    try {
      await file.writeFile(formatManifest({ ...index, graph }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    if (previous !== undefined && previous !== graph.file) {
      await rm(join(dirname(path), previous), { force: true });
    }
  } finally {
    await rm(partialGraph, { force: true });
    await rm(partial, { force: true });
  }
}

export async function readManifest(path: string): Promise<Manifest> {
  return parseManifest(path, await readFile(path, "utf8"));
}

/** Checks the graph that the index at `path` names: a library that reads a changed one may end the process. */
export async function requireGraphFile(path: string, { graph }: Manifest): Promise<string> {
  const graphPath = join(dirname(path), graph.file);
  const bytes = await sizeOf(graphPath);
  if (bytes !== graph.bytes) {
    throw fileError(graphPath, `to have ${graph.bytes} bytes`, `${bytes}`, "wrong-size");
  }
  const sha256 = await sha256Of(graphPath);
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

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw fileError(path, "to be there", "no file", "wrong-size", { cause });
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
