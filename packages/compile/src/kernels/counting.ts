import { sizeOf } from "../dtype.ts";
import type { Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { uniformValue, type Value } from "../value.ts";
import { select } from "./element-wise.ts";
import { slice } from "./movement.ts";
import { sum } from "./reductions.ts";

/**
 * Adds the weights of every row of `x` up in `size` bins, or marks the bins that are hit. Integers outside
 * `[0, size)` fall into one more bin, which is cut off.
 */
function binned(tracer: Tracer, x: Value, weights: Value, size: number, marks: boolean): Value {
  const [rows, columns] = x.shape;
  const { dtype } = weights;
  const limit = (bound: number) => tracer.scalar(bound, "int32");
  const inside = tracer.elementwise(
    "And",
    [
      tracer.elementwise("Greater", [x, limit(-1)], "bool"),
      tracer.elementwise("Less", [x, limit(size)], "bool"),
    ],
    "bool",
  );
  const bins = select(tracer, inside, x, limit(size));
  const ones = marks || sizeOf(weights.shape) === 0;
  const counted = ones ? uniformValue(1, x.shape, dtype) : tracer.reshape(weights, x.shape);
  const zeros = tracer.dense(uniformValue(0, [rows, size + 1], dtype));
  const inputs = [zeros, tracer.dense(tracer.broadcast(bins, [rows, columns])), tracer.dense(counted)];
  const name = tracer.graph.node(
    "ScatterElements",
    inputs.map((input) => tracer.name(input)),
    { axis: 1, reduction: marks ? "none" : "add" },
  );
  return slice(tracer, tracer.value(name, [rows, size + 1], dtype), [0, 0], [rows, size]);
}

/** Kernels that count. */
export const countingKernels: Kernels = {
  /** How many of a row's sorted numbers are less than a value (`left`), or at most it (`right`). */
  SearchSorted: (tracer, { sortedSequence, values }, { side }) => {
    const [rows, length] = sortedSequence.shape;
    const sorted = tracer.reshape(sortedSequence, [rows, 1, length]);
    const column = tracer.reshape(values, [rows, values.shape[1], 1]);
    const op = side === "left" ? "Less" : "LessOrEqual";
    return sum(tracer, tracer.elementwise(op, [sorted, column], "bool"), [2], false);
  },
  Bincount: (tracer, { x, weights }, { size }) => {
    const row = tracer.reshape(x, [1, sizeOf(x.shape)]);
    return tracer.reshape(binned(tracer, row, weights, size as number, false), [size as number]);
  },
  DenseBincount: (tracer, { x, weights }, { size, binaryOutput }) => {
    const bins = size as number;
    if (x.shape.length === 2) return binned(tracer, x, weights, bins, binaryOutput === true);
    const row = tracer.reshape(x, [1, sizeOf(x.shape)]);
    return tracer.reshape(binned(tracer, row, weights, bins, false), [bins]);
  },
};
