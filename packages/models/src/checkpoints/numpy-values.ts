import { bytesPerElement, type ElementType } from "./element-types.ts";
import { ArgumentError, describe, Inert, NumpyType, PickleArray, type PickleValue } from "./pickle-values.ts";
import { rowMajor, type Storage, type StoredArray, sizeOf, type UnreadableArray } from "./stored-array.ts";

const elementTypes: ReadonlyMap<string, ElementType> = new Map([
  ["f8", "F64"],
  ["f4", "F32"],
  ["f2", "F16"],
  ["i8", "I64"],
  ["i4", "I32"],
  ["i2", "I16"],
  ["i1", "I8"],
  ["u1", "U8"],
  ["b1", "BOOL"],
]);

/** `numpy.dtype(code, align, copy)`. */
export function numpyType(args: readonly PickleValue[]): NumpyType {
  if (typeof args[0] !== "string")
    throw new ArgumentError(`expected a code for numpy.dtype, got ${describe(args[0])}`);
  return new NumpyType(args[0].replace(/^[<|=]/, ""));
}

/** The second field of a type's state is its byte order. */
export function setTypeState(type: NumpyType, state: PickleValue): void {
  if (!Array.isArray(state))
    throw new ArgumentError(`expected a tuple as state of numpy.dtype, got ${describe(state)}`);
  type.littleEndian = state[1] !== ">";
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`: a number where it is one. */
export function numpyScalar(args: readonly PickleValue[]): PickleValue {
  const [type, value] = args;
  if (!(type instanceof NumpyType))
    throw new ArgumentError(`expected a type for a NumPy scalar, got ${describe(type)}`);
  const element = elementTypes.get(type.code);
  if (element === undefined) return new Inert(`numpy scalar of type ${type.code}`);
  const bytes = bytesOf(value);
  if (bytes?.length !== bytesPerElement[element]) {
    throw new ArgumentError(
      `expected ${bytesPerElement[element]} bytes for a NumPy scalar of type ${type.code}, got ${describe(value)}`,
    );
  }
  return readScalar(element, new DataView(new Uint8Array(bytes).buffer), type.littleEndian);
}

function readScalar(type: ElementType, view: DataView, little: boolean): PickleValue {
  switch (type) {
    case "F64":
      return view.getFloat64(0, little);
    case "F32":
      return view.getFloat32(0, little);
    case "I64":
      return Number(view.getBigInt64(0, little));
    case "I32":
      return view.getInt32(0, little);
    case "I16":
      return view.getInt16(0, little);
    case "I8":
      return view.getInt8(0);
    case "U8":
      return view.getUint8(0);
    case "BOOL":
      return view.getUint8(0) !== 0;
    default:
      return new Inert("numpy scalar of type f2");
  }
}

/** `(version, shape, dtype, isFortran, bytes)`, which fills an array that NumPy built empty; a tensor's state is not kept. */
export function setArrayState(target: PickleArray, state: PickleValue): void {
  if (target.array !== undefined) return;
  const [, shape, type, fortran, value] = Array.isArray(state) ? state : [];
  target.array = arrayOf(shape, type, fortran === true, value);
}

/** `_frombuffer(bytes, dtype, shape, order)`, which protocol 5 writes. */
export function numpyFromBuffer([value, type, shape, order]: readonly PickleValue[]): PickleArray {
  return new PickleArray(arrayOf(shape, type, order === "F", value));
}

function arrayOf(
  shape: PickleValue | undefined,
  type: PickleValue | undefined,
  fortran: boolean,
  value: PickleValue | undefined,
): StoredArray | UnreadableArray {
  if (!isShape(shape) || !(type instanceof NumpyType)) {
    throw new ArgumentError(
      `expected a NumPy array's shape and type, got ${describe(shape)} and ${describe(type)}`,
    );
  }
  const element = elementTypes.get(type.code);
  const bytes = bytesOf(value);
  if (element === undefined || bytes === undefined) return { type: `numpy.${type.code}` };
  if (bytes.length !== sizeOf(shape) * bytesPerElement[element]) {
    throw new ArgumentError(
      `expected ${sizeOf(shape) * bytesPerElement[element]} bytes for a NumPy array of shape [${shape}], got ${bytes.length}`,
    );
  }
  const storage: Storage = {
    name: "a NumPy array",
    type: element,
    length: bytes.length / bytesPerElement[element],
    littleEndian: type.littleEndian,
    load: async () => ({ bytes, owned: false }),
  };
  const strides = fortran ? rowMajor([...shape].reverse()).reverse() : rowMajor(shape);
  return { storage, offset: 0, shape, strides };
}

/** Whether a value is a tuple of at most 16 sizes. */
function isShape(value: PickleValue | undefined): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 16 &&
    value.every((side) => Number.isSafeInteger(side) && (side as number) >= 0)
  );
}

/** Bytes, or a Python 2 string that held them. */
function bytesOf(value: PickleValue | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? Buffer.from(value, "latin1") : undefined;
}
