import { sizeOf } from "../dtype.ts";
import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { uniformValue, type Value } from "../value.ts";
import { channelsFirst, onnxPads, poolingWindow, type Window } from "./window.ts";

const shapeOf = (window: Window) => ({
  kernel_shape: window.kernel,
  strides: window.strides,
  pads: onnxPads(window),
});

/** The maxima of windows, and where in the whole stored input each one was. */
function maximum(tracer: Tracer, x: Value, attributes: Attributes): { maxima: Value; places: string } {
  const window = poolingWindow(x.shape, attributes);
  const input = tracer.name(tracer.dense(x, channelsFirst));
  const [name, places] = tracer.graph.nodes("MaxPool", [input], shapeOf(window), 2);
  return { maxima: tracer.value(name, window.outShape, "float32", channelsFirst), places };
}

/** Adds each output's gradient to the place its maximum came from. */
function maximumGradient(tracer: Tracer, dy: Value, x: Value, attributes: Attributes): Value {
  const { maxima, places } = maximum(tracer, x, attributes);
  const { graph } = tracer;
  const count = sizeOf(maxima.shape);
  const flat = (name: string) => graph.node("Reshape", [name, graph.integers([count])]);
  const zeros = tracer.name(tracer.dense(uniformValue(0, [sizeOf(x.shape)], "float32")));
  const sums = graph.node(
    "ScatterElements",
    [zeros, flat(places), flat(tracer.name(tracer.dense(dy, channelsFirst)))],
    { axis: 0, reduction: "add" },
  );
  const stored = channelsFirst.map((axis) => x.shape[axis]);
  return tracer.value(
    graph.node("Reshape", [sums, graph.integers(stored)]),
    x.shape,
    "float32",
    channelsFirst,
  );
}

/** Spreads each output's gradient evenly over its window; as in tfjs, padding counts as part of it. */
function averageGradient(tracer: Tracer, dy: Value, x: Value, attributes: Attributes): Value {
  const window = poolingWindow(x.shape, attributes);
  const [batch, height, width, channels] = x.shape;
  const { graph } = tracer;
  const [rows, columns] = window.kernel;
  const images = graph.node("Reshape", [
    tracer.name(tracer.dense(dy, channelsFirst)),
    graph.integers([batch * channels, 1, window.outHeight, window.outWidth]),
  ]);
  const share = uniformValue(1 / (rows * columns), [1, 1, rows, columns], "float32");
  const name = graph.node("ConvTranspose", [images, tracer.name(tracer.dense(share))], {
    ...shapeOf(window),
    output_padding: [Math.max(-window.bottom, 0), Math.max(-window.right, 0)],
  });
  const stored = graph.node("Reshape", [name, graph.integers([batch, channels, height, width])]);
  return tracer.value(stored, x.shape, "float32", channelsFirst);
}

/** Pooling and its gradients. */
export const poolingKernels: Kernels = {
  MaxPool: (tracer, { x }, attributes) => maximum(tracer, x, attributes).maxima,
  MaxPoolGrad: (tracer, { dy, input }, attributes) => maximumGradient(tracer, dy, input, attributes),
  AvgPool: (tracer, { x }, attributes) => {
    const window = poolingWindow(x.shape, attributes);
    const input = tracer.name(tracer.dense(x, channelsFirst));
    const name = tracer.graph.node("AveragePool", [input], { ...shapeOf(window), count_include_pad: 0 });
    return tracer.value(name, window.outShape, "float32", channelsFirst);
  },
  AvgPoolGrad: (tracer, { dy, input }, attributes) => averageGradient(tracer, dy, input, attributes),
};
