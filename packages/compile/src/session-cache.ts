import { createHash, randomUUID } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { env } from "onnxruntime-node";

/** The largest model that is kept: its optimized form must stay below the 2 GiB that files are read in. */
export const cacheByteLimit: number = 2 ** 30;

const digestBytes = 32;

/** How old a draft is that a process must have left behind, in milliseconds: a day. */
const staleAge = 86_400_000;

/**
 * A place on disk for one optimized session model. The file is the model in onnxruntime's own format and, behind
 * it, its SHA-256, so that a damaged file is told from a whole one.
 */
export interface CacheEntry {
  readonly path: string;
  /** A new name beside it, to write to before {@link keep}. */
  readonly draft: string;
}

/**
 * Makes the folder if it is missing, and removes drafts from it that broken-off processes have left.
 *
 * @throws RangeError if it is no folder that can be written to.
 */
export async function openCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const probe = join(folder, `${randomUUID()}.probe`);
    await writeFile(probe, "");
    // The file system's own clock, which ages are measured by.
    const { mtimeMs: now } = await stat(probe);
    await rm(probe);
    for (const name of await readdir(folder)) {
      if (/^[0-9a-f]{64}\.[0-9a-f-]{36}\.ort$/.test(name)) await removeStale(join(folder, name), now);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(
      `compile: expected \`options.cache\` to be a folder that can be written to, got "${folder}": ${reason}`,
      { cause: error },
    );
  }
}

/** Another process may remove it, or make it an entry, at the same time. */
async function removeStale(draft: string, now: number): Promise<void> {
  const facts = await stat(draft).catch(() => undefined);
  if (facts !== undefined && now - facts.mtimeMs > staleAge) await rm(draft, { force: true });
}

/** The entry of a model: its name is a hash of all that the optimized form depends on. */
export async function cacheEntry(
  folder: string,
  model: Uint8Array,
  settings: readonly (string | number | undefined)[],
): Promise<CacheEntry> {
  const machine = [process.platform, process.arch, cpus()[0]?.model ?? "", await instructionSets()];
  const facts = [env.versions.node ?? "", ...machine, ...settings.map(String)];
  const hash = createHash("sha256").update(JSON.stringify(facts)).update(model).digest("hex");
  return {
    path: join(folder, `${hash}.lmk`),
    draft: join(folder, `${hash}.${randomUUID()}.ort`),
  };
}

/** What Linux says that the processor can do, whose model may be "virtual"; empty on other systems. */
async function instructionSets(): Promise<string> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  return /^(?:flags|Features)\s*:.*$/m.exec(text)?.[0] ?? "";
}

/** The optimized model, or undefined where there is none, or none that is whole. */
export async function readEntry({ path }: CacheEntry): Promise<Uint8Array | undefined> {
  let file: Uint8Array;
  try {
    file = await readFile(path);
  } catch {
    return undefined;
  }
  const model = file.subarray(0, -digestBytes);
  const digest = createHash("sha256").update(model).digest();
  return digest.equals(file.subarray(-digestBytes)) && model.length > 0 ? model : undefined;
}

/** Makes the draft the entry, in one step that other processes see whole or not at all. */
export async function keep({ path, draft }: CacheEntry): Promise<void> {
  await appendFile(
    draft,
    createHash("sha256")
      .update(await readFile(draft))
      .digest(),
  );
  await rename(draft, path);
}

/** Removes a draft that did not become an entry. */
export async function discard({ draft }: CacheEntry): Promise<void> {
  await rm(draft, { force: true });
}
