import { open } from "node:fs/promises";
import { IndexFileError } from "../file-error.ts";
import { readExactly } from "../files/read-exactly.ts";
import { checksumOf, hexOf, isSameChecksum } from "./checksum.ts";
import { decodeHeader } from "./header.ts";
import { headerBytes } from "./layout.ts";
import type { OpenEmbeddings } from "./rows.ts";

/** Opens a file and checks what all reading relies on. */
export async function openChecked(caller: string, path: string): Promise<OpenEmbeddings> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(headerBytes, size));
    await readExactly(caller, { handle, path }, 0, bytes);
    const { content, layout, listChecksum } = decodeHeader(caller, path, bytes, size);
    const checksums = new Uint8Array(layout.fileBytes - layout.checksums);
    await readExactly(caller, { handle, path }, layout.checksums, checksums);
    const found = checksumOf(checksums);
    if (!isSameChecksum(listChecksum, found)) {
      throw new IndexFileError(
        `${caller}: expected ${path} to have the checksum ${hexOf(listChecksum)} in its list of checksums, got ${hexOf(found)}`,
        "wrong-checksum",
        path,
      );
    }
    return { handle, path, content, layout, end: layout.checksums, checksums };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
