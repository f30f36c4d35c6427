import type { Storage, StoredArray, UnreadableArray } from "./stored-array.ts";

/**
 * What a pickle may hold. Tuples are arrays as lists are; dictionaries are maps, so that no key can reach a prototype.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleArray
  | StorageView
  | NumpyType
  | Inert;

/** A tensor or a NumPy array; empty while NumPy's two steps of building one are under way. */
export class PickleArray {
  array: StoredArray | UnreadableArray | undefined;

  constructor(array?: StoredArray | UnreadableArray) {
    this.array = array;
  }
}

/** A stretch of a storage. */
export class StorageView {
  readonly storage: Storage | UnreadableArray;
  /** Elements before it. */
  readonly start: number;

  constructor(storage: Storage | UnreadableArray, start: number) {
    this.storage = storage;
    this.start = start;
  }
}

/** A NumPy element type, such as `f4`. */
export class NumpyType {
  readonly code: string;
  littleEndian = true;

  constructor(code: string) {
    this.code = code;
  }
}

/** An object of a class that is known to be harmless; what it held is not kept. */
export class Inert {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A name that a pickle may mention. */
export class PickleGlobal {
  readonly name: string;
  /** What calling it builds; throws `ArgumentError` where the arguments make no sense. */
  readonly call: ((args: readonly PickleValue[]) => PickleValue) | undefined;
  /** Why a file that mentions it is not read. */
  readonly refusal: string | undefined;

  constructor(name: string, call?: (args: readonly PickleValue[]) => PickleValue, refusal?: string) {
    this.name = name;
    this.call = call;
    this.refusal = refusal;
  }
}

/** Arguments that an allowed global cannot take. */
export class ArgumentError extends Error {}

/** A list or tuple; none is an empty one. */
export function listOf(name: string, items: PickleValue | undefined): PickleValue[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new ArgumentError(`expected a list for ${name}, got ${describe(items)}`);
  return items;
}

/** What a message calls a value. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (typeof value === "object") return describeObject(value);
  if (typeof value === "string") return `the string ${JSON.stringify(value.slice(0, 40))}`;
  return `the ${typeof value} ${String(value).slice(0, 40)}`;
}

function describeObject(value: Exclude<PickleValue & object, null>): string {
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof PickleGlobal || value instanceof Inert) return value.name;
  if (value instanceof PickleArray) return "a tensor";
  return value instanceof NumpyType ? "a NumPy type" : "a storage";
}
