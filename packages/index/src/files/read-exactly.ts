import type { FileHandle } from "node:fs/promises";
import { IndexFileError } from "../file-error.ts";

/** Bytes read in one call: little enough that a call can end soon, well below what one system call can take. */
export const pieceBytes: number = 8 * 1024 * 1024;

/** A file that is open for reading. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
}

/** Fills `target` with the bytes from `position`; a file that ends before is an error of `caller`. */
export async function readExactly(
  caller: string,
  { handle, path }: OpenFile,
  position: number,
  target: Uint8Array,
): Promise<void> {
  const done = await readInto(handle, position, target);
  if (done === target.length) return;
  throw new IndexFileError(
    `${caller}: expected ${path} to go on at byte ${position + done}, got its end`,
    "wrong-size",
    path,
  );
}

/** Fills `target` with the bytes from `position`; gives how many there were before the file ended. */
export async function readInto(handle: FileHandle, position: number, target: Uint8Array): Promise<number> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(pieceBytes, target.length - done);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) return done;
    done += bytesRead;
  }
  return target.length;
}

/** Bytes `start` to `end` in memory of their own, or fewer where the file ends. */
export async function readSpan(
  handle: FileHandle,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  const length = await readInto(handle, start, bytes);
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
