import { elementTypeCode } from "../graph.ts";
import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, uniformValue, type Value } from "../value.ts";
import { multiply } from "./element-wise.ts";
import { maximumGradient, windowAttributes } from "./maximum-gradient.ts";
import { channelsFirst, poolingWindow, type Window } from "./window.ts";

/** The geometry of a pooling window each of whose places holds some of the image. */
function windowOf(tracer: Tracer, op: string, x: Value, attributes: Attributes): Window {
  const window = poolingWindow(x.shape, attributes);
  const [rows, columns] = window.kernel;
  const { top, left, bottom, right } = window;
  if (Math.max(top, bottom) >= rows || Math.max(left, right) >= columns) {
    tracer.unsupported(op, "with padding that fills a whole window");
  }
  return window;
}

/** For each place of a window's output, one over the number of image elements that it averages. */
function shares(window: Window): Value {
  const { height, width, outHeight, outWidth, kernel, strides, top, left } = window;
  const seen = (length: number, outputs: number, size: number, stride: number, before: number) =>
    Array.from({ length: outputs }, (_, i) => {
      const start = i * stride - before;
      return Math.min(start + size, length) - Math.max(start, 0);
    });
  const rows = seen(height, outHeight, kernel[0], strides[0], top);
  const columns = seen(width, outWidth, kernel[1], strides[1], left);
  const data = Float32Array.from(rows.flatMap((row) => columns.map((column) => 1 / (row * column))));
  return constantValue(data, [1, outHeight, outWidth, 1], "float32");
}

/** Spreads each output's gradient evenly over the image elements of its window. */
function averageGradient(tracer: Tracer, dy: Value, x: Value, attributes: Attributes): Value {
  const window = poolingWindow(x.shape, attributes);
  const [batch, height, width, channels] = x.shape;
  const { graph } = tracer;
  const share = shares(window);
  const even = share.data?.length === 1 ? share.data[0] : 1;
  const parts = even === 1 ? multiply(tracer, dy, share) : dy;
  const images = graph.node("Reshape", [
    tracer.name(tracer.dense(parts, channelsFirst)),
    graph.integers([batch * channels, 1, window.outHeight, window.outWidth]),
  ]);
  const spread = uniformValue(even, [1, 1, ...window.kernel], "float32");
  const name = graph.node("ConvTranspose", [images, tracer.name(tracer.dense(spread))], {
    ...windowAttributes(window),
    output_padding: [Math.max(-window.bottom, 0), Math.max(-window.right, 0)],
  });
  const stored = graph.node("Reshape", [name, graph.integers([batch, channels, height, width])]);
  return tracer.value(stored, x.shape, "float32", channelsFirst);
}

/** Where in an image, or in the batch, each maximum was, counted as tfjs stores images: channels last. */
function places(tracer: Tracer, indices: string, x: Value, window: Window, wholeBatch: boolean): Value {
  const [batch, height, width, channels] = x.shape;
  const { graph } = tracer;
  const int32 = graph.node("Cast", [indices], { to: elementTypeCode.int32 });
  const counted = tracer.value(int32, window.outShape, "int32", channelsFirst);
  const scalar = (value: number) => tracer.scalar(value, "int32");
  const ramp = (length: number, step: number, shape: readonly number[]) =>
    constantValue(
      Int32Array.from({ length }, (_, i) => i * step),
      shape,
      "int32",
    );
  const pixel = tracer.elementwise("Mod", [counted, scalar(height * width)], "int32");
  const scaled = tracer.elementwise("Mul", [pixel, scalar(channels)], "int32");
  const inImage = tracer.elementwise("Add", [scaled, ramp(channels, 1, [1, 1, 1, channels])], "int32");
  if (!wholeBatch || batch === 1) return inImage;
  const images = ramp(batch, height * width * channels, [batch, 1, 1, 1]);
  return tracer.elementwise("Add", [inImage, images], "int32");
}

/** Pooling and its gradients. */
export const poolingKernels: Kernels = {
  MaxPool: (tracer, { x }, attributes) => {
    const window = windowOf(tracer, "MaxPool", x, attributes);
    const floats = tracer.cast(x, "float32");
    const input = tracer.name(tracer.dense(floats, channelsFirst));
    const [name] = tracer.graph.nodes("MaxPool", [input], windowAttributes(window), 2);
    return tracer.cast(tracer.value(name, window.outShape, "float32", channelsFirst), x.dtype);
  },
  MaxPoolGrad: (tracer, { dy, input }, attributes) =>
    maximumGradient(tracer, dy, input, windowOf(tracer, "MaxPoolGrad", input, attributes)),
  MaxPoolWithArgmax: (tracer, { x }, attributes) => {
    const window = windowOf(tracer, "MaxPoolWithArgmax", x, attributes);
    const floats = tracer.cast(x, "float32");
    const input = tracer.name(tracer.dense(floats, channelsFirst));
    const [name, indices] = tracer.graph.nodes("MaxPool", [input], windowAttributes(window), 2);
    const maxima = tracer.value(name, window.outShape, "float32", channelsFirst);
    const wholeBatch = attributes.includeBatchInIndex === true;
    return [tracer.cast(maxima, x.dtype), places(tracer, indices, x, window, wholeBatch)];
  },
  AvgPool: (tracer, { x }, attributes) => {
    const window = windowOf(tracer, "AvgPool", x, attributes);
    const input = tracer.name(tracer.dense(tracer.cast(x, "float32"), channelsFirst));
    const name = tracer.graph.node("AveragePool", [input], {
      ...windowAttributes(window),
      count_include_pad: 0,
    });
    return tracer.value(name, window.outShape, "float32", channelsFirst);
  },
  AvgPoolGrad: (tracer, { dy, input }, attributes) => averageGradient(tracer, dy, input, attributes),
};
