import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Twelve hexadecimal digits that change with a file's bytes. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex").slice(0, 12);
}

/** Twelve digits of each file, with `/` between them: a name of what is in them. */
export async function fileHashes(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(fileHash))).join("/");
}
