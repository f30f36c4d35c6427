import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file under a passing name and renames it: under its own name there is all of it or nothing, also where several
 * write it at once. A process that is killed may leave a `.partial` file, which can be deleted.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const passing = `${path}.${randomUUID()}.partial`;
  try {
    await writeFile(passing, content);
    await rename(passing, path);
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
}
