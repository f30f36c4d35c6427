import { sizeOf } from "../dtype.ts";
import type { Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, uniformValue, type Value } from "../value.ts";
import { select } from "./element-wise.ts";
import { parseAxes } from "./reductions.ts";

/** Rows of zeros with each row of `x` added where its id points; ids outside `[0, count)` are dropped. */
function segmentSum(tracer: Tracer, x: Value, ids: Value, count: number): Value {
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
  const column = (value: Value) => tracer.reshape(value, [rows, 1]);
  const safe = column(select(tracer, inside, ids, tracer.scalar(0, "int32")));
  const flat = tracer.reshape(x, [rows, width]);
  const updates = select(tracer, column(inside), flat, tracer.scalar(0, x.dtype));
  const { graph } = tracer;
  const spread = tracer.dense(tracer.broadcast(safe, [rows, width]));
  const zeros = tracer.dense(uniformValue(0, [count, width], x.dtype));
  const name = graph.node(
    "ScatterElements",
    [tracer.name(zeros), tracer.name(spread), tracer.name(tracer.dense(updates))],
    { axis: 0, reduction: "add" },
  );
  return tracer.reshape(tracer.value(name, [count, width], x.dtype), [count, ...inner]);
}

/** Kernels that pick or place by index. */
export const indexingKernels: Kernels = {
  GatherV2: (tracer, { x, indices }, { axis, batchDims }) => {
    if (((batchDims as number | undefined) ?? 0) !== 0)
      tracer.unsupported("GatherV2", "with batch dimensions");
    const [along] = parseAxes(axis, x.shape.length);
    const ids = tracer.dense(tracer.cast(indices, "int32"));
    const name = tracer.graph.node("Gather", [tracer.name(tracer.dense(x)), tracer.name(ids)], {
      axis: along,
    });
    return tracer.value(name, x.shape.toSpliced(along, 1, ...indices.shape), x.dtype);
  },
  UnsortedSegmentSum: (tracer, { x, segmentIds }, { numSegments }) =>
    segmentSum(tracer, x, tracer.cast(segmentIds, "int32"), numSegments as number),
  OneHot: (tracer, { indices }, attributes) => {
    const { depth, onValue, offValue, dtype } = attributes as Record<
      "depth" | "onValue" | "offValue",
      number
    > & {
      dtype?: Value["dtype"];
    };
    const type = dtype ?? "int32";
    const classes = constantValue(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
      "int32",
    );
    const column = tracer.reshape(tracer.cast(indices, "int32"), [...indices.shape, 1]);
    const hits = tracer.elementwise("Equal", [column, classes], "bool");
    if (onValue === 1 && offValue === 0) return tracer.cast(hits, type);
    return select(tracer, hits, tracer.scalar(onValue, type), tracer.scalar(offValue, type));
  },
  TopK: (tracer, { x }, { k, sorted }) => {
    const full = tracer.dense(x);
    const shape = [...x.shape.slice(0, -1), k as number];
    const inputs = [tracer.name(full), tracer.graph.integers([k as number])];
    const [values, ids] = tracer.graph.nodes(
      "TopK",
      inputs,
      { axis: -1, largest: 1, sorted: sorted === false ? 0 : 1 },
      2,
    );
    const int32 = tracer.graph.node("Cast", [ids], { to: 6 });
    return [tracer.value(values, shape, x.dtype), tracer.value(int32, shape, "int32")];
  },
};
