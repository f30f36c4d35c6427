import { TextDecoder } from "node:util";
import type { CheckpointError } from "./checkpoint-error.ts";

/** The bytes ended inside a pickle. */
export class PickleEnd extends Error {}

const utf8: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The error for something else than what was expected. */
export type Malformed = (expected: string, got: string) => CheckpointError;

/** Far more than any name or note takes, and below what a string can hold. */
const longestText = 2 ** 28;

/** Reads a pickle's numbers and strings; whatever would go beyond the end throws {@link PickleEnd} before allocating. */
export class PickleReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly #view: DataView;
  readonly malformed: Malformed;

  constructor(bytes: Uint8Array, position: number, malformed: Malformed) {
    this.bytes = bytes;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.malformed = malformed;
  }

  #take(length: number): number {
    const at = this.position;
    if (at + length > this.bytes.length) throw new PickleEnd();
    this.position += length;
    return at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** An 8-byte length; beyond 2⁵³ it is beyond any file. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** A 4-byte length of the opcodes that declare it signed. */
  length32(): number {
    const length = this.int32();
    if (length < 0) throw this.malformed("a length from 0", String(length));
    return length;
  }

  view(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  #text(length: number): Uint8Array {
    const bytes = this.view(length);
    if (length <= longestText) return bytes;
    throw this.malformed(`a string of at most ${longestText} bytes`, String(length));
  }

  utf8(length: number): string {
    const bytes = this.#text(length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.malformed("a string in UTF-8", "other bytes");
    }
  }

  /** Each byte a character: Python 2's strings, of which some hold bytes. */
  latin1(length: number): string {
    const bytes = this.#text(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }

  /** Up to the next line feed, which is left out. */
  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleEnd();
    if (end - this.position > 65_536)
      throw this.malformed("a line of at most 65536 bytes", String(end - this.position));
    const text = this.utf8(end - this.position);
    this.position++;
    return text;
  }

  /** A little-endian two's complement integer. */
  integer(length: number): number | bigint {
    if (length > 1024) throw this.malformed("an integer of at most 1024 bytes", String(length));
    const bytes = this.view(length);
    const hex = Buffer.from(bytes).reverse().toString("hex");
    return narrow(BigInt.asIntN(8 * length, BigInt(`0x0${hex}`)));
  }

  /** A decimal integer on a line of its own. */
  decimal(): number | bigint {
    const text = this.line().replace(/L$/, "");
    if (!/^[+-]?\d{1,2500}$/.test(text))
      throw this.malformed("a decimal integer", JSON.stringify(text.slice(0, 40)));
    return narrow(BigInt(text.replace("+", "")));
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
