import { CheckpointError, shown, unexpected } from "./checkpoint-error.ts";
import { setArrayState, setTypeState } from "./numpy-values.ts";
import { PickleContainers } from "./pickle-containers.ts";
import { readLiteral } from "./pickle-literals.ts";
import { PickleMemo } from "./pickle-memo.ts";
import { PickleEnd, PickleReader } from "./pickle-reader.ts";
import { PickleStack } from "./pickle-stack.ts";
import {
  ArgumentError,
  describe,
  Inert,
  NumpyType,
  PickleArray,
  PickleGlobal,
  type PickleValue,
} from "./pickle-values.ts";

/** Values that calls may copy beside twice the pickle's size. */
const freeCopies = 2 ** 22;

/** What {@link unpickle} needs to know. */
export interface UnpickleOptions {
  /** How messages begin. */
  readonly label: string;
  /** Names that may be mentioned; any other ends the reading. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for; throws `ArgumentError` for an unknown kind. */
  readonly persistentId: (id: PickleValue) => PickleValue;
}

/** Operations and kept values of one pickle. A checkpoint of 1,000 tensors with its optimizer has some 200,000. */
const maximumOperations = 2 ** 21;

/**
 * One pickle from `position` on. Nothing is ever run: a global is a name in a table, and calling it builds one of a few
 * kinds of plain value.
 *
 * @returns The value and where the next pickle begins.
 * @throws PickleEnd if the bytes end before the pickle does.
 * @throws CheckpointError `forbidden-pickle` for a name outside the table, `bad-pickle` for what is no pickle.
 */
export function unpickle(
  bytes: Uint8Array,
  position: number,
  options: UnpickleOptions,
): { value: PickleValue; end: number } {
  const machine = new Unpickler(bytes, position, options);
  try {
    return { value: machine.run(), end: machine.position };
  } catch (error) {
    if (error instanceof ArgumentError) throw machine.malformed(error.message, "", error);
    throw error;
  }
}

export { PickleEnd };

class Unpickler {
  readonly #reader: PickleReader;
  readonly #stack: PickleStack;
  readonly #containers: PickleContainers;
  readonly #memo: PickleMemo;
  readonly #options: UnpickleOptions;
  #start: number;
  #copied = 0;

  constructor(bytes: Uint8Array, position: number, options: UnpickleOptions) {
    this.#options = options;
    this.#start = position;
    const malformed = (expected: string, got: string) => this.malformed(expected, got);
    this.#reader = new PickleReader(bytes, position, malformed);
    this.#stack = new PickleStack(malformed);
    this.#containers = new PickleContainers(this.#stack, options.label, malformed);
    this.#memo = new PickleMemo(this.#stack, this.#reader, malformed);
  }

  get position(): number {
    return this.#reader.position;
  }

  malformed(expected: string, got: string, cause?: unknown): CheckpointError {
    const message = got === "" ? expected : `expected ${expected}, got ${got}`;
    return new CheckpointError(
      "bad-pickle",
      `${this.#options.label}: pickle at byte ${this.#start}: ${message}`,
      cause === undefined ? {} : { cause },
    );
  }

  run(): PickleValue {
    for (let operation = 0; operation < maximumOperations; operation++) {
      this.#start = this.#reader.position;
      const code = this.#reader.uint8();
      if (code === 0x2e) return this.#stack.pop();
      this.#step(code);
    }
    throw unexpected(
      "too-large",
      this.#options.label,
      `a pickle of at most ${maximumOperations} operations`,
      "more",
    );
  }

