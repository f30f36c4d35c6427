import { CompileError } from "./compile-error.ts";

/** Element types of the inputs, outputs and state of a compiled function. */
export type Dtype = "float32" | "int32" | "bool";

/** The JavaScript arrays of the three element types; a bool is one byte, 0 or 1. */
export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** One of tfjs's types, as one that graphs have; throws if they have not. */
export function requireDtype(dtype: unknown): Dtype {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return dtype;
  throw new CompileError("unsupported-op", `compile: cannot express tensors of type ${String(dtype)}`);
}

/** Zeros of an element type. */
export function makeArray(dtype: Dtype, length: number): TypedArray {
  if (dtype === "float32") return new Float32Array(length);
  return dtype === "int32" ? new Int32Array(length) : new Uint8Array(length);
}

/** A copy of `values` as an element type: truncated towards zero for int32, 0 or 1 for bool. */
export function toArray(dtype: Dtype, values: ArrayLike<number>): TypedArray {
  if (dtype === "float32") return Float32Array.from(values);
  if (dtype === "int32") return Int32Array.from(values);
  return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
}

/** Whether `data` is the array class that stands for `dtype`. */
export function isArrayOf(dtype: Dtype, data: unknown): data is TypedArray {
  if (dtype === "float32") return data instanceof Float32Array;
  if (dtype === "int32") return data instanceof Int32Array;
  return data instanceof Uint8Array;
}

/** The number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
