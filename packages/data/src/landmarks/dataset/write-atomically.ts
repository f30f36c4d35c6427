import { rename, writeFile } from "node:fs/promises";

/** Writes a file under a passing name and renames it: under its own name there is all of it or nothing. */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const passing = `${path}.partial`;
  await writeFile(passing, content);
  await rename(passing, path);
}
