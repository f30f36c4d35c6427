import type { PickleBytes } from "./pickle-bytes.ts";
import type { PickleStack } from "./pickle-stack.ts";
import type { PickleValue, StackValue } from "./pickle-values.ts";

/** Rows that were taken over by columns and can be given back as values. */
export interface ReleasedRows {
  /** The tuple of a row. */
  at(row: number): PickleValue[];
}

/**
 * Values that a pickle keeps by number to use them again. Those that columns have taken over are kept as
 * row numbers: a list of four million tuples is remembered in four bytes a value.
 */
export class PickleMemo {
  readonly #bytes: PickleBytes;
  readonly #stack: PickleStack;
  readonly #released: ReleasedRows | undefined;
  /** By place: 0 is empty, above it a slot of `#kept` + 1, below it -1 - 2 row, or -2 - 2 row for its first item. */
  #codes = new Int32Array(1024);
  #count = 0;
  readonly #kept: (StackValue | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Places that were filled since the last release. */
  #recent: number[] = [];

  constructor(bytes: PickleBytes, stack: PickleStack, released: ReleasedRows | undefined) {
    this.#bytes = bytes;
    this.#stack = stack;
    this.#released = released;
  }

  /** Runs the opcode if it is one of the memo. */
  run(code: number): boolean {
    const bytes = this.#bytes;
    const stack = this.#stack;
    switch (code) {
      case 0x94: // MEMOIZE
        this.#put(this.#count, stack.top());
        return true;
      case 0x71: // BINPUT
        this.#put(bytes.uint8(), stack.top());
        return true;
      case 0x72: // LONG_BINPUT
        this.#put(bytes.uint32(), stack.top());
        return true;
      case 0x70: // PUT
        this.#put(bytes.decimal(), stack.top());
        return true;
      case 0x68: // BINGET
        stack.push(this.#get(bytes.uint8()));
        return true;
      case 0x6a: // LONG_BINGET
        stack.push(this.#get(bytes.uint32()));
        return true;
      case 0x67: // GET
        stack.push(this.#get(bytes.decimal()));
        return true;
      default:
        return false;
    }
  }

  #put(place: number | bigint, value: StackValue): void {
    // Picklers number their places without gaps, so that a far place only asks for memory.
    const limit = 2 * this.#count + 1024;
    if (typeof place !== "number" || place < 0 || place >= limit) {
      this.#bytes.refuse(`a place in the memo from 0 to ${limit - 1}`, String(place));
    }
    if (place >= this.#codes.length) this.#grow(limit);
    if (this.#codes[place] === 0) this.#count += 1;
    const reused = this.#codes[place] > 0 ? this.#codes[place] - 1 : this.#freeSlots.pop();
    const slot = reused ?? this.#kept.length;
    this.#kept[slot] = value;
    this.#codes[place] = slot + 1;
    if (this.#released !== undefined) this.#recent.push(place);
  }

  #get(place: number | bigint): StackValue {
    const code = typeof place === "number" && place >= 0 ? (this.#codes[place] ?? 0) : 0;
    if (code === 0) return this.#bytes.refuse("a value kept in the memo", `the empty place ${place}`);
    if (code > 0) return this.#kept[code - 1] as StackValue;
    const row = (-1 - code) >> 1;
    const tuple = (this.#released as ReleasedRows).at(row);
    return (-1 - code) % 2 === 0 ? tuple : tuple[0];
  }

  /** Remembers values by row where they were taken over as rows from `firstRow` on. */
  release(rows: readonly PickleValue[][], firstRow: number): void {
    const codes = new Map<StackValue, number>();
    for (const [i, row] of rows.entries()) {
      codes.set(row, -1 - 2 * (firstRow + i));
      codes.set(row[0], -2 - 2 * (firstRow + i));
    }
    for (const place of this.#recent) {
      const slot = this.#codes[place] - 1;
      const code = slot < 0 ? undefined : codes.get(this.#kept[slot] as StackValue);
      if (code === undefined) continue;
      this.#codes[place] = code;
      this.#kept[slot] = undefined;
      this.#freeSlots.push(slot);
    }
    this.#recent = [];
  }

  #grow(capacity: number): void {
    const larger = new Int32Array(capacity);
    larger.set(this.#codes);
    this.#codes = larger;
  }
}
