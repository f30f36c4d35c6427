/** Bytes before the entries: protocol 2, an empty dictionary, and the mark after which entries stand. */
const opening = [0x80, 2, 0x7d, 0x28];

/** Bytes after them: put the entries into the dictionary, and stop. */
const closing = [0x75, 0x2e];

/**
 * The pickle of a dictionary from 0, 1, 2 … to numbers, in protocol 2, which every Python since 2.3 reads.
 *
 * @param numbers - The value of each key, from 0 to 2³¹ - 1.
 */
export function pickledNumbers(numbers: Int32Array): Uint8Array {
  const bytes = new Uint8Array(opening.length + 10 * numbers.length + closing.length);
  const view = new DataView(bytes.buffer);
  bytes.set(opening);
  let at = opening.length;
  for (const [key, value] of numbers.entries()) {
    at = writeInteger(view, at, key);
    at = writeInteger(view, at, value);
  }
  bytes.set(closing, at);
  return bytes.subarray(0, at + closing.length);
}

/** Writes a number in its shortest form; returns where the next byte goes. */
function writeInteger(view: DataView, at: number, value: number): number {
  if (value <= 0xff) {
    view.setUint8(at, 0x4b); // BININT1
    view.setUint8(at + 1, value);
    return at + 2;
  }
  if (value <= 0xffff) {
    view.setUint8(at, 0x4d); // BININT2
    view.setUint16(at + 1, value, true);
    return at + 3;
  }
  view.setUint8(at, 0x4a); // BININT
  view.setInt32(at + 1, value, true);
  return at + 5;
}
