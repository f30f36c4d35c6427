import { setArrayState, setElementTypeState } from "./numpy.ts";
import type { PickleBytes } from "./pickle-bytes.ts";
import { allowedGlobals } from "./pickle-globals.ts";
import { readLiteral } from "./pickle-literals.ts";
import { PickleMemo, type ReleasedRows } from "./pickle-memo.ts";
import { PickleStack } from "./pickle-stack.ts";
import {
  AllowedGlobal,
  type CallContext,
  describe,
  ElementType,
  NumpyArray,
  type PickleValue,
  type StackValue,
} from "./pickle-values.ts";

/** Takes over the items of the outermost list, so that they are never all there as values. */
export interface RowSink extends ReleasedRows {
  readonly length: number;
  /** Takes a tuple over; throws what is wrong with it. */
  add(item: PickleValue): PickleValue[];
}

/**
 * The machine that a pickle is a program for, without the parts that can run code: every name it may
 * mention stands in {@link allowedGlobals}. It holds its own stack, so that no nesting is too deep.
 */
export class Unpickler {
  readonly #bytes: PickleBytes;
  readonly #sink: RowSink | undefined;
  readonly #memo: PickleMemo;
  readonly #context: CallContext;
  readonly #stack: PickleStack;
  /** Tuples that hold what may only stand in the arguments of calls. */
  readonly #arguments = new Set<StackValue>();
  #copied = 0;

