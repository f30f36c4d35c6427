import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Adds the bytes of a file to a hash. */
export async function hashInto(hash: Hash, path: string, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
}
