import type { EmbeddingDtype } from "../files/convert-rows.ts";

/** How ids are stored: not at all, as bytes of hexadecimal ids of one length, or as texts. */
export type IdKind = "none" | "hexadecimal" | "text";

/** What a file holds; with it everything else about the file is known. */
export interface EmbeddingContent {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: EmbeddingDtype;
  readonly idKind: IdKind;
  /** Bytes that all ids take together. */
  readonly idBytes: number;
}

/** Where the parts of a file start. docs/embedding-files.md describes them byte by byte. */
export interface EmbeddingLayout {
  readonly numbers: number;
  readonly scales: number;
  readonly idEnds: number;
  readonly ids: number;
  readonly checksums: number;
  readonly fileBytes: number;
}

/** Bytes before the numbers: a page of memory. */
export const headerBytes = 4096;
/** Bytes that share a checksum; also what reading a single row reads. */
export const chunkBytes: number = 256 * 1024;
/** Bytes of a checksum: the first half of a SHA-256. */
export const checksumBytes = 16;
/** Every part starts at a multiple of this. */
export const alignment = 64;

/** Row numbers fit into an `Int32Array`. */
export const mostRows: number = 2 ** 31 - 1;

const numberBytes: Readonly<Record<EmbeddingDtype, number>> = { float32: 4, float16: 2, int8: 1 };

/** Bytes of the numbers of a row. */
export function rowBytes({ columns, dtype }: Pick<EmbeddingContent, "columns" | "dtype">): number {
  return columns * numberBytes[dtype];
}

/** The place of each part; parts that are not there have no length. */
export function layoutOf(content: EmbeddingContent): EmbeddingLayout {
  const { rows, dtype, idKind, idBytes } = content;
  const numbers = headerBytes;
  const scales = aligned(numbers + rows * rowBytes(content));
  const idEnds = aligned(scales + (dtype === "int8" ? rows * 4 : 0));
  const ids = aligned(idEnds + (idKind === "text" ? rows * 8 : 0));
  const checksums = aligned(ids + idBytes);
  const chunks = Math.ceil((checksums - headerBytes) / chunkBytes);
  return { numbers, scales, idEnds, ids, checksums, fileBytes: checksums + chunks * checksumBytes };
}

export function aligned(position: number): number {
  return Math.ceil(position / alignment) * alignment;
}
