import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import type { EmbeddingDtype } from "../files/convert-rows.ts";
import { checksumOf, hexOf, isSameChecksum } from "./checksum.ts";
import {
  checksumBytes,
  chunkBytes,
  type EmbeddingContent,
  type EmbeddingLayout,
  headerBytes,
  type IdKind,
  layoutOf,
  mostRows,
} from "./layout.ts";

/** As in PNG, a byte above 127 and both kinds of line ends: what damages binary files shows here. */
const magic = Uint8Array.of(0x89, 0x4c, 0x4d, 0x4b, 0x45, 0x0d, 0x0a, 0x1a);
const version = 1;
const byteOrder = 0x01020304;
const dtypes: readonly EmbeddingDtype[] = ["float32", "float16", "int8"];
const idKinds: readonly IdKind[] = ["none", "hexadecimal", "text"];

/** What a header says. */
export interface EmbeddingHeader {
  readonly content: EmbeddingContent;
  readonly layout: EmbeddingLayout;
  /** The checksum of the list of checksums. */
  readonly listChecksum: Uint8Array;
}

export function encodeHeader(content: EmbeddingContent, listChecksum: Uint8Array): Uint8Array {
  const layout = layoutOf(content);
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  const setCount = (position: number, value: number): void =>
    view.setBigUint64(position, BigInt(value), true);
  bytes.set(magic);
  view.setUint32(8, version, true);
  view.setUint32(12, byteOrder, true);
  setCount(16, layout.fileBytes);
  setCount(24, content.rows);
  view.setUint32(32, content.columns, true);
  view.setUint32(36, dtypes.indexOf(content.dtype), true);
  view.setUint32(40, idKinds.indexOf(content.idKind), true);
  view.setUint32(44, chunkBytes, true);
  setCount(48, content.idBytes);
  setCount(56, layout.numbers);
  setCount(64, layout.scales);
  setCount(72, layout.idEnds);
  setCount(80, layout.ids);
  setCount(88, layout.checksums);
  bytes.set(listChecksum, 96);
  bytes.set(checksumOf(bytes.subarray(0, headerBytes - checksumBytes)), headerBytes - checksumBytes);
  return bytes;
}

/**
 * Reads a header that {@link encodeHeader} has made; anything else is refused.
 *
 * @param bytes - The first bytes of the file, as many as it has up to a header's length.
 * @param size - The length of the file.
 */
export function decodeHeader(caller: string, path: string, bytes: Uint8Array, size: number): EmbeddingHeader {
  const fail = (expected: string, got: string, code: IndexFileErrorCode): never => {
    throw new IndexFileError(`${caller}: expected ${path} ${expected}, got ${got}`, code, path);
  };
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) {
    fail("to start with 0x89 LMKE", "other bytes", "not-this-format");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version) fail(`to be of version ${version}`, `${found}`, "unsupported-version");
  if (bytes.length < headerBytes) {
    fail(`to have a header of ${headerBytes} bytes`, `a file of ${size} bytes`, "wrong-size");
  }
  const expected = bytes.subarray(headerBytes - checksumBytes);
  const checksum = checksumOf(bytes.subarray(0, headerBytes - checksumBytes));
  if (!isSameChecksum(expected, checksum)) {
    fail(`to have the checksum ${hexOf(expected)} in its header`, hexOf(checksum), "wrong-checksum");
  }

  const content = {
    rows: Number(view.getBigUint64(24, true)),
    columns: view.getUint32(32, true),
    dtype: dtypes[view.getUint32(36, true)]!,
    idKind: idKinds[view.getUint32(40, true)]!,
    idBytes: Number(view.getBigUint64(48, true)),
  };
  const listChecksum = bytes.slice(96, 96 + checksumBytes);
  if (!isContent(content)) fail("to describe embeddings", JSON.stringify(content), "bad-header");
  // Every field has one right value for the content, so comparing bytes checks them all, and what must be zero.
  const right = encodeHeader(content, listChecksum);
  const wrong = right.findIndex((byte, i) => byte !== bytes[i]);
  if (wrong !== -1) fail(`to have ${right[wrong]} in byte ${wrong}`, `${bytes[wrong]}`, "bad-header");
  const layout = layoutOf(content);
  if (size !== layout.fileBytes) {
    const shape = `${content.rows} x ${content.columns} ${content.dtype} numbers`;
    fail(`to have ${layout.fileBytes} bytes for ${shape}`, `${size} bytes`, "wrong-size");
  }
  return { content, layout, listChecksum };
}

function isContent(content: EmbeddingContent): boolean {
  const { rows, columns, dtype, idKind, idBytes } = content;
  if (dtype === undefined || idKind === undefined || rows > mostRows || columns < 1) return false;
  if (!Number.isSafeInteger(layoutOf(content).fileBytes)) return false;
  if (idKind === "none") return idBytes === 0;
  return idKind === "text" ? idBytes >= rows : rows > 0 && idBytes > 0 && idBytes % rows === 0;
}
