import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Rows } from "./writers.ts";

/**
 * Saves the chunks of a writer of `@lmk/eval/files` to a file on disk, gzipped if its name ends in `.gz`.
 *
 * The chunks are streamed into a hidden file beside `path`, which takes its place once it is complete and on disk,
 * so that no half-written file is ever seen under that name.
 *
 * @param path - The file to write; its folder must exist.
 * @param chunks - Text, whole or in chunks.
 * @returns Nothing, once the file is there.
 * @throws What the chunks throw, and the errors of the file system as they are; `path` then stays as it was.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { saveFile } from "@lmk/eval/file-paths";
 * import { writeRecognitionPredictions } from "@lmk/eval/files";
 *
 * await saveFile("submission.csv", writeRecognitionPredictions([{ id: "a", label: 12, score: 0.5 }]));
 * console.log(JSON.stringify(readFileSync("submission.csv", "utf8"))); // => "id,landmarks\na,12 0.5\n"
 * ```
 */
export async function saveFile(path: string, chunks: string | Rows<string>): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  const source = Readable.from(typeof chunks === "string" ? [chunks] : chunks);
  // A pipeline that fails does not wait for its streams: one that opened the file itself could do so after `rm`.
  const handle = await open(partial, "wx");
  try {
    const target = handle.createWriteStream();
    await (path.endsWith(".gz") ? pipeline(source, createGzip(), target) : pipeline(source, target));
    const written = await open(partial, "r+");
    await written.sync().finally(() => written.close());
    await rename(partial, path);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}
