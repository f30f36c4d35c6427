import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import type { NativeGraph, NativeModule } from "./native.ts";
import type { HnswSettings } from "./settings.ts";

const format = "lmk-hnsw";
const version = 1;

/** The JSON file of an index. The graph's name ends in its checksum, so a newer graph never overwrites an older one. */
interface Manifest extends HnswSettings {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly rows: number;
  readonly graph: { readonly file: string; readonly bytes: number; readonly sha256: string };
}

export async function writeHnswFile(path: string, graph: NativeGraph, settings: HnswSettings): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  const partialGraph = `${partial}.graph`;
  try {
    await graph.writeIndex(partialGraph);
    const sha256 = await sha256Of(partialGraph);
    const manifest: Manifest = {
      format,
      version,
      ...settings,
      rows: graph.getCurrentCount(),
      graph: {
        file: `${basename(path)}.${sha256.slice(0, 16)}.graph`,
        bytes: (await stat(partialGraph)).size,
        sha256,
      },
    };
    const previous = await graphFileAt(path);
    await rename(partialGraph, join(dirname(path), manifest.graph.file));
    const file = await open(partial, "wx");
    try {
      await file.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    if (previous !== undefined && previous !== manifest.graph.file) {
      await rm(join(dirname(path), previous), { force: true });
    }
  } finally {
    await rm(partialGraph, { force: true });
    await rm(partial, { force: true });
  }
}

export async function readHnswFile(
  path: string,
  native: NativeModule,
): Promise<{ readonly graph: NativeGraph; readonly settings: HnswSettings }> {
  const manifest = parseManifest(path, await readFile(path, "utf8"));
  const { dimension, metric, m, efConstruction, seed } = manifest;
  const graphPath = join(dirname(path), manifest.graph.file);
  const bytes = await sizeOf(graphPath);
  if (bytes !== manifest.graph.bytes) {
    throw fileError(graphPath, `to have ${manifest.graph.bytes} bytes`, `${bytes}`, "wrong-size");
  }
  const sha256 = await sha256Of(graphPath);
  if (sha256 !== manifest.graph.sha256) {
    throw fileError(graphPath, `to have the checksum ${manifest.graph.sha256}`, sha256, "wrong-checksum");
  }
  const graph = new native.HierarchicalNSW(metric === "dot" ? "ip" : metric, dimension);
  await graph.readIndex(graphPath);
  return { graph, settings: { dimension, metric, m, efConstruction, seed } };
}

function parseManifest(path: string, text: string): Manifest {
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(text) as Partial<Manifest> | null;
  } catch (cause) {
    throw fileError(path, "to be JSON", "something else", "not-this-format", { cause });
  }
  if (manifest?.format !== format) {
    throw fileError(
      path,
      `to have the format "${format}"`,
      JSON.stringify(manifest?.format),
      "not-this-format",
    );
  }
  if (manifest.version !== version) {
    throw fileError(path, `to be of version ${version}`, String(manifest.version), "unsupported-version");
  }
  const { dimension, metric, m, efConstruction, seed, rows, graph } = manifest;
  const counts = [dimension, m, efConstruction, seed, rows, graph?.bytes];
  const isName = typeof graph?.file === "string" && basename(graph.file) === graph.file;
  const isMetric = metric === "dot" || metric === "cosine" || metric === "l2";
  if (!counts.every(Number.isSafeInteger) || !isName || !isMetric || dimension! < 1) {
    throw fileError(path, "to describe an index", JSON.stringify(manifest), "bad-header");
  }
  return manifest as Manifest;
}

/** The graph that the index at `path` names now, if there is a readable one. */
async function graphFileAt(path: string): Promise<string | undefined> {
  try {
    return parseManifest(path, await readFile(path, "utf8")).graph.file;
  } catch {
    return undefined;
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

function fileError(
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
  options: ErrorOptions = {},
): IndexFileError {
  return new IndexFileError(`loadHnswIndex: expected ${path} ${expected}, got ${got}`, code, path, options);
}
