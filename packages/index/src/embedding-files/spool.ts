import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { pieceBytes, readExactly } from "../files/read-exactly.ts";

/** Bytes that are set aside in a file, to be read again once. */
export interface Spool {
  readonly length: number;
  write(bytes: Uint8Array): Promise<void>;
  /** All bytes, in pieces whose length is a multiple of `unit`. A piece is overwritten by the next one. */
  pieces(unit: number): AsyncIterable<Uint8Array>;
  /** Removes the file. */
  discard(): Promise<void>;
}

/** A spool beside `path`; the file is made when there is something to write. */
export function createSpool(path: string): Spool {
  const name = `${path}.${randomUUID()}.partial`;
  let handle: FileHandle | undefined;
  let length = 0;
  return {
    get length() {
      return length;
    },
    write: async (bytes) => {
      handle ??= await open(name, "wx+");
      await handle.writeFile(bytes);
      length += bytes.length;
    },
    pieces: async function* (unit) {
      if (handle === undefined) return;
      const step = Math.floor(pieceBytes / unit) * unit;
      const buffer = new Uint8Array(Math.min(step, length));
      for (let start = 0; start < length; start += step) {
        const piece = buffer.subarray(0, Math.min(step, length - start));
        await readExactly("close", { handle, path: name }, start, piece);
        yield piece;
      }
    },
    discard: async () => {
      await handle?.close();
      await rm(name, { force: true });
    },
  };
}
