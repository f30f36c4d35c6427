import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Streams a file into a hidden one beside it, which takes its place once it is complete and on disk: no half-written
 * file is ever seen under its name, and it stays as it was where something fails.
 *
 * @param transform - What turns the chunks into bytes or text; they are such themselves by default.
 */
export async function writeFileWhole(
  file: string,
  chunks: Iterable<unknown> | AsyncIterable<unknown>,
  transform?: Transform,
): Promise<void> {
  const partial = join(dirname(file), `.${basename(file)}.${randomUUID()}.partial`);
  const source = Readable.from(chunks);
  // A pipeline that fails does not wait for its streams: one that opened the file itself could do so after `rm`.
  const handle = await open(partial, "wx");
  try {
    const sink = handle.createWriteStream();
    await (transform === undefined ? pipeline(source, sink) : pipeline(source, transform, sink));
    const written = await open(partial, "r+");
    await written.sync().finally(() => written.close());
    await rename(partial, file);
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}
