import { makeArray, requireDtype, sizeOf } from "../dtype.ts";
import { elementTypeCode } from "../graph.ts";
import type { Kernel, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, identityOrder, permuted, uniformValue, type Value } from "../value.ts";
import { multiply, select } from "./element-wise.ts";
import { parseAxes } from "./reductions.ts";

/** `target`, a matrix, with each row of `updates` written or added to the row that its id names. */
function scatterRows(
  tracer: Tracer,
  target: Value,
  ids: Value,
  updates: Value,
  reduction: "none" | "add",
): Value {
  const spread = tracer.broadcast(tracer.reshape(ids, [ids.shape[0], 1]), updates.shape);
  const inputs = [target, spread, updates].map((value) => tracer.name(tracer.dense(value)));
  const name = tracer.graph.node("ScatterElements", inputs, { axis: 0, reduction });
  return tracer.value(name, target.shape, target.dtype);
}

/** Rows of zeros with each row of `x` added where its id points; ids outside `[0, count)` are dropped. */
export function segmentSum(tracer: Tracer, x: Value, ids: Value, count: number): Value {
  const rows = ids.shape[0];
  const inner = x.shape.slice(1);
  const width = sizeOf(inner);
  const inside = tracer.elementwise(
    "And",
    [
      tracer.elementwise("GreaterOrEqual", [ids, tracer.scalar(0, "int32")], "bool"),
      tracer.elementwise("Less", [ids, tracer.scalar(count, "int32")], "bool"),
    ],
    "bool",
  );
  const safe = select(tracer, inside, ids, tracer.scalar(0, "int32"));
  const flat = tracer.reshape(x, [rows, width]);
  const updates = select(tracer, tracer.reshape(inside, [rows, 1]), flat, tracer.scalar(0, x.dtype));
  const zeros = uniformValue(0, [count, width], x.dtype);
  const sums = scatterRows(tracer, zeros, safe, updates, "add");
  return tracer.reshape(sums, [count, ...inner]);
}

/** The name of int32 indices as the int64 that some ONNX operators want. */
function int64Name(tracer: Tracer, indices: Value): string {
  return tracer.graph.node("Cast", [tracer.name(tracer.dense(tracer.cast(indices, "int32")))], {
    to: elementTypeCode.int64,
  });
}

/**
 * Indices that name parts of a tensor of shape `shape`, as the numbers of its rows when its leading axes, as
 * many as an index has components, are seen as one.
 */
function rowNumbers(tracer: Tracer, indices: Value, shape: readonly number[]) {
  const components = indices.shape.length > 1 ? indices.shape[indices.shape.length - 1] : 1;
  const count = sizeOf(indices.shape) / components;
  const strides = makeArray("int32", components);
  for (let i = 0; i < components; i++) strides[i] = sizeOf(shape.slice(i + 1, components));
  const matrix = tracer.reshape(tracer.cast(indices, "int32"), [count, components]);
  const weighed = multiply(tracer, matrix, constantValue(strides, [1, components], "int32"));
  const ids =
    components === 1
      ? tracer.reshape(matrix, [count])
      : tracer.value(
          tracer.graph.node("ReduceSum", [tracer.name(tracer.dense(weighed)), tracer.graph.integers([1])], {
            keepdims: 0,
          }),
          [count],
          "int32",
        );
  return { ids, count, rows: sizeOf(shape.slice(0, components)), width: sizeOf(shape.slice(components)) };
}

/** The tensor with the rows that the indices name replaced; of several updates of a row the last stays. */
function scatterUpdate(tracer: Tracer, tensor: Value, indices: Value, updates: Value): Value {
  const { shape } = tensor;
  const { ids, count, rows, width } = rowNumbers(tracer, indices, shape);
  const written =
    sizeOf(updates.shape) === 1
      ? tracer.broadcast(tracer.reshape(updates, [1, 1]), [count, width])
      : tracer.reshape(updates, [count, width]);
  const target = tracer.reshape(tensor, [rows, width]);
  return tracer.reshape(scatterRows(tracer, target, ids, written, "none"), shape);
}

