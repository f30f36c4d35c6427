import { type FileHandle, open } from "node:fs/promises";
import { unexpected } from "./checkpoint-error.ts";

/** Bytes that can be read anywhere: a file or an array. */
export interface ByteSource {
  /** The file's path, or `bytes`: how messages begin. */
  readonly label: string;
  /** The path, or nothing for an array. */
  readonly path?: string;
  readonly size: number;
  /** Whether what `read` gives belongs to the caller; if not it is a view and must not be written or kept. */
  readonly owned: boolean;
  readonly read: (offset: number, length: number, what: string) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Opens a file, or wraps an array. */
export async function openSource(source: string | Uint8Array): Promise<ByteSource> {
  if (typeof source !== "string") return arraySource("bytes", source);
  const handle = await open(source, "r");
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw unexpected("unknown-format", source, "a file", "a folder or device");
    return fileSource(source, handle, stat.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes that are in memory already. */
export function arraySource(label: string, bytes: Uint8Array): ByteSource {
  return {
    label,
    size: bytes.length,
    owned: false,
    read: async (offset, length, what) => {
      requireInside(label, bytes.length, offset, length, what);
      return bytes.subarray(offset, offset + length);
    },
    close: async () => {},
  };
}

function fileSource(path: string, handle: FileHandle, size: number): ByteSource {
  return {
    label: path,
    path,
    size,
    owned: true,
    read: async (offset, length, what) => {
      requireInside(path, size, offset, length, what);
      return await readFully(path, handle, offset, length, what);
    },
    close: () => handle.close(),
  };
}

async function readFully(
  path: string,
  handle: FileHandle,
  offset: number,
  length: number,
  what: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done);
    if (bytesRead === 0) throw unexpected("truncated", path, `${length} bytes of ${what}`, done);
    done += bytesRead;
  }
  return bytes;
}

function requireInside(label: string, size: number, offset: number, length: number, what: string): void {
  if (length >= 0 && offset >= 0 && offset + length <= size) return;
  const left = Math.max(0, size - offset);
  throw unexpected("truncated", label, `${length} bytes of ${what} at byte ${offset}`, left);
}
