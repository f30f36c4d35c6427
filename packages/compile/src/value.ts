import { type Dtype, makeArray, sizeOf, type TypedArray } from "./dtype.ts";

/**
 * A tensor of the traced function: its logical shape, as tfjs sees it, and how the graph stores it.
 *
 * Storage differs from the logical shape in two ways, so that most ops need no data movement:
 *
 * - **order**: stored axis `i` is logical axis `order[i]`. A transposition only changes the order, and an
 *   image batch that is NHWC for tfjs can be NCHW for ONNX.
 * - **repetition**: a stored dimension may be 1 where the logical one is larger. The value is then the same
 *   along that axis; ONNX broadcasting repeats it where another operand needs it.
 */
export interface Value {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly order: readonly number[];
  /** Stored dimensions, in stored order. */
  readonly stored: readonly number[];
  /** The tensor's name in the graph; empty for a constant, which is named on first use. */
  readonly name: string;
  /** The dimensions of the graph tensor where they are not `stored` but differ from it in ones. */
  readonly held?: readonly number[];
  /** A constant's elements, in stored order. */
  readonly data?: TypedArray;
  /** The bool tensor, stored alike, of which this is the 0/1 number. */
  readonly mask?: Value;
}

/** `[0, 1, …, rank - 1]`, the order of a tensor stored as tfjs sees it. */
export function identityOrder(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** A constant, kept as one element where all are equal. */
export function constantValue(data: TypedArray, shape: readonly number[], dtype: Dtype): Value {
  const order = identityOrder(shape.length);
  if (isUniform(data)) return uniformValue(data[0], shape, dtype);
  return { shape, dtype, order, stored: [...shape], name: "", data };
}

/** A tensor whose elements are all `value`. */
export function uniformValue(value: number, shape: readonly number[], dtype: Dtype): Value {
  const data = makeArray(dtype, 1);
  data[0] = value;
  return { shape, dtype, order: identityOrder(shape.length), stored: shape.map(() => 1), name: "", data };
}

/** The element that a constant repeats everywhere, or undefined. */
export function uniformElement(value: Value): number | undefined {
  return value.data?.length === 1 ? value.data[0] : undefined;
}

/** The stored dimension of each logical axis. */
export function storedByAxis(value: Value): number[] {
  const dims: number[] = Array.from({ length: value.order.length });
  value.order.forEach((axis, position) => {
    dims[axis] = value.stored[position];
  });
  return dims;
}

/** The same value with its logical axes permuted as tfjs's `transpose` does; nothing moves. */
export function permuted(value: Value, permutation: readonly number[]): Value {
  return {
    ...withoutMask(value),
    shape: permutation.map((axis) => value.shape[axis]),
    order: value.order.map((axis) => permutation.indexOf(axis)),
  };
}

/** The same value seen with leading axes of length 1, up to `rank` axes. */
export function withRank(value: Value, rank: number): Value {
  const added = rank - value.shape.length;
  if (added === 0) return value;
  return {
    ...withoutMask(value),
    shape: [...Array<number>(added).fill(1), ...value.shape],
    order: [...identityOrder(added), ...value.order.map((axis) => axis + added)],
    stored: [...Array<number>(added).fill(1), ...value.stored],
    held: value.held ?? value.stored,
  };
}

/** The same value repeated to a larger shape of the same rank. */
export function repeatedTo(value: Value, shape: readonly number[]): Value {
  return { ...withoutMask(value), shape: [...shape] };
}

/**
 * The same stored tensor seen with another shape, or undefined where that needs data movement. It works where
 * the two shapes differ only in axes of length 1, and for tensors of one repeated element.
 */
export function reshapedInPlace(value: Value, shape: readonly number[]): Value | undefined {
  const plain = withoutMask(value);
  const held = value.held ?? value.stored;
  if (sizeOf(value.stored) === 1) {
    return {
      ...plain,
      shape: [...shape],
      order: identityOrder(shape.length),
      stored: shape.map(() => 1),
      held,
    };
  }
  const axes = nonUnitAxes(value.shape);
  const newAxes = nonUnitAxes(shape);
  const same =
    axes.length === newAxes.length && axes.every((axis, i) => value.shape[axis] === shape[newAxes[i]]);
  if (!same) return undefined;

  const dims = storedByAxis(value);
  const moved = value.order
    .filter((axis) => value.shape[axis] !== 1)
    .map((axis) => newAxes[axes.indexOf(axis)]);
  const order = identityOrder(shape.length).map((axis) =>
    shape[axis] === 1 ? axis : (moved.shift() as number),
  );
  const stored = order.map((axis) => (shape[axis] === 1 ? 1 : dims[axes[newAxes.indexOf(axis)]]));
  return { ...plain, shape: [...shape], order, stored, held };
}

/** The stored elements of a constant, moved to another order of its axes. */
export function reorderedData(value: Value, source: TypedArray, order: readonly number[]): TypedArray {
  const dims = storedByAxis(value);
  const strides: number[] = Array.from({ length: dims.length });
  let stride = 1;
  for (const axis of value.order.toReversed()) {
    strides[axis] = stride;
    stride *= dims[axis];
  }
  const result = makeArray(value.dtype, source.length);
  const counters = order.map(() => 0);
  let offset = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = source[offset];
    for (let position = order.length - 1; position >= 0; position--) {
      const axis = order[position];
      offset += strides[axis];
      if (++counters[position] < dims[axis]) break;
      offset -= strides[axis] * dims[axis];
      counters[position] = 0;
    }
  }
  return result;
}

function nonUnitAxes(shape: readonly number[]): number[] {
  return identityOrder(shape.length).filter((axis) => shape[axis] !== 1);
}

function withoutMask(value: Value): Value {
  const { mask: _, ...plain } = value;
  return plain;
}

/** Whether there are elements and all are equal; -0 and 0 are not. */
export function isUniform(data: TypedArray | BigInt64Array): boolean {
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false;
  return data.length > 0;
}
