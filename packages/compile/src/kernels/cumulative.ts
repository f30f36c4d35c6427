import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { uniformValue, type Value } from "../value.ts";
import { multiply } from "./element-wise.ts";
import { pad, slice } from "./movement.ts";
import { parseAxes } from "./reductions.ts";

/** The value with no repetition along the axis, and bools counted as int32. */
function prepared(tracer: Tracer, x: Value): Value {
  return tracer.exact(tracer.dense(x.dtype === "bool" ? tracer.cast(x, "int32") : x, x.order));
}

/** The elements moved by `distance` towards the end of the axis, or its start, with ones coming in. */
function shifted(tracer: Tracer, x: Value, axis: number, distance: number, reverse: boolean): Value {
  if (distance >= x.shape[axis]) return uniformValue(1, x.shape, x.dtype);
  const begin = x.shape.map((_, at) => (at === axis && reverse ? distance : 0));
  const size = x.shape.map((length, at) => (at === axis ? length - distance : length));
  const kept = slice(tracer, x, begin, size);
  const paddings = x.shape.map((_, at) => (at !== axis ? [0, 0] : reverse ? [0, distance] : [distance, 0]));
  return pad(tracer, kept, paddings, "constant", 1);
}

/** Products of 1, 2, 4, … elements by doubling, which ONNX before opset 26 has no operator for. */
function cumulativeProduct(tracer: Tracer, x: Value, attributes: Attributes): Value {
  const [axis] = parseAxes(attributes.axis ?? 0, x.shape.length);
  const reverse = attributes.reverse === true;
  let products = prepared(tracer, x);
  if (attributes.exclusive === true) products = shifted(tracer, products, axis, 1, reverse);
  for (let distance = 1; distance < x.shape[axis]; distance *= 2) {
    products = multiply(tracer, products, shifted(tracer, products, axis, distance, reverse));
  }
  return products;
}

/** Kernels that accumulate along an axis. */
export const cumulativeKernels: Kernels = {
  Cumsum: (tracer, { x }, { axis, exclusive, reverse }) => {
    const [along] = parseAxes(axis ?? 0, x.shape.length);
    const full = prepared(tracer, x);
    const position = tracer.graph.constant(Int32Array.of(full.order.indexOf(along)), [], "int32");
    const flags = { exclusive: exclusive === true ? 1 : 0, reverse: reverse === true ? 1 : 0 };
    return tracer.follow("CumSum", full, full.dtype, flags, [position]);
  },
  Cumprod: (tracer, { x }, attributes) => cumulativeProduct(tracer, x, attributes),
};
