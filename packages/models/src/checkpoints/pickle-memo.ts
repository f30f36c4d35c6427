import type { Malformed, PickleReader } from "./pickle-reader.ts";
import type { PickleStack } from "./pickle-stack.ts";
import type { PickleValue } from "./pickle-values.ts";

/** Values that a pickle keeps by number to use them again. */
export class PickleMemo {
  readonly #values = new Map<number, PickleValue>();
  readonly #stack: PickleStack;
  readonly #reader: PickleReader;
  readonly #malformed: Malformed;

  constructor(stack: PickleStack, reader: PickleReader, malformed: Malformed) {
    this.#stack = stack;
    this.#reader = reader;
    this.#malformed = malformed;
  }

  /** Runs the opcode if it is one of the memo, or drops or doubles a value. */
  run(code: number): boolean {
    const reader = this.#reader;
    switch (code) {
      case 0x30: // POP
        this.#stack.drop();
        return true;
      case 0x31: // POP_MARK
        this.#stack.popMark();
        return true;
      case 0x32: // DUP
        this.#stack.push(this.#stack.top());
        return true;
      case 0x70: // PUT
        this.#values.set(this.#index(reader.decimal()), this.#stack.top());
        return true;
      case 0x71: // BINPUT
        this.#values.set(reader.uint8(), this.#stack.top());
        return true;
      case 0x72: // LONG_BINPUT
        this.#values.set(reader.uint32(), this.#stack.top());
        return true;
      case 0x94: // MEMOIZE
        this.#values.set(this.#values.size, this.#stack.top());
        return true;
      case 0x67: // GET
        this.#get(this.#index(reader.decimal()));
        return true;
      case 0x68: // BINGET
        this.#get(reader.uint8());
        return true;
      case 0x6a: // LONG_BINGET
        this.#get(reader.uint32());
        return true;
      default:
        return false;
    }
  }

  #index(value: number | bigint): number {
    if (typeof value !== "number" || value < 0) throw this.#malformed("a place in the memo", String(value));
    return value;
  }

  #get(index: number): void {
    const value = this.#values.get(index);
    if (value === undefined)
      throw this.#malformed("a value kept in the memo", `place ${index}, which is empty`);
    this.#stack.push(value);
  }
}
