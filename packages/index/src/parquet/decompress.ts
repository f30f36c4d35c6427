import zlib from "node:zlib";
import type { Compressors } from "hyparquet";

/** Turns a compressed page into one of `length` bytes. */
type Decompressor = (bytes: Uint8Array, length: number) => Uint8Array;

type ZlibSync = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Those of Node, and those that are given, which come first. */
export function knownDecompressors(given: Readonly<Record<string, Decompressor>>): Compressors {
  const known: Record<string, Decompressor> = {
    GZIP: bounded(zlib.gunzipSync),
    BROTLI: bounded(zlib.brotliDecompressSync),
  };
  // Node has it since 22.15.
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: ZlibSync };
  if (zstdDecompressSync !== undefined) known.ZSTD = bounded(zstdDecompressSync);
  return { ...known, ...given } as Compressors;
}

/** A few changed bytes could become gigabytes; the metadata says how many come out. */
function bounded(decompress: ZlibSync): Decompressor {
  return (bytes, length) => decompress(bytes, { maxOutputLength: Math.max(1, length) });
}
