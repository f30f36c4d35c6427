import { requireInteger } from "../require.ts";

/** Strings by row number, stored or computed; an array of strings wrapped by {@link createNames} is one. */
export interface Names {
  /** The number of rows. */
  readonly length: number;
  /**
   * The string of a row.
   *
   * @throws RangeError if there is no such row.
   */
  at(row: number): string;
}

/** The ids of a table of images: from row to id and back. */
export interface ImageIds extends Names {
  /** The row of an id, or -1 where the table does not hold it. */
  rowOf(id: string): number;
}

/**
 * Names that are computed when they are asked for, so that a table of millions of rows does not hold
 * millions of strings.
 *
 * @param length - The number of rows.
 * @param nameOf - The name of a row; called with rows from 0 to `length - 1` only.
 * @throws RangeError if `length` is not an integer of at least 0.
 *
 * @example
 * ```ts
 * import { createNames } from "@lmk/data";
 *
 * const paths = createNames(1000, (row) => `photos/${row}.jpg`);
 * console.log(paths.at(42)); // => photos/42.jpg
 * ```
 */
export function createNames(length: number, nameOf: (row: number) => string): Names {
  requireInteger("createNames", "length", length, 0);
  return {
    length,
    at(row) {
      requireRow(row, length);
      return nameOf(row);
    },
  };
}

/**
 * Image ids of any form, kept as strings.
 *
 * @param ids - The id of each row.
 * @throws RangeError if an id occurs twice.
 *
 * @example
 * ```ts
 * import { createImageIds } from "@lmk/data";
 *
 * const ids = createImageIds(["tower/1.jpg", "tower/2.jpg"]);
 * console.log(ids.rowOf("tower/2.jpg"), ids.rowOf("bridge/1.jpg")); // => 1 -1
 * ```
 */
export function createImageIds(ids: Iterable<string>): ImageIds {
  const names = [...ids];
  const rows = new Map<string, number>();
  for (const [row, id] of names.entries()) {
    if (rows.has(id)) {
      throw new RangeError(
        `createImageIds: expected \`ids\` to differ, got ${JSON.stringify(id)} in rows ${rows.get(id)} and ${row}`,
      );
    }
    rows.set(id, row);
  }
  return {
    length: names.length,
    at(row) {
      requireRow(row, names.length);
      return names[row];
    },
    rowOf: (id) => rows.get(id) ?? -1,
  };
}

/**
 * Ids of 16 hexadecimal digits, as the Google Landmarks data sets use, in 8 bytes each and an
 * open-addressing hash table: about 25 bytes an image where strings in a `Map` take over 100.
 */
export class HexImageIds implements ImageIds {
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  /** Row + 1 by hash; 0 is a free slot. At most half full. */
  #slots = new Int32Array(2048);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends an id: `"added"`, or why not. */
  add(id: string): "added" | "malformed" | "duplicate" {
    if (!isHexId(id)) return "malformed";
    const high = hexWord(id, 0);
    const low = hexWord(id, 8);
    let slot = this.#slotOf(high, low);
    if (this.#slots[slot] !== 0) return "duplicate";
    if (this.#length === this.#high.length) {
      this.#grow();
      slot = this.#slotOf(high, low);
    }
    this.#high[this.#length] = high;
    this.#low[this.#length] = low;
    this.#length += 1;
    this.#slots[slot] = this.#length;
    return "added";
  }

  at(row: number): string {
    requireRow(row, this.#length);
    return hexDigits(this.#high[row]) + hexDigits(this.#low[row]);
  }

  rowOf(id: string): number {
    return isHexId(id) ? this.#slots[this.#slotOf(hexWord(id, 0), hexWord(id, 8))] - 1 : -1;
  }

  #slotOf(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hash = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ Math.imul(high, 0x297a2d39);
    hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
    let slot = (hash ^ (hash >>> 16)) & mask;
    for (;;) {
      const row = slots[slot] - 1;
      if (row < 0 || (this.#high[row] === high && this.#low[row] === low)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const capacity = this.#high.length * 2;
    this.#high = extended(this.#high, capacity);
    this.#low = extended(this.#low, capacity);
    this.#slots = new Int32Array(capacity * 2);
    for (let row = 0; row < this.#length; row++) {
      this.#slots[this.#slotOf(this.#high[row], this.#low[row])] = row + 1;
    }
  }
}

/** True for 16 digits of 0-9 and a-f. */
export function isHexId(id: string): boolean {
  if (id.length !== 16) return false;
  for (let i = 0; i < 16; i++) {
    const code = id.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

function hexWord(id: string, start: number): number {
  let word = 0;
  for (let i = start; i < start + 8; i++) {
    const code = id.charCodeAt(i);
    word = (word << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return word >>> 0;
}

/** The 8 digits of a 32-bit word, signed or not. */
export function hexDigits(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

function extended(values: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(capacity);
  copy.set(values);
  return copy;
}

function requireRow(row: number, length: number): void {
  if (Number.isInteger(row) && row >= 0 && row < length) return;
  throw new RangeError(`at: expected \`row\` to be an integer from 0 to ${length - 1}, got ${row}`);
}
