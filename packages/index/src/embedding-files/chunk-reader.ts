import { IndexFileError } from "../file-error.ts";
import { type OpenFile, pieceBytes, readExactly } from "../files/read-exactly.ts";
import { checksumOf, hexOf, isSameChecksum } from "./checksum.ts";
import { checksumBytes, chunkBytes, headerBytes } from "./layout.ts";

/** A file whose chunks have checksums. */
export interface ChunkedFile extends OpenFile {
  /** The position of the list of checksums, which is the end of the last chunk. */
  readonly end: number;
  readonly checksums: Uint8Array;
}

const chunksPerPiece = pieceBytes / chunkBytes;

/** Reads the bytes from `first` to `end`, and all of the chunks that they lie in; whole chunks are compared. */
export async function* readChecked(
  caller: string,
  file: ChunkedFile,
  first: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  if (first === end) return;
  const firstChunk = Math.floor((first - headerBytes) / chunkBytes);
  const endChunk = Math.ceil((end - headerBytes) / chunkBytes);
  const buffer = new Uint8Array(Math.min(chunksPerPiece, endChunk - firstChunk) * chunkBytes);
  for (let chunk = firstChunk; chunk < endChunk; chunk += chunksPerPiece) {
    const from = headerBytes + chunk * chunkBytes;
    const to = Math.min(headerBytes + Math.min(chunk + chunksPerPiece, endChunk) * chunkBytes, file.end);
    const bytes = buffer.subarray(0, to - from);
    await readExactly(caller, file, from, bytes);
    compareChunks(caller, file, chunk, bytes);
    yield bytes.subarray(Math.max(first - from, 0), Math.min(end, to) - from);
  }
}

/** Fills `target` with the bytes from `position`. */
export async function readCheckedInto(
  caller: string,
  file: ChunkedFile,
  position: number,
  target: Uint8Array,
): Promise<void> {
  let done = 0;
  for await (const bytes of readChecked(caller, file, position, position + target.length)) {
    target.set(bytes, done);
    done += bytes.length;
  }
}

function compareChunks(caller: string, file: ChunkedFile, firstChunk: number, bytes: Uint8Array): void {
  for (let start = 0, chunk = firstChunk; start < bytes.length; start += chunkBytes, chunk++) {
    const piece = bytes.subarray(start, start + chunkBytes);
    const expected = file.checksums.subarray(chunk * checksumBytes, (chunk + 1) * checksumBytes);
    const found = checksumOf(piece);
    if (isSameChecksum(expected, found)) continue;
    const from = headerBytes + chunk * chunkBytes;
    throw new IndexFileError(
      `${caller}: expected ${file.path} to have the checksum ${hexOf(expected)} in bytes ${from} to ${from + piece.length}, got ${hexOf(found)}`,
      "wrong-checksum",
      file.path,
    );
  }
}
