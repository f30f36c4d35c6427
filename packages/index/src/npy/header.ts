import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";

/** Numbers of an `.npy` file, named as NumPy names them. */
export type NpyDtype = "float16" | "float32" | "float64";

/** What a header describes. */
export interface NpyShape {
  readonly dtype: NpyDtype;
  readonly rows: number;
  readonly columns: number;
}

/** First bytes of every `.npy` file: 0x93 and "NUMPY". */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Bytes up to the header text in version 1, 2 and 3: magic, version, and a length of 2 or 4 bytes. */
export const longestPreamble = 12;

/** Longer headers describe no matrix; a length of 4 bytes could ask for 4 GB. */
const longestHeader = 1024 * 1024;

/** Bytes of every header that is written here, whatever the shape, so that the count of rows can be filled in later. */
export const writtenHeaderBytes = 128;

export const bytesPerNumber: Readonly<Record<NpyDtype, number>> = { float16: 2, float32: 4, float64: 8 };

const dtypes: ReadonlyMap<string, NpyDtype> = new Map([
  ["<f2", "float16"],
  ["<f4", "float32"],
  ["<f8", "float64"],
]);

/** The header of a version-1 file of little-endian rows. */
export function npyHeader({ dtype, rows, columns }: NpyShape): Uint8Array {
  const descr = `<f${bytesPerNumber[dtype]}`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const preamble = magic.length + 4;
  const header = new Uint8Array(writtenHeaderBytes).fill(0x20);
  header.set(magic);
  header.set([1, 0], magic.length);
  new DataView(header.buffer).setUint16(magic.length + 2, writtenHeaderBytes - preamble, true);
  header.set(new TextEncoder().encode(text), preamble);
  header[writtenHeaderBytes - 1] = 0x0a;
  return header;
}

/** Where the header text of a file starts and how long it is, from its first bytes and its size. */
export function npyHeaderSpan(
  caller: string,
  path: string,
  bytes: Uint8Array,
  size: number,
): { start: number; length: number } {
  if (bytes.length < longestPreamble || magic.some((byte, i) => bytes[i] !== byte)) {
    throw npyError(caller, path, "to start with 0x93 NUMPY", "other bytes", "not-this-format");
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw npyError(
      caller,
      path,
      "to be of version 1.0, 2.0 or 3.0",
      `${major}.${minor}`,
      "unsupported-version",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const span =
    major === 1
      ? { start: 10, length: view.getUint16(8, true) }
      : { start: 12, length: view.getUint32(8, true) };
  if (span.length > longestHeader) {
    const expected = `to have a header of at most ${longestHeader} bytes`;
    throw npyError(caller, path, expected, `${span.length}`, "unsupported-content");
  }
  if (span.start + span.length > size) {
    const expected = `to have a header of ${span.length} bytes`;
    throw npyError(caller, path, expected, `a file of ${size} bytes`, "wrong-size");
  }
  return span;
}

/** The matrix that a header describes. Anything but two dimensions is refused. */
export function parseNpyHeader(caller: string, path: string, bytes: Uint8Array): NpyShape {
  const text = new TextDecoder("latin1").decode(bytes);
  const fields = headerFields(text);
  const descr = fields?.get("descr");
  const order = fields?.get("fortran_order");
  const shape = fields?.get("shape");
  if (fields?.size !== 3 || !descr || !/^(True|False)$/.test(order ?? "") || !shape?.startsWith("(")) {
    const expected = "to have a header with descr, fortran_order and shape";
    throw npyError(caller, path, expected, JSON.stringify(text.trim().slice(0, 200)), "bad-header");
  }
  const dtype = dtypes.get(descr.slice(1, -1));
  if (dtype === undefined) {
    const expected = "to hold '<f2', '<f4' or '<f8' numbers";
    throw npyError(caller, path, expected, descr.slice(0, 200), "unsupported-content");
  }
  if (order !== "False") {
    throw npyError(caller, path, "to be in C order", "Fortran order", "unsupported-content");
  }
  const sizes = shape
    .slice(1, -1)
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map((size) => (/^\d+L?$/.test(size) ? Number.parseInt(size, 10) : Number.NaN));
  const [rows, columns] = sizes;
  if (sizes.length !== 2 || !Number.isSafeInteger(rows! * columns! * 8) || columns === 0) {
    const expected = "to have a shape of rows and 1 or more columns";
    throw npyError(caller, path, expected, shape.slice(0, 200), "unsupported-content");
  }
  return { dtype, rows: rows!, columns: columns! };
}

/** One `key: value` of a Python dict; values are texts, truth values, tuples of counts, and lists (records). */
const field =
  /\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*:\s*(True|False|'[^'\\]*'|"[^"\\]*"|\([\dL,\s]*\)|\[[^[\]]*\])\s*(,|$)/y;

/** Keys and the texts of their values, if a header is a flat dict without repeated keys. */
function headerFields(text: string): ReadonlyMap<string, string> | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  const inner = trimmed.slice(1, -1).trim();
  const fields = new Map<string, string>();
  field.lastIndex = 0;
  let end = 0;
  while (end < inner.length) {
    const match = field.exec(inner);
    if (match === null) return undefined;
    const key = match[1] ?? match[2]!;
    if (fields.has(key)) return undefined;
    fields.set(key, match[3]!);
    end = field.lastIndex;
  }
  return fields;
}

/** An error about an `.npy` file, in the package's wording. */
export function npyError(
  caller: string,
  path: string,
  expected: string,
  got: string,
  code: IndexFileErrorCode,
): IndexFileError {
  return new IndexFileError(`${caller}: expected ${path} ${expected}, got ${got}`, code, path);
}
