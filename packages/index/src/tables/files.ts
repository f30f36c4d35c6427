import type { FileHandle } from "node:fs/promises";
import { createPartialFile, type PartialFile } from "../files/partial-file.ts";

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

/** Fills `target` with the bytes from `start`; gives how many there were before the file ended. */
export async function readInto(file: FileHandle, start: number, target: Uint8Array): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, 64 * 1024 * 1024);
    const { bytesRead } = await file.read(target, done, length, start + done);
    if (bytesRead === 0) return done;
    done += bytesRead;
  }
  return done;
}

/** Bytes `start` to `end` in memory of their own, or fewer where the file ends. */
export async function readSpan(
  file: FileHandle,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  const length = await readInto(file, start, bytes);
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
