import { slice_util, type TensorInfo } from "@tensorflow/tfjs-core";
import { makeArray, sizeOf, toArray } from "../dtype.ts";
import type { Kernel, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, uniformElement, uniformValue, type Value } from "../value.ts";
import { parseAxes } from "./reductions.ts";

/** Slices logical axes `[begin, begin + size)`, with the layout unchanged. */
export function slice(
  tracer: Tracer,
  x: Value,
  begin: readonly number[],
  size: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): Value {
  const shape = size.map((length, axis) => Math.ceil(length / steps[axis]));
  const cut = x.order
    .map((axis, position) => ({ axis, position }))
    .filter(
      ({ axis, position }) => x.stored[position] !== 1 && (size[axis] !== x.shape[axis] || steps[axis] !== 1),
    );
  const stored = x.order.map((axis, position) => (x.stored[position] === 1 ? 1 : shape[axis]));
  const { mask: _, ...plain } = x;
  if (cut.length === 0) return { ...plain, shape };
  const { graph } = tracer;
  const list = (pick: (axis: number) => number) => graph.integers(cut.map(({ axis }) => pick(axis)));
  const name = graph.node("Slice", [
    tracer.name(x),
    list((axis) => begin[axis]),
    list((axis) => begin[axis] + size[axis]),
    graph.integers(cut.map(({ position }) => position)),
    list((axis) => steps[axis]),
  ]);
  return { shape, dtype: x.dtype, order: x.order, stored, name };
}

/** Joins values along a logical axis; the largest decides the layout. */
export function concatenate(tracer: Tracer, parts: readonly Value[], along: number): Value {
  const leader = parts.reduce((best, part) => (sizeOf(part.stored) > sizeOf(best.stored) ? part : best));
  const { order, dtype } = leader;
  const shape = [...leader.shape];
  shape[along] = parts.reduce((total, part) => total + part.shape[along], 0);
  if (parts.length === 1) return leader;
  const names = parts.map((part) => tracer.name(tracer.dense(part, order)));
  return tracer.value(
    tracer.graph.node("Concat", names, { axis: order.indexOf(along) }),
    shape,
    dtype,
    order,
  );
}

/** Turns the values around along logical axes. */
export function reverse(tracer: Tracer, x: Value, axes: readonly number[]): Value {
  const turned = axes.map((axis) => x.order.indexOf(axis)).filter((position) => x.stored[position] !== 1);
  if (turned.length === 0) return x;
  const { graph } = tracer;
  const fill = (value: number) =>
    graph.constant(new BigInt64Array(turned.length).fill(BigInt(value)), [turned.length], "int64");
  const name = graph.node("Slice", [
    tracer.name(x),
    fill(-1),
    fill(-(2 ** 31)),
    graph.integers(turned),
    fill(-1),
  ]);
  return { shape: x.shape, dtype: x.dtype, order: x.order, stored: x.stored, name };
}

function pad(
  tracer: Tracer,
  x: Value,
  paddings: readonly (readonly number[])[],
  mode: string,
  fill = 0,
): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const full = tracer.dense(x, x.order);
  const shape = x.shape.map((dimension, axis) => dimension + paddings[axis][0] + paddings[axis][1]);
  const amounts = [0, 1].flatMap((end) => x.order.map((axis) => paddings[axis][end]));
  const inputs = [tracer.name(full), tracer.graph.integers(amounts)];
  if (mode === "constant") inputs.push(tracer.name(tracer.scalar(fill, x.dtype)));
  return tracer.value(tracer.graph.node("Pad", inputs, { mode }), shape, x.dtype, x.order);
}

const packed: Kernel = (tracer, inputs, { axis }) => {
  const parts = Object.values(inputs);
  const [along] = parseAxes(axis, parts[0].shape.length + 1);
  const unsqueezed = parts.map((part) => tracer.reshape(part, part.shape.toSpliced(along, 0, 1)));
  return concatenate(tracer, unsqueezed, along);
};

const unpacked: Kernel = (tracer, { value }, { axis }) => {
  const [along] = parseAxes(axis, value.shape.length);
  return Array.from({ length: value.shape[along] }, (_, i) => {
    const begin = value.shape.map((__, at) => (at === along ? i : 0));
    const size = value.shape.map((dimension, at) => (at === along ? 1 : dimension));
    return tracer.reshape(slice(tracer, value, begin, size), value.shape.toSpliced(along, 1));
  });
};

const split: Kernel = (tracer, { x }, { numOrSizeSplits, axis }) => {
  const [along] = parseAxes(axis, x.shape.length);
  const total = x.shape[along];
  const sizes = Array.isArray(numOrSizeSplits)
    ? (numOrSizeSplits as number[])
    : Array<number>(numOrSizeSplits as number).fill(total / (numOrSizeSplits as number));
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  let offset = 0;
  return sizes.map((size) => {
    const length = size === -1 ? total - known : size;
    const begin = x.shape.map((_, at) => (at === along ? offset : 0));
    offset += length;
    return slice(
      tracer,
      x,
      begin,
      x.shape.map((dimension, at) => (at === along ? length : dimension)),
    );
  });
};

