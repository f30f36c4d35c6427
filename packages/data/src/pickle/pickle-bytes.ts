import { isUtf8 } from "node:buffer";
import { DataFormatError } from "../data-format-error.ts";
import type { Refuse } from "./pickle-values.ts";

/** The bytes at hand ended inside an opcode; more of the file must be read first. */
export class NeedsMoreBytes extends Error {
  readonly count: number;

  constructor(count: number) {
    super("more bytes needed");
    this.count = count;
  }
}

/** Far more than any name takes, and below what a string can hold. */
const longestText = 2 ** 28;
const longestLine = 2 ** 20;

/**
 * The numbers and strings of a pickle, over a window of its file. Whatever ends beyond the window throws
 * {@link NeedsMoreBytes}, and what ends beyond the file is refused before anything is allocated for it.
 */
export class PickleBytes {
  readonly #file: string;
  readonly #size: number;
  #window: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** Where the window starts in the file. */
  #start = 0;
  /** Where the next byte stands in the window. */
  #at = 0;

  constructor(file: string, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** The place of the next byte in the file. */
  get offset(): number {
    return this.#start + this.#at;
  }

  /** Goes back to a place of the window. */
  rewind(offset: number): void {
    this.#at = offset - this.#start;
  }

  /** Drops what was read and appends what follows. */
  append(bytes: Uint8Array): void {
    this.#window = Buffer.concat([this.#window.subarray(this.#at), bytes]);
    this.#start += this.#at;
    this.#at = 0;
  }

  /** Throws that the file breaks a rule, naming the byte. */
  readonly refuse: Refuse = (expected, got) => {
    const detail = `expected ${expected}, got ${got} at byte ${this.offset}`;
    throw new DataFormatError("bad-pickle", this.#file, 0, detail);
  };

  #take(length: number): number {
    this.#requireInFile(length);
    const at = this.#at;
    if (at + length > this.#window.length) throw new NeedsMoreBytes(length);
    this.#at += length;
    return at;
  }

  #requireInFile(length: number): void {
    if (this.offset + length <= this.#size) return;
    const detail = `expected ${length} more bytes of the pickle at byte ${this.offset}, got the end of the file`;
    throw new DataFormatError("bad-pickle", this.#file, 0, detail);
  }

  uint8(): number {
    return this.#window[this.#take(1)];
  }

  uint16(): number {
    return this.#window.readUInt16LE(this.#take(2));
  }

  int32(): number {
    return this.#window.readInt32LE(this.#take(4));
  }

  uint32(): number {
    return this.#window.readUInt32LE(this.#take(4));
  }

  float64(): number {
    return this.#window.readDoubleBE(this.#take(8));
  }

  /** An 8-byte length; beyond 2⁵³ it is beyond any file. */
  length64(): number {
    return Number(this.#window.readBigUInt64LE(this.#take(8)));
  }

  /** A 4-byte length of the opcodes that declare it signed. */
  length32(): number {
    const length = this.int32();
    return length < 0 ? this.refuse("a length of at least 0", String(length)) : length;
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return Uint8Array.from(this.#window.subarray(at, at + length));
  }

  utf8(length: number): string {
    const at = this.#text(length);
    const part = this.#window.subarray(at, at + length);
    return isUtf8(part) ? part.toString("utf8") : this.refuse("a string in UTF-8", "other bytes");
  }

  /** Each byte a character: Python 2's strings, of which some hold bytes. */
  latin1(length: number): string {
    const at = this.#text(length);
    return this.#window.toString("latin1", at, at + length);
  }

  /** Up to the next line feed, which is left out; each byte a character. */
  line(): string {
    const end = this.#window.indexOf(10, this.#at);
    const length = (end < 0 ? this.#window.length : end) - this.#at;
    if (length > longestLine) this.refuse(`a line of at most ${longestLine} bytes`, "a longer one");
    if (end < 0) this.#take(length + 1);
    const text = this.latin1(length);
    this.#at += 1;
    return text;
  }

  /** A little-endian integer in two's complement. */
  integer(length: number): number | bigint {
    if (length > 1024) this.refuse("an integer of at most 1024 bytes", String(length));
    const hex = Buffer.from(this.bytes(length)).reverse().toString("hex");
    return narrow(BigInt.asIntN(8 * length, BigInt(`0x0${hex}`)));
  }

  /** A decimal integer on a line of its own. */
  decimal(): number | bigint {
    const text = this.line().replace(/L$/, "");
    if (/^[+-]?\d{1,2500}$/.test(text)) return narrow(BigInt(text.replace("+", "")));
    return this.refuse("a decimal integer", JSON.stringify(text.slice(0, 40)));
  }

  #text(length: number): number {
    this.#requireInFile(length);
    if (length > longestText) this.refuse(`a string of at most ${longestText} bytes`, String(length));
    return this.#take(length);
  }
}

/** A number where it is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
