// Codes of fewer than 8 bits lie one after another in a row's bytes, the first in the lowest bits of the first byte.

export function bytesPerRow(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Adds the bits of one code to bytes that are zero so far. */
export function packCode(bytes: Uint8Array, start: number, index: number, bits: number, code: number): void {
  const bit = index * bits;
  const at = start + (bit >> 3);
  const shifted = code << (bit & 7);
  bytes[at]! |= shifted & 255;
  if (shifted > 255) bytes[at + 1]! |= shifted >> 8;
}

/** Rows `first` to `end` with one byte per code, into `target` from its start. */
export function unpackRows(
  target: Uint8Array,
  bytes: Uint8Array,
  first: number,
  end: number,
  count: number,
  bits: number,
): void {
  const length = bytesPerRow(count, bits);
  if (bits === 8) {
    target.set(bytes.subarray(first * length, end * length));
    return;
  }
  const mask = 2 ** bits - 1;
  let at = 0;
  for (let row = first; row < end; row++) {
    const start = row * length;
    let held = 0;
    let heldBits = 0;
    let next = start;
    for (let i = 0; i < count; i++) {
      if (heldBits < bits) {
        held |= bytes[next++]! << heldBits;
        heldBits += 8;
      }
      target[at++] = held & mask;
      held >>= bits;
      heldBits -= bits;
    }
  }
}