const stridedSlice: Kernel = (tracer, { x }, attributes) => {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
    attributes as {
      [key in "begin" | "end" | "strides"]: number[];
    } & Record<"beginMask" | "endMask" | "ellipsisMask" | "newAxisMask" | "shrinkAxisMask", number>;
  if (ellipsisMask !== 0 || newAxisMask !== 0)
    tracer.unsupported("StridedSlice", "with ellipsis or new axes");
  const ranges = x.shape.map((dimension, axis) => {
    const bit = 1 << axis;
    if (axis >= begin.length) return { start: 0, stop: dimension, stride: 1 };
    const stride = strides[axis];
    if (stride < 1) return tracer.unsupported("StridedSlice", "with a negative stride; use reverse");
    const absolute = (index: number) =>
      Math.min(Math.max(index < 0 ? index + dimension : index, 0), dimension);
    const start = beginMask & bit ? 0 : absolute(begin[axis]);
    if (shrinkAxisMask & bit) return { start, stop: start + 1, stride: 1 };
    return { start, stop: endMask & bit ? dimension : absolute(end[axis]), stride };
  });
  const cut = slice(
    tracer,
    x,
    ranges.map(({ start }) => start),
    ranges.map(({ start, stop }) => Math.max(stop - start, 0)),
    ranges.map(({ stride }) => stride),
  );
  return tracer.reshape(
    cut,
    cut.shape.filter((_, axis) => !(shrinkAxisMask & (1 << axis))),
  );
};

const tile: Kernel = (tracer, { x }, { reps }) => {
  const repeats = reps as number[];
  const shape = x.shape.map((dimension, axis) => dimension * repeats[axis]);
  if (x.shape.every((dimension, axis) => dimension === 1 || repeats[axis] === 1))
    return tracer.broadcast(x, shape);
  const full = tracer.dense(x, x.order);
  const name = tracer.graph.node("Tile", [
    tracer.name(full),
    tracer.graph.integers(x.order.map((axis) => repeats[axis])),
  ]);
  return tracer.value(name, shape, x.dtype, x.order);
};

const range: Kernel = (_, __, attributes) => {
  const { start, stop, step, dtype } = attributes as Record<"start" | "stop" | "step", number> & {
    dtype?: Value["dtype"];
  };
  const length = Math.max(Math.ceil((stop - start) / step), 0);
  const data = toArray(
    dtype ?? "float32",
    Array.from({ length }, (___, i) => start + i * step),
  );
  return constantValue(data, [length], dtype ?? "float32");
};

/** Kernels that move, repeat or make values without computing on them. */
export const movementKernels: Kernels = {
  Identity: (_, { x }) => x,
  Reshape: (tracer, { x }, { shape }) => tracer.reshape(x, inferredShape(shape as number[], x.shape)),
  ExpandDims: (tracer, { input }, { dim }) => {
    const at = dim as number;
    return tracer.reshape(input, input.shape.toSpliced(at < 0 ? at + input.shape.length + 1 : at, 0, 1));
  },
  Transpose: (tracer, { x }, { perm }) => tracer.transpose(x, perm as number[]),
  BroadcastTo: (tracer, { x }, { shape }) => tracer.broadcast(x, shape as number[]),
  Concat: (tracer, inputs, { axis }) => {
    const parts = Object.values(inputs).filter((part) => sizeOf(part.shape) > 0);
    return concatenate(tracer, parts, parseAxes(axis, parts[0].shape.length)[0]);
  },
  Pack: packed,
  Unpack: unpacked,
  SplitV: split,
  Slice: (tracer, { x }, { begin, size }) => {
    const [start, length] = slice_util.parseSliceParams(
      x as unknown as TensorInfo,
      begin as number[],
      size as number[] | undefined,
    );
    return slice(tracer, x, start, length);
  },
  StridedSlice: stridedSlice,
  Reverse: (tracer, { x }, { dims }) => reverse(tracer, x, parseAxes(dims, x.shape.length)),
  PadV2: (tracer, { x }, { paddings, constantValue: fill }) => {
    const element = uniformElement(x);
    const amounts = paddings as number[][];
    if (element === fill)
      return uniformValue(
        element as number,
        x.shape.map((d, axis) => d + amounts[axis][0] + amounts[axis][1]),
        x.dtype,
      );
    return pad(tracer, x, amounts, "constant", fill as number);
  },
  MirrorPad: (tracer, { x }, { paddings, mode }) => {
    if (mode !== "reflect") tracer.unsupported("MirrorPad", `with mode ${mode}`);
    return pad(tracer, x, paddings as number[][], "reflect");
  },
  Tile: tile,
  Fill: (_, __, { shape, value, dtype }) =>
    uniformValue(value as number, shape as number[], (dtype as Value["dtype"] | undefined) ?? "float32"),
  ZerosLike: (_, { x }) => uniformValue(0, x.shape, x.dtype),
  OnesLike: (_, { x }) => uniformValue(1, x.shape, x.dtype),
  Range: range,
  LinSpace: (_, __, attributes) => {
    const { start, stop, num } = attributes as Record<"start" | "stop" | "num", number>;
    const data = makeArray("float32", num);
    for (let i = 0; i < num; i++) data[i] = num === 1 ? start : start + (i * (stop - start)) / (num - 1);
    return constantValue(data, [num], "float32");
  },
};

function inferredShape(shape: readonly number[], from: readonly number[]): number[] {
  const known = shape
    .filter((dimension) => dimension !== -1)
    .reduce((product, dimension) => product * dimension, 1);
  return shape.map((dimension) => (dimension === -1 ? sizeOf(from) / known : dimension));
}
