/**
 * Writes a pickle of protocol 2, which every Python since 2.3 reads, piece by piece. Opcodes are named as in Python's
 * `pickletools`.
 */
export class PickleWriter {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #at = 0;

  /** Writes opcodes, and bytes that belong to them. */
  codes(...codes: readonly number[]): void {
    this.#reserve(codes.length);
    for (const code of codes) this.#at = this.#bytes.writeUInt8(code, this.#at);
  }

  /** Writes an integer of 32 bits, with sign, in its shortest form. */
  integer(value: number): void {
    if (value >= 0 && value <= 0xff) {
      this.codes(0x4b, value); // BININT1
    } else if (value >= 0 && value <= 0xffff) {
      this.codes(0x4d, value & 0xff, value >> 8); // BININT2
    } else {
      this.codes(0x4a); // BININT
      this.#reserve(4);
      this.#at = this.#bytes.writeInt32LE(value, this.#at);
    }
  }

  /** Writes a string. */
  string(text: string): void {
    const length = Buffer.byteLength(text);
    this.#numbered(0x58, length); // BINUNICODE
    this.#reserve(length);
    this.#at += this.#bytes.write(text, this.#at);
  }

  /** Keeps what was written last for {@link recall}. */
  keep(place: number): void {
    this.#numbered(0x72, place); // LONG_BINPUT
  }

  /** Writes again what was kept. */
  recall(place: number): void {
    this.#numbered(0x6a, place); // LONG_BINGET
  }

  /** The bytes since the last time; what is written from now on follows them. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  #numbered(code: number, number: number): void {
    this.codes(code);
    this.#reserve(4);
    this.#at = this.#bytes.writeUInt32LE(number, this.#at);
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
