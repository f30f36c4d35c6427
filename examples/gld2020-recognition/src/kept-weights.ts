import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { NamedArrays } from "@lmk/models";
import { writeWeights } from "./weights-file.ts";

/** Writes weights over those of the epoch before: a reader sees the old ones or the new ones, never a part. */
export async function writeRunWeights(path: string, parameters: NamedArrays): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await writeWeights(part, parameters);
  await rename(part, path);
}

/** Keeps weights under another name; the file takes no space of its own where the file system has links. */
export async function keepWeights(path: string, kept: string): Promise<void> {
  const part = `${kept}.part`;
  await rm(part, { force: true });
  await link(path, part).catch(() => copyFile(path, part));
  await rename(part, kept);
  // Where both were names of one file already, it keeps them.
  await rm(part, { force: true });
}
