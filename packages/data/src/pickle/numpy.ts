import { narrow } from "./pickle-bytes.ts";
import {
  type AllowedGlobal,
  type CallContext,
  describe,
  ElementType,
  NumpyArray,
  type PickledArray,
  type Refuse,
  type StackValue,
} from "./pickle-values.ts";

type Numbers = PickledArray["data"];
type NumbersConstructor = new (buffer: ArrayBuffer) => Numbers;

const elementTypes: ReadonlyMap<string, NumbersConstructor> = new Map<string, NumbersConstructor>([
  ["b1", Uint8Array],
  ["i1", Int8Array],
  ["i2", Int16Array],
  ["i4", Int32Array],
  ["i8", BigInt64Array],
  ["u1", Uint8Array],
  ["u2", Uint16Array],
  ["u4", Uint32Array],
  ["u8", BigUint64Array],
  ["f4", Float32Array],
  ["f8", Float64Array],
]);

/** `numpy.dtype(code, align, copy)`. */
export function elementType([code]: readonly StackValue[], { refuse }: CallContext): ElementType {
  if (typeof code !== "string") return refuse("a NumPy type by its code", describe(code));
  const plain = code.replace(/^[<>|=]/, "");
  if (!elementTypes.has(plain)) {
    return refuse(
      `a NumPy type of ${[...elementTypes.keys()].join(", ")}`,
      JSON.stringify(code.slice(0, 40)),
    );
  }
  const type = new ElementType(plain);
  type.bigEndian = code.startsWith(">");
  return type;
}

/** The state of a NumPy type: `(version, byte order, …)`. */
export function setElementTypeState(type: ElementType, state: StackValue, refuse: Refuse): void {
  const order = Array.isArray(state) ? state[1] : undefined;
  if (typeof order !== "string" || !/^[<>|=]$/.test(order)) {
    refuse("a byte order of <, >, | or =", describe(order));
  }
  type.bigEndian = order === ">";
}

/** `numpy.core.multiarray.scalar(type, bytes)`: a single number. */
export function scalar([type, bytes]: readonly StackValue[], context: CallContext): StackValue {
  const { data } = arrayOf(type, bytes, [], context);
  const value = data[0];
  if (type instanceof ElementType && type.code === "b1") return value === 1;
  return typeof value === "bigint" ? narrow(value) : value;
}

/** `numpy.core.numeric._frombuffer(buffer, type, shape, order)`. */
export function fromBuffer(
  [bytes, type, shape, order]: readonly StackValue[],
  context: CallContext,
): NumpyArray {
  if (order !== "C" && shapeOf(shape, context.refuse).length > 1) {
    return context.refuse("a NumPy array in C order", `order ${describe(order)}`);
  }
  return arrayOf(type, bytes, shape, context);
}

/** `numpy.core.multiarray._reconstruct(ndarray, shape, code)`: an array that its state will fill. */
export function emptyArray([type]: readonly StackValue[], { refuse }: CallContext): NumpyArray {
  const name = (type as AllowedGlobal | undefined)?.name;
  if (name !== "numpy.ndarray") return refuse("an array of class numpy.ndarray", describe(type));
  return new NumpyArray();
}

/** The state of an array: `(version, shape, type, Fortran order, bytes)`. */
export function setArrayState(array: NumpyArray, state: StackValue, context: CallContext): void {
  const { refuse } = context;
  if (!Array.isArray(state) || state.length !== 5) {
    refuse("the five parts of a NumPy array", describe(state));
  }
  const [, shape, type, fortran, bytes] = state as readonly StackValue[];
  if (fortran === true && shapeOf(shape, refuse).length > 1) {
    refuse("a NumPy array in C order", "Fortran order");
  }
  const filled = arrayOf(type, bytes, shape, context);
  array.shape = filled.shape;
  array.data = filled.data;
}

function arrayOf(type: StackValue, bytes: StackValue, shape: StackValue, context: CallContext): NumpyArray {
  const { refuse } = context;
  if (!(type instanceof ElementType)) return refuse("a NumPy type", describe(type));
  const source = bytesOf(bytes, refuse);
  const array = new NumpyArray();
  array.shape = shapeOf(shape, refuse);
  const size = Number(type.code.slice(1));
  const wanted = array.shape.reduce((product, length) => product * length, size);
  if (source.length !== wanted) {
    return refuse(`${wanted} bytes of a NumPy array`, String(source.length));
  }
  context.copies(source.length);
  const copy = Uint8Array.from(source);
  if (type.bigEndian) {
    for (let i = 0; i < copy.length; i += size) copy.subarray(i, i + size).reverse();
  }
  const Numbers = elementTypes.get(type.code) as NumbersConstructor;
  array.data = new Numbers(copy.buffer);
  return array;
}

/** Bytes, or the string that Python 2 writes for them. */
function bytesOf(value: StackValue, refuse: Refuse): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string") return refuse("the bytes of a NumPy array", describe(value));
  return Buffer.from(value, "latin1");
}

function shapeOf(value: StackValue, refuse: Refuse): readonly number[] {
  const lengths: readonly StackValue[] = Array.isArray(value) ? value : [value];
  return lengths.map((length) => {
    if (typeof length === "number" && Number.isInteger(length) && length >= 0) return length;
    return refuse("the shape of a NumPy array", describe(value));
  });
}
