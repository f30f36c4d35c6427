import { createHash, randomUUID } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { env } from "onnxruntime-node";

const digestBytes = 32;

/**
 * A place on disk for one optimized session model. The file is the model in onnxruntime's own format and, behind
 * it, its SHA-256, so that a damaged file is told from a whole one.
 */
export interface CacheEntry {
  readonly path: string;
  /** A new name beside it, to write to before {@link keep}. */
  readonly draft: string;
}

/** The entry of a model: its name is a hash of all that the optimized form depends on. */
export async function cacheEntry(
  folder: string,
  model: Uint8Array,
  settings: readonly (string | number | undefined)[],
): Promise<CacheEntry> {
  await mkdir(folder, { recursive: true });
  const machine = [process.platform, process.arch, cpus()[0]?.model ?? ""];
  const facts = [env.versions.node ?? "", ...machine, ...settings.map(String)];
  const hash = createHash("sha256").update(JSON.stringify(facts)).update(model).digest("hex");
  return {
    path: join(folder, `${hash}.lmk`),
    draft: join(folder, `${hash}.${randomUUID()}.ort`),
  };
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
