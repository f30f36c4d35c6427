import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/**
 * Bytes after which the disk is waited for. Without it gigabytes would wait in memory, and the flush at the end, which
 * cannot be ended early, would take as long as the disk takes for them.
 */
const flushBytes = 8 * 1024 * 1024;

/** A file under construction: it has another name in the same folder until it is complete. */
export interface PartialFile {
  /** Adds bytes at the end. */
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes that were written before. */
  overwrite(position: number, bytes: Uint8Array): Promise<void>;
  /** Flushes the file and gives it its name; a file that had it is replaced. */
  commit(): Promise<void>;
  /** Removes the file, unless it has its name by now. */
  discard(): Promise<void>;
}

export async function createPartialFile(path: string): Promise<PartialFile> {
  const partial = `${path}.${randomUUID()}.partial`;
  const handle = await open(partial, "wx");
  let length = 0;
  let unflushed = 0;

  const overwrite = async (position: number, bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  };
  return {
    overwrite,
    write: async (bytes) => {
      for (let start = 0; start < bytes.length; start += flushBytes) {
        const piece = bytes.subarray(start, start + flushBytes);
        await overwrite(length, piece);
        length += piece.length;
        unflushed += piece.length;
        if (unflushed < flushBytes) continue;
        await handle.datasync();
        unflushed = 0;
      }
    },
    commit: async () => {
      await handle.sync();
      await handle.close();
      await rename(partial, path);
    },
    discard: async () => {
      try {
        await handle.close();
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}

/** Writes a file that appears under its name only when it is complete. */
export async function writeWhenComplete(
  path: string,
  write: (file: Pick<PartialFile, "write">) => Promise<void>,
): Promise<void> {
  const file = await createPartialFile(path);
  try {
    await write(file);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
