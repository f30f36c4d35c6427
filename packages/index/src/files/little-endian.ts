import { pieceBytes } from "./read-exactly.ts";

/** Arrays of numbers that files hold. */
export type NumberArray = Int8Array | Uint16Array | Int32Array | Float32Array | Float64Array | BigUint64Array;

const isLittleEndian: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of an array, as they are in memory. */
export function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The bytes of an array as a file has them: a view where memory is little-endian too, else a copy. */
export function littleEndianBytes(array: NumberArray): Uint8Array {
  const bytes = bytesOf(array);
  return isLittleEndian ? bytes : swapped(Uint8Array.from(bytes), array.BYTES_PER_ELEMENT);
}

/** {@link littleEndianBytes} in pieces: one array of bytes ends below 2^32 in Node 20, an array of numbers later. */
export function* littleEndianPieces(array: NumberArray): Generator<Uint8Array> {
  const step = pieceBytes / array.BYTES_PER_ELEMENT;
  for (let start = 0; start < array.length; start += step) {
    yield littleEndianBytes(array.subarray(start, start + step));
  }
}

/** Turns numbers that were filled with a file's bytes into numbers of this machine, in place. */
export function fromLittleEndian(array: NumberArray): void {
  if (!isLittleEndian) swapped(bytesOf(array), array.BYTES_PER_ELEMENT);
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  if (size === 1) return bytes;
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
  return bytes;
}
