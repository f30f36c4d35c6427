import { slice_util } from "@tensorflow/tfjs-core";
import { sizeOf } from "../dtype.ts";
import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, storedByAxis, type Value } from "../value.ts";
import { select } from "./element-wise.ts";
import { pad, sliceBy } from "./movement.ts";

/** What a strided slice takes of every axis, and the shape it gives in the end. */
interface Strided {
  readonly begin: readonly number[];
  readonly strides: readonly number[];
  /** How many elements are taken; 1 along axes that are then dropped. */
  readonly counts: readonly number[];
  readonly shape: readonly number[];
}

/** Reads a strided slice's bounds and masks: steps of either sign, an ellipsis, new and dropped axes. */
export function stridedRanges(from: readonly number[], attributes: Attributes): Strided {
  const lists = attributes as { readonly [name in "begin" | "end" | "strides"]: number[] };
  const masks = attributes as {
    readonly [name in "beginMask" | "endMask" | "ellipsisMask" | "newAxisMask" | "shrinkAxisMask"]: number;
  };
  const { begin, end, strides, finalShape } = slice_util.sliceInfo(
    [...from],
    lists.begin,
    lists.end,
    lists.strides,
    masks.beginMask,
    masks.endMask,
    masks.ellipsisMask,
    masks.newAxisMask,
    masks.shrinkAxisMask,
  );
  const counts = slice_util.computeOutShape(begin, end, strides).map((count) => Math.max(count, 0));
  return { begin, strides, counts, shape: finalShape };
}

/** Which element of an axis of `length` stands at each place of the padded axis. */
function mirrored(length: number, [before, after]: readonly number[]): number[] {
  return Array.from({ length: before + length + after }, (_, place) => {
    const index = place - before;
    if (index < 0) return -index - 1;
    return index < length ? index : 2 * length - 1 - index;
  });
}

/** Padding by the elements at the edge in reverse, the outermost repeated (`symmetric`) or not (`reflect`). */
function mirrorPad(
  tracer: Tracer,
  x: Value,
  paddings: readonly (readonly number[])[],
  mode: "reflect" | "symmetric",
): Value {
  const dims = storedByAxis(x);
  const shape = x.shape.map((length, axis) => length + paddings[axis][0] + paddings[axis][1]);
  const repeated = x.shape.map((length, axis) => (dims[axis] === 1 ? shape[axis] : length));
  const { mask: _, ...plain } = x;
  let result: Value = { ...plain, shape: repeated };
  const left = paddings.map((amounts, axis) => (dims[axis] === 1 ? [0, 0] : amounts));
  if (mode === "reflect") return pad(tracer, result, left, "reflect");
  left.forEach((amounts, axis) => {
    if (amounts[0] === 0 && amounts[1] === 0) return;
    const indices = tracer.graph.integers(mirrored(x.shape[axis], amounts));
    const position = result.order.indexOf(axis);
    const name = tracer.graph.node("Gather", [tracer.name(result), indices], { axis: position });
    const grown = result.shape.with(axis, shape[axis]);
    const stored = result.stored.with(position, shape[axis]);
    result = { shape: grown, dtype: x.dtype, order: result.order, stored, name };
  });
  return result;
}

/** Kernels that pick, mirror or spread elements by a fixed pattern. */
export const rearrangementKernels: Kernels = {
  StridedSlice: (tracer, { x }, attributes) => {
    const { begin, strides, counts, shape } = stridedRanges(x.shape, attributes);
    return tracer.reshape(sliceBy(tracer, x, begin, counts, strides), shape);
  },
  MirrorPad: (tracer, { x }, attributes) => {
    const { paddings, mode } = attributes as { paddings: number[][]; mode: "reflect" | "symmetric" };
    return mirrorPad(tracer, x, paddings, mode);
  },
  Diag: (tracer, { x }) => {
    const size = sizeOf(x.shape);
    const unit = Uint8Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
    const onDiagonal = constantValue(unit, [size, size], "bool");
    const column = tracer.reshape(x, [size, 1]);
    return tracer.reshape(select(tracer, onDiagonal, column, tracer.scalar(0, x.dtype)), [
      ...x.shape,
      ...x.shape,
    ]);
  },
  BroadcastArgs: (tracer, { s0, s1 }) => {
    const rank = Math.max(s0.shape[0], s1.shape[0]);
    const [a, b] = [s0, s1].map((dims) => {
      const whole = tracer.cast(dims, "int32");
      return pad(tracer, whole, [[rank - dims.shape[0], 0]], "constant", 1);
    });
    const one = tracer.scalar(1, "int32");
    return select(tracer, tracer.elementwise("Equal", [a, one], "bool"), b, a);
  },
};
