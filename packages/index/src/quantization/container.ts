import { IndexFileError, type IndexFileErrorCode } from "../file-error.ts";
import { crc32 } from "./checksum.ts";

// 8 bytes magic, then little-endian uint32: version, length of the header, total length in units of 4 bytes; the
// header as JSON, filled up with spaces to a multiple of 4; sections, filled up with zeros to multiples of 4; CRC-32
// of all before.

const magic: Uint8Array = new TextEncoder().encode("lmkquant");
const version = 1;
const preamble = 20;
const checksumBytes = 4;

/** Where bytes come from, and who reads them: for messages. */
export interface Origin {
  readonly caller: string;
  readonly path: string;
}

export type Section = Float32Array | Uint8Array;

/** The largest container: lengths are counted in units of 4 bytes in 32 bits. */
const mostBytes = 2 ** 34 - 4;

export function writeContainer(caller: string, header: object, sections: readonly Section[]): Uint8Array {
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(roundUp(text.length), " "));
  let total = preamble + json.length + checksumBytes;
  for (const section of sections) total += roundUp(section.byteLength);
  if (total > mostBytes) {
    throw new RangeError(`${caller}: expected at most ${mostBytes} bytes to be needed, got ${total}`);
  }
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, version, true);
  view.setUint32(12, json.length, true);
  view.setUint32(16, total / 4, true);
  bytes.set(json, preamble);
  let at = preamble + json.length;
  for (const section of sections) {
    if (section instanceof Uint8Array) bytes.set(section, at);
    else for (let i = 0; i < section.length; i++) view.setFloat32(at + 4 * i, section[i]!, true);
    at += roundUp(section.byteLength);
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

/** The header, and a reader that takes one section after another. */
export interface Container {
  readonly header: unknown;
  readonly sections: SectionReader;
}

export function readContainer(origin: Origin, bytes: Uint8Array): Container {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < magic.length || !magic.every((byte, i) => bytes[i] === byte)) {
    const got = bytes.length === 0 ? "nothing" : "something else";
    throw bytesError(origin, 'to start with "lmkquant"', got, "not-this-format");
  }
  if (bytes.length < preamble) {
    throw bytesError(origin, `to have ${preamble} bytes or more`, String(bytes.length), "wrong-size");
  }
  const found = view.getUint32(8, true);
  if (found !== version) {
    throw bytesError(origin, `to be of version ${version}`, String(found), "unsupported-version");
  }
  const total = 4 * view.getUint32(16, true);
  if (bytes.length !== total) {
    throw bytesError(origin, `to have ${total} bytes`, String(bytes.length), "wrong-size");
  }
  const end = bytes.length - checksumBytes;
  const headerEnd = preamble + view.getUint32(12, true);
  if (headerEnd > end) {
    throw bytesError(origin, `to have a header that ends by byte ${end}`, String(headerEnd), "bad-header");
  }
  const expected = view.getUint32(end, true);
  const actual = crc32(bytes.subarray(0, end));
  if (actual !== expected) {
    throw bytesError(origin, `to have the checksum ${hex(expected)}`, hex(actual), "wrong-checksum");
  }
  const header = parseHeader(origin, bytes.subarray(preamble, headerEnd));
  return { header, sections: new SectionReader(origin, view, headerEnd, end) };
}

function parseHeader(origin: Origin, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bytesError(origin, "to have a header in JSON", text.slice(0, 40), "bad-header", { cause });
  }
}

export class SectionReader {
  readonly #origin: Origin;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(origin: Origin, view: DataView, start: number, end: number) {
    this.#origin = origin;
    this.#view = view;
    this.#at = start;
    this.#end = end;
  }

  floats(length: number): Float32Array {
    const start = this.#take(4 * length);
    const view = this.#view;
    const floats = new Float32Array(length);
    for (let i = 0; i < length; i++) floats[i] = view.getFloat32(start + 4 * i, true);
    return floats;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length).slice();
  }

  finish(): void {
    if (this.#at !== this.#end) {
      const got = `${this.#end - this.#at} more bytes`;
      throw bytesError(this.#origin, `to end its sections at byte ${this.#at}`, got, "wrong-size");
    }
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + roundUp(length) > this.#end) {
      const got = `${this.#end - start}`;
      throw bytesError(this.#origin, `to have ${length} bytes from byte ${start}`, got, "wrong-size");
    }
    this.#at += roundUp(length);
    return start;
  }
}

export function bytesError(
  { caller, path }: Origin,
  expectation: string,
  actual: string,
  code: IndexFileErrorCode,
  options: ErrorOptions = {},
): IndexFileError {
  const message = `${caller}: expected \`${path}\` ${expectation}, got ${actual}`;
  return new IndexFileError(message, code, path, options);
}

function roundUp(length: number): number {
  return 4 * Math.ceil(length / 4);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}
