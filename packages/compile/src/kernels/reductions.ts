import { elementTypeCode } from "../graph.ts";
import type { Kernel, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { identityOrder, storedByAxis, uniformValue, type Value } from "../value.ts";
import { multiply } from "./element-wise.ts";

/** Axes as tfjs takes them: one, several, none (all), or counted from the end. */
export function parseAxes(axis: unknown, rank: number): number[] {
  if (axis === undefined || axis === null) return identityOrder(rank);
  const list = Array.isArray(axis) ? (axis as number[]) : [axis as number];
  return list.map((entry) => (entry < 0 ? entry + rank : entry));
}

/** The layout left over when axes are reduced to length 1 and, unless kept, removed. */
function reducedLayout(value: Value, axes: readonly number[], keepDims: boolean) {
  const dims = storedByAxis(value);
  const kept = identityOrder(value.shape.length).filter((axis) => !axes.includes(axis));
  if (keepDims) {
    const shape = value.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
    return {
      shape,
      order: value.order,
      stored: value.order.map((axis) => (axes.includes(axis) ? 1 : dims[axis])),
    };
  }
  const order = value.order.filter((axis) => kept.includes(axis)).map((axis) => kept.indexOf(axis));
  return {
    shape: kept.map((axis) => value.shape[axis]),
    order,
    stored: order.map((axis) => dims[kept[axis]]),
  };
}

/**
 * Reduces along logical axes, wherever they are stored. An axis along which the value is merely repeated is
 * dropped without computing; for a sum, `repetitions` says how often it counts.
 */
function reduce(tracer: Tracer, op: string, value: Value, axes: readonly number[], keepDims: boolean) {
  const dims = storedByAxis(value);
  const long = axes.filter((axis) => dims[axis] !== 1);
  const repetitions = axes.reduce((product, axis) => product * (dims[axis] === 1 ? value.shape[axis] : 1), 1);
  const layout = reducedLayout(value, axes, keepDims);
  if (value.data?.length === 1) {
    const stored = layout.shape.map(() => 1);
    return {
      result: {
        ...layout,
        order: identityOrder(stored.length),
        stored,
        dtype: value.dtype,
        name: "",
        data: value.data,
      },
      repetitions,
    };
  }
  const positions = axes.map((axis) => value.order.indexOf(axis)).sort((a, b) => a - b);
  if (long.length === 0) {
    const squeezed = { ...layout, dtype: value.dtype, name: value.name, held: value.held ?? value.stored };
    return { result: value.data === undefined ? squeezed : { ...squeezed, data: value.data }, repetitions };
  }
  // The last axis is counted from the end, so that a layer normalization can be told in any rank.
  const last = positions.length === 1 && positions[0] === value.order.length - 1;
  const name = tracer.graph.node(op, [tracer.name(value), tracer.graph.integers(last ? [-1] : positions)], {
    keepdims: keepDims ? 1 : 0,
  });
  return { result: { ...layout, dtype: value.dtype, name } as Value, repetitions };
}

/** The sum along logical axes. */
export function sum(tracer: Tracer, value: Value, axes: readonly number[], keepDims: boolean): Value {
  const numbers = value.dtype === "bool" ? tracer.cast(value, "int32") : value;
  if (axes.length === 0) return numbers;
  const { result, repetitions } = reduce(tracer, "ReduceSum", numbers, axes, keepDims);
  return multiply(tracer, result, uniformValue(repetitions, [], result.dtype));
}

/** The mean along logical axes, always float32. */
export function mean(tracer: Tracer, value: Value, axes: readonly number[], keepDims: boolean): Value {
  const floats = tracer.cast(value, "float32");
  if (axes.length === 0) return floats;
  return isOverPixels(floats, axes)
    ? pixelMean(tracer, floats, axes, keepDims)
    : reduce(tracer, "ReduceMean", floats, axes, keepDims).result;
}

/** Whether `axes` are the last two of images as they are stored, nothing repeated. */
function isOverPixels({ data, order, stored, shape }: Value, axes: readonly number[]): boolean {
  if (data !== undefined || order.length !== 4 || axes.length !== 2) return false;
  const places = order.slice(2);
  return axes.every((axis) => places.includes(axis)) && order.every((axis, i) => stored[i] === shape[axis]);
}

/** For convolutions, onnxruntime keeps channels in blocks, which `GlobalAveragePool` reads and `ReduceMean` does not. */
function pixelMean(tracer: Tracer, value: Value, axes: readonly number[], keepDims: boolean): Value {
  const pooled = tracer.graph.node("GlobalAveragePool", [tracer.name(value)]);
  const shape = value.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
  const kept = tracer.value(pooled, shape, "float32", value.order);
  return keepDims
    ? kept
    : tracer.reshape(
        kept,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
}

const extreme =
  (op: string): Kernel =>
  (tracer, { x }, { reductionIndices, axis, keepDims }) => {
    const axes = parseAxes(reductionIndices ?? axis, x.shape.length);
    if (axes.length === 0) return x;
    return reduce(tracer, op, x, axes, keepDims === true).result;
  };

const logical =
  (op: string): Kernel =>
  (tracer, { x }, { axis, keepDims }) => {
    const axes = parseAxes(axis, x.shape.length);
    if (axes.length === 0) return x;
    return tracer.cast(reduce(tracer, op, tracer.cast(x, "int32"), axes, keepDims === true).result, "bool");
  };

const argument =
  (op: string): Kernel =>
  (tracer, { x }, { axis }) => {
    const [along] = parseAxes(axis ?? 0, x.shape.length);
    const full = tracer.dense(x, x.order);
    const layout = reducedLayout(full, [along], false);
    const position = full.order.indexOf(along);
    const name = tracer.graph.node(op, [tracer.name(full)], {
      axis: position,
      keepdims: 0,
      select_last_index: 0,
    });
    return {
      ...layout,
      dtype: "int32",
      name: tracer.graph.node("Cast", [name], { to: elementTypeCode.int32 }),
    };
  };

const softmax: Kernel = (tracer, { logits }, { dim }) => {
  const [along] = parseAxes(dim ?? -1, logits.shape.length);
  const full = tracer.exact(tracer.dense(logits, logits.order));
  return tracer.follow("Softmax", full, "float32", { axis: full.order.indexOf(along) });
};

/** Kernels that reduce along axes. */
export const reductionKernels: Kernels = {
  Sum: (tracer, { x }, { axis, keepDims }) =>
    sum(tracer, x, parseAxes(axis, x.shape.length), keepDims === true),
  Mean: (tracer, { x }, { axis, keepDims }) =>
    mean(tracer, x, parseAxes(axis, x.shape.length), keepDims === true),
  Max: extreme("ReduceMax"),
  Min: extreme("ReduceMin"),
  Prod: (tracer, { x }, { axis, keepDims }) => {
    const numbers = tracer.cast(x, x.dtype === "bool" ? "int32" : x.dtype);
    const full = tracer.dense(numbers, numbers.order);
    return reduce(tracer, "ReduceProd", full, parseAxes(axis, x.shape.length), keepDims === true).result;
  },
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Softmax: softmax,
};
