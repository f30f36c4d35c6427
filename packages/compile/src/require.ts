import { type Dtype, isArrayOf, sizeOf, type TypedArray } from "./dtype.ts";

/** Throws unless `value` is an integer above zero. */
export function requirePositiveInteger(caller: string, argument: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RangeError(`${caller}: expected \`${argument}\` to be a positive integer, got ${value}`);
}

/** Throws unless `value` is one of the names of `choices`. */
export function requireOneOf(
  caller: string,
  argument: string,
  value: string,
  choices: readonly string[],
): void {
  if (choices.includes(value)) return;
  const listed = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new RangeError(`${caller}: expected \`${argument}\` to be ${listed}, got "${value}"`);
}

/** Throws unless every dimension is an integer above zero. */
export function requireShape(caller: string, argument: string, shape: readonly number[]): void {
  if (Array.isArray(shape) && shape.every((dimension) => Number.isInteger(dimension) && dimension > 0))
    return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be a list of positive integers, got ${JSON.stringify(shape)}`,
  );
}

/** Throws unless `data` is the array class of `dtype`. */
export function requireArrayType(
  caller: string,
  argument: string,
  data: unknown,
  dtype: Dtype,
): asserts data is TypedArray {
  if (!isArrayOf(dtype, data)) {
    const classes = { float32: "a Float32Array", int32: "an Int32Array", bool: "a Uint8Array" };
    const actual = data === null || typeof data !== "object" ? String(data) : `a ${data.constructor.name}`;
    throw new TypeError(`${caller}: expected \`${argument}\` to be ${classes[dtype]}, got ${actual}`);
  }
}

/** Throws unless `data` is the array class of `dtype` with one element per place of `shape`. */
export function requireArray(
  caller: string,
  argument: string,
  data: unknown,
  dtype: Dtype,
  shape: readonly number[],
): void {
  requireArrayType(caller, argument, data, dtype);
  if (data.length === sizeOf(shape)) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ${sizeOf(shape)} elements of shape [${shape.join(", ")}], got ${data.length}`,
  );
}

/** Throws unless `names` are exactly `expected`, in any order. */
export function requireNames(
  caller: string,
  argument: string,
  names: readonly string[],
  expected: readonly string[],
): void {
  const missing = expected.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !expected.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  const quoted = (list: readonly string[]) => list.map((name) => `"${name}"`).join(", ");
  const complaint =
    missing.length > 0 ? `one without ${quoted(missing)}` : `one with ${quoted(extra)} as well`;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be an object with ${quoted(expected) || "no entries"}, got ${complaint}`,
  );
}