  constructor(bytes: PickleBytes, sink?: RowSink) {
    this.#bytes = bytes;
    this.#sink = sink;
    this.#stack = new PickleStack(bytes.refuse);
    this.#memo = new PickleMemo(bytes, this.#stack, sink);
    this.#context = {
      refuse: bytes.refuse,
      copies: (count) => {
        this.#copied += count;
        // Bytes that are written as a string are copied once as bytes and once as an array.
        if (this.#copied > 2 * bytes.offset) {
          bytes.refuse("no more than two copies of the bytes so far", `${this.#copied} copied items`);
        }
      },
    };
  }

  /** Runs one opcode; true after the last. An opcode reads all of its bytes before it changes anything. */
  step(): boolean {
    const bytes = this.#bytes;
    const code = bytes.uint8();
    if (code === 0x2e) return true; // STOP
    const literal = readLiteral(code, bytes);
    if (literal !== undefined) this.#stack.push(literal);
    else if (!this.#runContainer(code) && !this.#memo.run(code) && !this.#runCall(code)) {
      bytes.refuse("an opcode of plain containers", `0x${code.toString(16).padStart(2, "0")}`);
    }
    return false;
  }

  /** The value that is left at the end. */
  result(): PickleValue {
    const value = this.#stack.only();
    this.#takeRows();
    return this.#plain(value);
  }

  #runContainer(code: number): boolean {
    const stack = this.#stack;
    switch (code) {
      case 0x28: // MARK
        stack.mark();
        return true;
      case 0x30: // POP
        stack.popMany(1);
        return true;
      case 0x31: // POP_MARK
        stack.popMark();
        return true;
      case 0x32: // DUP
        stack.push(stack.top());
        return true;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        return true;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        stack.push(this.#tuple(stack.popMark()));
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(this.#tuple(stack.popMany(code - 0x84)));
        return true;
      case 0x61: // APPEND
        this.#appendItems(stack.popMany(1));
        return true;
      case 0x65: // APPENDS
        this.#appendItems(stack.popMark());
        return true;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return true;
      case 0x64: // DICT
        this.#setItems(stack.popMark(), new Map());
        return true;
      case 0x73: // SETITEM
        this.#setItems(stack.popMany(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(stack.popMark());
        return true;
      case 0x8f: // EMPTY_SET
        stack.push(new Set());
        return true;
      case 0x90: // ADDITEMS
        this.#addItems(stack.popMark());
        return true;
      case 0x91: // FROZENSET
        stack.push(new Set(stack.popMark().map((item) => this.#plain(item))));
        return true;
      default:
        return false;
    }
  }

  #runCall(code: number): boolean {
    const bytes = this.#bytes;
    switch (code) {
      case 0x80: // PROTO
        this.#requireProtocol(bytes.uint8());
        return true;
      case 0x95: // FRAME
        bytes.length64();
        return true;
      case 0x63: // GLOBAL
        this.#pushGlobal(bytes.line(), bytes.line());
        return true;
      case 0x93: // STACK_GLOBAL
        this.#pushNamedGlobal(this.#stack.popMany(2));
        return true;
      case 0x69: // INST
        this.#pushGlobal(bytes.line(), bytes.line());
        return bytes.refuse("a pickle of plain containers", "an object of an old-style class");
      case 0x52: // REDUCE
        this.#call(this.#stack.popMany(2));
        return true;
      case 0x62: // BUILD
        this.#setState(this.#stack.popMany(1)[0]);
        return true;
      default:
        return false;
    }
  }

  #requireProtocol(protocol: number): void {
    if (protocol > 5) this.#bytes.refuse("a pickle of protocol 0 to 5", `protocol ${protocol}`);
  }

  #pushNamedGlobal([module, name]: readonly StackValue[]): void {
    if (typeof module !== "string" || typeof name !== "string") {
      this.#bytes.refuse("a name by two strings", `${describe(module)} and ${describe(name)}`);
    }
    this.#pushGlobal(module, name);
  }

  #pushGlobal(module: string, name: string): void {
    const full = `${module}.${name}`;
    const allowed = allowedGlobals.get(full);
    if (allowed === undefined) {
      const shown = JSON.stringify(full.length > 80 ? `${full.slice(0, 80)}…` : full);
      this.#bytes.refuse("a pickle of plain containers", `the name ${shown}`);
    }
    this.#stack.push(allowed);
  }

  #call([target, args]: readonly StackValue[]): void {
    if (!(target instanceof AllowedGlobal) || target.call === undefined || !Array.isArray(args)) {
      this.#bytes.refuse("a name and its arguments", `${describe(target)} and ${describe(args)}`);
    }
    this.#stack.push(target.call(args, this.#context));
  }

  #setState(state: StackValue): void {
    const target = this.#stack.top();
    if (target instanceof ElementType) setElementTypeState(target, state, this.#bytes.refuse);
    else if (target instanceof NumpyArray) setArrayState(target, state, this.#context);
    else this.#bytes.refuse("a NumPy array or type that takes a state", describe(target));
  }

  #appendItems(items: readonly StackValue[]): void {
    const list = this.#stack.top();
    if (!Array.isArray(list)) this.#bytes.refuse("a list to append to", describe(list));
    for (const item of items) list.push(this.#plain(item));
    if (list.length >= 1000 && this.#stack.length === 1) this.#takeRows();
  }

  #addItems(items: readonly StackValue[]): void {
    const set = this.#stack.top();
    if (!(set instanceof Set)) this.#bytes.refuse("a set to add to", describe(set));
    for (const item of items) set.add(this.#plain(item));
  }

  #setItems(items: readonly StackValue[], fresh?: Map<PickleValue, PickleValue>): void {
    if (items.length % 2 !== 0) this.#bytes.refuse("a value for each key", "a key without value");
    if (fresh !== undefined) this.#stack.push(fresh);
    const table = this.#stack.top();
    if (!(table instanceof Map)) this.#bytes.refuse("a dictionary to fill", describe(table));
    for (let i = 0; i < items.length; i += 2) table.set(this.#plain(items[i]), this.#plain(items[i + 1]));
  }

  /** Hands the items of the outermost list over to the sink. */
  #takeRows(): void {
    const list = this.#stack.bottom;
    if (this.#sink === undefined || !Array.isArray(list)) return;
    const sink = this.#sink;
    const firstRow = sink.length;
    const rows = list.map((item) => sink.add(item));
    list.length = 0;
    this.#memo.release(rows, firstRow);
  }

  /** Names and NumPy's types stand in the arguments of calls, so a tuple may hold them, but no result. */
  #tuple(items: StackValue[]): PickleValue {
    const tuple = items as PickleValue[];
    if (items.some((item) => !this.#isPlain(item))) this.#arguments.add(tuple);
    return tuple;
  }

  #isPlain(value: StackValue): value is PickleValue {
    if (typeof value !== "object" || value === null) return true;
    if (value instanceof AllowedGlobal || value instanceof ElementType) return false;
    return !this.#arguments.has(value);
  }

  #plain(value: StackValue): PickleValue {
    return this.#isPlain(value) ? value : this.#bytes.refuse("plain values in containers", describe(value));
  }
}
