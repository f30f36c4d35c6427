import { IndexFileError } from "../file-error.ts";

const hexadecimal = /^(?:[0-9a-f]{2})+$/;
const loneSurrogate = /\p{Surrogate}/u;

/** Whether an id's digits can be stored as bytes, two digits each. */
export function isHexadecimal(id: string): boolean {
  return hexadecimal.test(id);
}

export function requireIdCount(caller: string, ids: readonly string[], rows: number): void {
  if (ids.length !== rows) {
    throw new RangeError(
      `${caller}: expected \`ids\` to hold one id for each of ${rows} rows, got ${ids.length}`,
    );
  }
}

/** Refuses ids that a file cannot give back. */
export function requireIds(caller: string, ids: readonly string[], firstRow: number): void {
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (typeof id !== "string") {
      throw new TypeError(
        `${caller}: expected the id of row ${firstRow + row} to be a string, got ${typeof id}`,
      );
    }
    if (id === "" || loneSurrogate.test(id)) {
      throw new RangeError(
        `${caller}: expected the id of row ${firstRow + row} to be one or more characters of Unicode, got ${JSON.stringify(id)}`,
      );
    }
  }
}

/** Ids that were stored as bytes of hexadecimal digits, `size` bytes each. */
export function hexadecimalIds(bytes: Uint8Array, size: number): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const ids: string[] = [];
  for (let start = 0; start < text.length; start += size * 2) ids.push(text.slice(start, start + size * 2));
  return ids;
}

/** Ids that were stored as UTF-8, one after another, each up to its end. */
export function textIds(caller: string, path: string, bytes: Uint8Array, ends: readonly number[]): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let start = 0;
  return ends.map((end) => {
    try {
      const id = decoder.decode(bytes.subarray(start, end));
      start = end;
      return id;
    } catch (cause) {
      const message = `${caller}: expected ${path} to hold ids in UTF-8, got other bytes`;
      throw new IndexFileError(message, "unsupported-content", path, { cause });
    }
  });
}