  #step(code: number): void {
    const literal = readLiteral(this.#reader, code);
    if (literal !== undefined) this.#stack.push(literal);
    else if (!this.#containers.run(code) && !this.#memo.run(code)) this.#object(code);
  }

  #object(code: number): void {
    const reader = this.#reader;
    switch (code) {
      case 0x80: // PROTO
        this.#protocol(reader.uint8());
        return;
      case 0x95: // FRAME
        this.#frame(reader.length64());
        return;
      case 0x63: // GLOBAL
        this.#stack.push(this.#global(reader.line(), reader.line()));
        return;
      case 0x93: // STACK_GLOBAL
        this.#stackGlobal();
        return;
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        this.#call(this.#stack.popMany(2));
        return;
      case 0x92: // NEWOBJ_EX
        this.#newObjectWithKeywords();
        return;
      case 0x69: {
        // INST
        const target = this.#global(reader.line(), reader.line());
        this.#call([target, this.#stack.popMark()]);
        return;
      }
      case 0x6f: {
        // OBJ
        const [target = null, ...args] = this.#stack.popMark();
        this.#call([target, args]);
        return;
      }
      case 0x62: // BUILD
        this.#build(this.#stack.pop());
        return;
      case 0x50: // PERSID
        this.#stack.push(this.#persistent(reader.line()));
        return;
      case 0x51: // BINPERSID
        this.#stack.push(this.#persistent(this.#stack.pop()));
        return;
      case 0x82: // EXT1
      case 0x83: // EXT2
      case 0x84: // EXT4
        throw this.#forbidden("no extension code", `opcode 0x${code.toString(16)}`);
      default:
        throw this.malformed("an opcode of protocols 0 to 5", `0x${code.toString(16).padStart(2, "0")}`);
    }
  }

  #protocol(version: number): void {
    if (version > 5) throw this.malformed("protocol 0 to 5", String(version));
  }

  /** A frame's length only helps to buffer, but one beyond the bytes tells that they are cut. */
  #frame(length: number): void {
    if (this.#reader.position + length > this.#reader.bytes.length) throw new PickleEnd();
  }

  #forbidden(expected: string, got: string): CheckpointError {
    return unexpected(
      "forbidden-pickle",
      `${this.#options.label}: pickle at byte ${this.#start}`,
      expected,
      got,
    );
  }

  #global(module: string, name: string): PickleGlobal {
    const found = this.#options.globals.get(`${module}.${name}`);
    if (found?.refusal !== undefined) {
      throw unexpected("unsupported-dtype", this.#options.label, "dense tensors of numbers", found.refusal);
    }
    if (found !== undefined) return found;
    throw this.#forbidden("only tensors, numbers, strings and containers", shown(`${module}.${name}`));
  }

  #stackGlobal(): void {
    const [module, name] = this.#stack.popMany(2);
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.malformed(
        "a global's module and name as strings",
        `${describe(module)} and ${describe(name)}`,
      );
    }
    this.#stack.push(this.#global(module, name));
  }

  #call([target, args]: readonly PickleValue[]): void {
    if (!(target instanceof PickleGlobal))
      throw this.#forbidden("an allowed global to call", describe(target));
    if (target.call === undefined) throw this.#forbidden("a global that may be called", shown(target.name));
    if (!Array.isArray(args)) throw this.malformed("arguments in a tuple", describe(args));
    this.#spend(args);
    const value = target.call(args);
    if (value instanceof Map || value instanceof Set) this.#containers.count(value);
    this.#stack.push(value);
  }

  /** Calls may copy what they are given; without a limit one long value could be copied again and again. */
  #spend(args: readonly PickleValue[]): void {
    for (const arg of args) {
      if (Array.isArray(arg) || typeof arg === "string") this.#copied += arg.length;
    }
    const most = freeCopies + 2 * this.#reader.bytes.length;
    if (this.#copied > most) {
      throw unexpected(
        "too-large",
        this.#options.label,
        `a pickle that copies at most ${most} values`,
        "more",
      );
    }
  }

  #newObjectWithKeywords(): void {
    const [target, args, keywords] = this.#stack.popMany(3);
    if (!(keywords instanceof Map) || keywords.size > 0) {
      throw this.malformed("an object built without keywords", describe(keywords));
    }
    this.#call([target!, args!]);
  }

  /** Attributes of dictionaries, tensors and inert objects are not kept; NumPy's hold the values. */
  #build(state: PickleValue): void {
    const target = this.#stack.top();
    if (Array.isArray(state)) this.#spend(state);
    if (target instanceof NumpyType) setTypeState(target, state);
    else if (target instanceof PickleArray) setArrayState(target, state);
    else if (!(target instanceof Map) && !(target instanceof Set) && !(target instanceof Inert)) {
      throw this.#forbidden("an object whose state may be set", describe(target));
    }
  }

  #persistent(id: PickleValue): PickleValue {
    return this.#options.persistentId(id);
  }
}