/** Gathers where the leading axes of `x` and `indices` run together. */
function batchedGather(tracer: Tracer, x: Value, indices: Value, along: number, batchDims: number): Value {
  const axes = identityOrder(x.shape.length);
  const batch = x.shape.slice(0, batchDims);
  const outer = axes.slice(batchDims, along);
  const inner = axes.slice(along + 1);
  const picked = indices.shape.slice(batchDims);
  const rest = [...outer, ...inner].map((axis) => x.shape[axis]);
  const lined = permuted(x, [...axes.slice(0, batchDims), along, ...outer, ...inner]);
  const rows = tracer.reshape(lined, [sizeOf(batch), x.shape[along], sizeOf(rest)]);
  const ids = tracer.reshape(indices, [sizeOf(batch), sizeOf(picked), 1]);
  const name = tracer.graph.node("GatherND", [tracer.name(tracer.dense(rows)), int64Name(tracer, ids)], {
    batch_dims: 1,
  });
  const flat = tracer.value(name, [sizeOf(batch), sizeOf(picked), sizeOf(rest)], x.dtype);
  const result = tracer.reshape(flat, [...batch, ...picked, ...rest]);
  const firstOuter = batchDims + picked.length;
  const positions = identityOrder(result.shape.length);
  return permuted(result, [
    ...positions.slice(0, batchDims),
    ...positions.slice(firstOuter, firstOuter + outer.length),
    ...positions.slice(batchDims, firstOuter),
    ...positions.slice(firstOuter + outer.length),
  ]);
}

const gather: Kernel = (tracer, { x, indices }, { axis, batchDims }) => {
  const [along] = parseAxes(axis, x.shape.length);
  const given = (batchDims as number | undefined) ?? 0;
  const shared = given < 0 ? given + indices.shape.length : given;
  if (shared !== 0) return batchedGather(tracer, x, indices, along, shared);
  const inputs = [x, tracer.cast(indices, "int32")].map((value) => tracer.name(tracer.dense(value)));
  const name = tracer.graph.node("Gather", inputs, { axis: along });
  return tracer.value(name, x.shape.toSpliced(along, 1, ...indices.shape), x.dtype);
};

const oneHot: Kernel = (tracer, { indices }, attributes) => {
  const { depth, onValue, offValue } = attributes as Record<"depth" | "onValue" | "offValue", number>;
  const type = requireDtype(attributes.dtype ?? "int32");
  const classes = constantValue(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
    "int32",
  );
  const column = tracer.reshape(tracer.cast(indices, "int32"), [...indices.shape, 1]);
  const hits = tracer.elementwise("Equal", [column, classes], "bool");
  if (onValue === 1 && offValue === 0) return tracer.cast(hits, type);
  return select(tracer, hits, tracer.scalar(onValue, type), tracer.scalar(offValue, type));
};

const topK: Kernel = (tracer, { x }, { k }) => {
  const shape = [...x.shape.slice(0, -1), k as number];
  const inputs = [tracer.name(tracer.dense(x)), tracer.graph.integers([k as number])];
  const [values, ids] = tracer.graph.nodes("TopK", inputs, { axis: -1, largest: 1, sorted: 1 }, 2);
  const int32 = tracer.graph.node("Cast", [ids], { to: elementTypeCode.int32 });
  return [tracer.value(values, shape, x.dtype), tracer.value(int32, shape, "int32")];
};

/**
 * Kernels that pick or place by index. Where tfjs's CPU backend refuses an index outside the tensor, a graph
 * counts negative ones from the end and onnxruntime refuses the others when it runs; sums drop both.
 */
export const indexingKernels: Kernels = {
  GatherV2: gather,
  GatherNd: (tracer, { params, indices }) => {
    const components = indices.shape[indices.shape.length - 1];
    const name = tracer.graph.node("GatherND", [
      tracer.name(tracer.dense(params)),
      int64Name(tracer, indices),
    ]);
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(components)];
    return tracer.value(name, shape, params.dtype);
  },
  ScatterNd: (tracer, { indices, updates }, attributes) => {
    const shape = attributes.shape as number[];
    const numbers = tracer.cast(updates, updates.dtype === "bool" ? "int32" : updates.dtype);
    const { ids, count, rows, width } = rowNumbers(tracer, indices, shape);
    const sums = segmentSum(tracer, tracer.reshape(numbers, [count, width]), ids, rows);
    return tracer.reshape(tracer.cast(sums, updates.dtype), shape);
  },
  TensorScatterUpdate: (tracer, { tensor, indices, updates }) =>
    scatterUpdate(tracer, tensor, indices, updates),
  SparseToDense: (tracer, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
    const target = tracer.broadcast(defaultValue, outputShape as number[]);
    return scatterUpdate(tracer, target, sparseIndices, sparseValues);
  },
  UnsortedSegmentSum: (tracer, { x, segmentIds }, { numSegments }) => {
    if (segmentIds.shape.length !== 1)
      tracer.unsupported("UnsortedSegmentSum", "by ids that are not a vector");
    const numbers = tracer.cast(x, x.dtype === "bool" ? "int32" : x.dtype);
    return segmentSum(tracer, numbers, tracer.cast(segmentIds, "int32"), numSegments as number);
  },
  OneHot: oneHot,
  TopK: topK,
};
