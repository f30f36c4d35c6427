import { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";

/** First bytes of every `.npy` file: 0x93 and "NUMPY". */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Bytes up to the header text in version 1, 2 and 3: magic, version, and a length of 2 or 4 bytes. */
export const longestPreamble = 12;

/** The header of a version-1 file of little-endian float32 rows; its length is a multiple of 64. */
export function npyHeader(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const preamble = magic.length + 4;
  const total = Math.ceil((preamble + text.length + 1) / 64) * 64;
  const header = new Uint8Array(total).fill(0x20);
  header.set(magic);
  header.set([1, 0], magic.length);
  new DataView(header.buffer).setUint16(magic.length + 2, total - preamble, true);
  header.set(new TextEncoder().encode(text), preamble);
  header[total - 1] = 0x0a;
  return header;
}

/** Where the header text of a file starts and how long it is, from its first bytes. */
export function npyHeaderSpan(path: string, bytes: Uint8Array): { start: number; length: number } {
  if (bytes.length < longestPreamble || magic.some((byte, i) => bytes[i] !== byte)) {
    throw npyError(path, "to start with 0x93 NUMPY", "other bytes", "not-this-format");
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw npyError(path, "to be of version 1.0, 2.0 or 3.0", `${major}.${minor}`, "unsupported-version");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return major === 1
    ? { start: 10, length: view.getUint16(8, true) }
    : { start: 12, length: view.getUint32(8, true) };
}

/** Shape of the matrix that a header describes. Anything but two dimensions is refused. */
export function parseNpyHeader(path: string, bytes: Uint8Array): { rows: number; columns: number } {
  const text = new TextDecoder("latin1").decode(bytes);
  const fields = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  const descr = fields && /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(fields)?.[1];
  const order = fields && /'fortran_order'\s*:\s*(True|False)/.exec(fields)?.[1];
  const shape = fields && /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(fields)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw npyError(
      path,
      "to have a header with descr, fortran_order and shape",
      JSON.stringify(text.trim()),
      "bad-header",
    );
  }
  if (descr !== "'<f4'") throw npyError(path, "to hold '<f4' numbers", descr!, "unsupported-content");
  if (order !== "False") throw npyError(path, "to be in C order", "Fortran order", "unsupported-content");
  const sizes = shape!
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  const [rows, columns] = sizes;
  if (sizes.length !== 2 || !Number.isSafeInteger(rows! * columns! * 4) || columns === 0) {
    throw npyError(
      path,
      "to have a shape of rows and 1 or more columns",
      `(${shape})`,
      "unsupported-content",
    );
  }
  return { rows: rows!, columns: columns! };
}

/** An error of {@link readNpy}, in the package's wording. */
export function npyError(
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
): IndexFileError {
  return new IndexFileError(`readNpy: expected ${path} ${expected}, got ${got}`, code, path);
}
