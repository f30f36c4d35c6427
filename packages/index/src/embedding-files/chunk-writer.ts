import type { PartialFile } from "../files/partial-file.ts";
import { checksumOf } from "./checksum.ts";
import { alignment, checksumBytes, chunkBytes } from "./layout.ts";

/** Writes bytes after a header, and remembers a checksum of each chunk. */
export interface ChunkWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Adds zeros up to where the next part starts. */
  align(): Promise<void>;
  /** Writes what is left, then the list of checksums. */
  finish(): Promise<Uint8Array>;
}

export function createChunkWriter(file: PartialFile): ChunkWriter {
  const chunk = new Uint8Array(chunkBytes);
  let filled = 0;
  let list = new Uint8Array(checksumBytes * 64);
  let listed = 0;

  const flush = async (): Promise<void> => {
    const bytes = chunk.subarray(0, filled);
    if (listed === list.length) {
      const longer = new Uint8Array(list.length * 2);
      longer.set(list);
      list = longer;
    }
    list.set(checksumOf(bytes), listed);
    listed += checksumBytes;
    await file.write(bytes);
    filled = 0;
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let start = 0; start < bytes.length; ) {
      const piece = bytes.subarray(start, start + chunkBytes - filled);
      chunk.set(piece, filled);
      filled += piece.length;
      start += piece.length;
      if (filled === chunkBytes) await flush();
    }
  };
  return {
    write,
    // Chunks are multiples of the alignment, so the place in the chunk is enough.
    align: () => write(new Uint8Array((alignment - (filled % alignment)) % alignment)),
    finish: async () => {
      if (filled > 0) await flush();
      const checksums = list.slice(0, listed);
      await file.write(checksums);
      return checksums;
    },
  };
}
