import { unexpected } from "./checkpoint-error.ts";
import type { Malformed } from "./pickle-reader.ts";
import type { PickleStack } from "./pickle-stack.ts";
import { describe, Inert, type PickleValue } from "./pickle-values.ts";

/** Dictionaries and sets of one pickle, which take more memory than other values. */
const maximumTables = 2 ** 18;

/** The opcodes of tuples, lists, dictionaries and sets. */
export class PickleContainers {
  readonly #stack: PickleStack;
  readonly #label: string;
  readonly #malformed: Malformed;
  #tables = 0;

  constructor(stack: PickleStack, label: string, malformed: Malformed) {
    this.#stack = stack;
    this.#label = label;
    this.#malformed = malformed;
  }

  /** Runs the opcode if it is one of containers. */
  run(code: number): boolean {
    switch (code) {
      case 0x28: // MARK
        this.#stack.mark();
        return true;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        this.#stack.push([]);
        return true;
      case 0x74: // TUPLE
      case 0x6c: // LIST
        this.#stack.push(this.#stack.popMark());
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#stack.push(this.#stack.popMany(code - 0x84));
        return true;
      case 0x61: // APPEND
        this.#append([this.#stack.pop()]);
        return true;
      case 0x65: // APPENDS
        this.#append(this.#stack.popMark());
        return true;
      case 0x7d: // EMPTY_DICT
        this.#stack.push(this.count(new Map()));
        return true;
      case 0x64: // DICT
        this.#setItems(this.count(new Map()), this.#stack.popMark());
        return true;
      case 0x73: // SETITEM
        this.#setItems(undefined, this.#stack.popMany(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(undefined, this.#stack.popMark());
        return true;
      case 0x8f: // EMPTY_SET
        this.#stack.push(this.count(new Set()));
        return true;
      case 0x90: // ADDITEMS
        this.#addItems(this.#stack.popMark());
        return true;
      case 0x91: // FROZENSET
        this.#stack.push(this.count(new Set(this.#stack.popMark())));
        return true;
      default:
        return false;
    }
  }

  /** Counts a dictionary or set, of which a pickle may have only so many. */
  count<T extends Map<PickleValue, PickleValue> | Set<PickleValue>>(table: T): T {
    if (++this.#tables > maximumTables) {
      throw unexpected(
        "too-large",
        this.#label,
        `a pickle of at most ${maximumTables} dictionaries and sets`,
        "more",
      );
    }
    return table;
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#stack.top();
    if (list instanceof Inert) return;
    if (!Array.isArray(list)) throw this.#malformed("a list to append to", describe(list));
    for (const item of items) list.push(item);
  }

  #addItems(items: readonly PickleValue[]): void {
    const set = this.#stack.top();
    if (!(set instanceof Set)) throw this.#malformed("a set to add to", describe(set));
    for (const item of items) set.add(item);
  }

  #setItems(fresh: Map<PickleValue, PickleValue> | undefined, items: readonly PickleValue[]): void {
    if (items.length % 2 !== 0) throw this.#malformed("a value for each key", "a key without value");
    if (fresh !== undefined) this.#stack.push(fresh);
    const table = this.#stack.top();
    if (table instanceof Inert) return;
    if (!(table instanceof Map)) throw this.#malformed("a dictionary to fill", describe(table));
    for (let i = 0; i < items.length; i += 2) table.set(items[i]!, items[i + 1]!);
  }
}
