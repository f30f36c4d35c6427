/** The numbers of a NumPy array, in row-major order. */
export interface PickledArray {
  /** The length of each axis; none for a single number. */
  readonly shape: readonly number[];
  /** The numbers in the array's own type; booleans as 0 and 1. */
  readonly data:
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigUint64Array
    | Float32Array
    | Float64Array;
}

/**
 * What a pickle of plain containers holds: `None` is `null`, an `int` beyond 2⁵³ a `bigint`, `bytes` a
 * `Uint8Array`, lists and tuples are arrays, dictionaries are maps in their order (so that no key can reach
 * a prototype), and NumPy's single numbers are numbers.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickledArray
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>;

/** Throws that something else was expected. */
export type Refuse = (expected: string, got: string) => never;

/** A NumPy element type, such as `<i8`. */
export class ElementType {
  readonly code: string;
  bigEndian = false;

  constructor(code: string) {
    this.code = code;
  }
}

/** A NumPy array; without shape and numbers between the two steps in which NumPy builds it. */
export class NumpyArray implements PickledArray {
  shape: readonly number[] = [];
  data: PickledArray["data"] = new Uint8Array(0);
}

/** A name that a pickle may mention, and what calling it gives. */
export class AllowedGlobal {
  readonly name: string;
  readonly call: ((args: readonly StackValue[], context: CallContext) => StackValue) | undefined;

  constructor(name: string, call?: AllowedGlobal["call"]) {
    this.name = name;
    this.call = call;
  }
}

/** What lies on the stack while a pickle is read. */
export type StackValue = PickleValue | AllowedGlobal | ElementType;

/** What a called name needs. */
export interface CallContext {
  readonly refuse: Refuse;
  /** Accounts for copied items, of which a file may ask for no more than twice the bytes read so far. */
  copies(count: number): void;
}

/** What a message calls a value. */
export function describe(value: StackValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (typeof value === "string") return `the string ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value !== "object") return `the ${typeof value} ${String(value).slice(0, 40)}`;
  if (Array.isArray(value)) return `a list or tuple of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof AllowedGlobal) return value.name;
  return value instanceof ElementType ? "a NumPy type" : "a NumPy array";
}
