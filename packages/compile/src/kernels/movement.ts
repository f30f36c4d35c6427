import { slice_util, type TensorInfo } from "@tensorflow/tfjs-core";
import { makeArray, requireDtype, sizeOf, toArray } from "../dtype.ts";
import type { Kernel, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, uniformElement, uniformValue, type Value } from "../value.ts";
import { joinedConvolution, noteCut } from "./grouped-convolution.ts";
import { parseAxes } from "./reductions.ts";

/** Slices logical axes `[begin, begin + size)`, every `steps`-th element, with the layout unchanged. */
export function slice(
  tracer: Tracer,
  x: Value,
  begin: readonly number[],
  size: readonly number[],
  steps: readonly number[] = begin.map(() => 1),
): Value {
  const shape = size.map((length, axis) => Math.ceil(length / steps[axis]));
  return sliceBy(tracer, x, begin, shape, steps);
}

/** The elements `begin`, `begin + step`, … of every logical axis, `shape` of them, with the layout unchanged. */
export function sliceBy(
  tracer: Tracer,
  x: Value,
  begin: readonly number[],
  shape: readonly number[],
  steps: readonly number[],
): Value {
  // onnxruntime's WebGPU provider is right about backward steps only where they turn the whole axis around.
  const backward = steps.findIndex(
    (step, axis) => step < 0 && x.shape[axis] !== 1 && (step !== -1 || shape[axis] !== x.shape[axis]),
  );
  if (backward !== -1) {
    const taken = takeAlong(tracer, x, backward, begin[backward], shape[backward], steps[backward]);
    return sliceBy(tracer, taken, begin.with(backward, 0), shape, steps.with(backward, 1));
  }
  const cut = x.order
    .map((axis, position) => ({ axis, position }))
    .filter(
      ({ axis, position }) =>
        x.stored[position] !== 1 && (shape[axis] !== x.shape[axis] || steps[axis] !== 1),
    );
  const stored = x.order.map((axis, position) => (x.stored[position] === 1 ? 1 : shape[axis]));
  const { mask: _, ...plain } = x;
  if (cut.length === 0) return { ...plain, shape: [...shape] };
  const { graph } = tracer;
  const list = (pick: (axis: number) => number) => graph.integers(cut.map(({ axis }) => pick(axis)));
  /** The index behind the last; before the first element it is counted from the end, past the beginning. */
  const end = (axis: number) => {
    const behind = begin[axis] + shape[axis] * steps[axis];
    return behind < 0 ? -x.shape[axis] - 1 : behind;
  };
  const name = graph.node("Slice", [
    tracer.name(x),
    list((axis) => begin[axis]),
    list(end),
    graph.integers(cut.map(({ position }) => position)),
    list((axis) => steps[axis]),
  ]);
  return { shape: [...shape], dtype: x.dtype, order: x.order, stored, name };
}

/** The elements `begin`, `begin + step`, … along one axis, `count` of them. */
function takeAlong(
  tracer: Tracer,
  x: Value,
  along: number,
  begin: number,
  count: number,
  step: number,
): Value {
  const shape = x.shape.with(along, count);
  const position = x.order.indexOf(along);
  const { mask: _, ...plain } = x;
  if (x.stored[position] === 1) return { ...plain, shape };
  const places = tracer.graph.integers(Array.from({ length: count }, (__, i) => begin + i * step));
  const name = tracer.graph.node("Gather", [tracer.name(x), places], { axis: position });
  return { shape, dtype: x.dtype, order: x.order, stored: x.stored.with(position, count), name };
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

/** Pads with `fill`, or by reflection; the layout is unchanged. */
export function pad(
  tracer: Tracer,
  x: Value,
  paddings: readonly (readonly number[])[],
  mode: "constant" | "reflect",
  fill = 0,
): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const full = tracer.exact(tracer.dense(x, x.order));
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
    const part = slice(
      tracer,
      x,
      begin,
      x.shape.map((dimension, at) => (at === along ? length : dimension)),
    );
    return noteCut(part, x, along, begin[along]);
  });
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
  const { start, stop, step } = attributes as Record<"start" | "stop" | "step", number>;
  const type = requireDtype(attributes.dtype ?? "float32");
  // As in tfjs, the step 1, its default, counts downwards where the stop is below the start.
  const by = stop < start && step === 1 ? -1 : step;
  const away = start < stop ? step < 0 : step > 1;
  const length = start === stop || away ? 0 : Math.abs(Math.ceil((stop - start) / step));
  const data = toArray(
    type,
    Array.from({ length }, (___, i) => start + i * by),
  );
  return constantValue(data, [length], type);
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
  Concat: (tracer, inputs, { axis }) => {
    const given = Object.values(inputs);
    const filled = given.filter((part) => sizeOf(part.shape) > 0);
    const parts = filled.length > 0 ? filled : given;
    const [along] = parseAxes(axis, parts[0].shape.length);
    return joinedConvolution(tracer, parts, along) ?? concatenate(tracer, parts, along);
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
    const cut = length.findIndex((size, axis) => size !== x.shape[axis]);
    return noteCut(slice(tracer, x, start, length), x, cut, start[cut]);
  },
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
  Tile: tile,
  Fill: (_, __, { shape, value, dtype }) =>
    uniformValue(value as number, shape as number[], requireDtype(dtype ?? "float32")),
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
  const known = sizeOf(shape.filter((dimension) => dimension !== -1));
  return shape.map((dimension) => (dimension === -1 ? sizeOf(from) / known : dimension));
}
