import { sizeOf } from "../dtype.ts";
import type { Attribute } from "../graph.ts";
import type { Tracer } from "../tracer.ts";
import { uniformValue, type Value } from "../value.ts";
import { channelsFirst, onnxPads, type Window } from "./window.ts";

/** The attributes of an ONNX node that slides a window. */
export function windowAttributes(window: Window): Readonly<Record<string, Attribute>> {
  return { kernel_shape: window.kernel, strides: window.strides, pads: onnxPads(window) };
}

/**
 * The gradient of max pooling: each output's gradient goes to the place its maximum came from, the first one
 * where several are equal. Two forms give the same: {@link byIndices}, the faster on a processor, and
 * {@link byComparison}, for providers whose `MaxPool` cannot tell where a maximum was.
 */
export function maximumGradient(tracer: Tracer, dy: Value, x: Value, window: Window): Value {
  return (tracer.abilities.poolingIndices ? byIndices : byComparison)(tracer, dy, x, window);
}

/** Adds each output's gradient to its place in the whole stored input, which ONNX's `MaxPool` tells. */
export function byIndices(tracer: Tracer, dy: Value, x: Value, window: Window): Value {
  const { graph } = tracer;
  const input = tracer.name(tracer.dense(x, channelsFirst));
  const [, places] = graph.nodes("MaxPool", [input], windowAttributes(window), 2);
  const count = sizeOf(window.outShape);
  const flat = (name: string) => graph.node("Reshape", [name, graph.integers([count])]);
  const zeros = tracer.name(tracer.dense(uniformValue(0, [sizeOf(x.shape)], "float32")));
  const sums = graph.node(
    "ScatterElements",
    [zeros, flat(places), flat(tracer.name(tracer.dense(dy, channelsFirst)))],
    { axis: 0, reduction: "add" },
  );
  const stored = channelsFirst.map((axis) => x.shape[axis]);
  const images = graph.node("Reshape", [sums, graph.integers(stored)]);
  return tracer.value(images, x.shape, "float32", channelsFirst);
}

/**
 * Lays the elements of every window side by side, marks in each window the first that equals the maximum, and
 * puts the marked gradients back by a transposed convolution whose filters hold a single one.
 */
export function byComparison(tracer: Tracer, dy: Value, x: Value, window: Window): Value {
  const { graph } = tracer;
  const { batch, height, width, outHeight, outWidth, kernel, strides, top, left } = window;
  const [rows, columns] = kernel;
  const size = rows * columns;
  const count = batch * x.shape[3];
  const image = (value: Value, dims: readonly number[]) =>
    graph.node("Reshape", [tracer.name(tracer.dense(value, channelsFirst)), graph.integers(dims)]);
  const pads = [0, 0, top, left, 0, 0, Math.max(window.bottom, 0), Math.max(window.right, 0)];
  const lowest = tracer.name(tracer.scalar(Number.NEGATIVE_INFINITY));
  const plain = image(x, [count, 1, height, width]);
  const padded = pads.some((amount) => amount !== 0)
    ? graph.node("Pad", [plain, graph.integers(pads), lowest])
    : plain;
  const reach = (outputs: number, stride: number) => (outputs - 1) * stride + 1;
  const shifted = Array.from({ length: size }, (_, place) => {
    const begin = [Math.floor(place / columns), place % columns];
    const end = [begin[0] + reach(outHeight, strides[0]), begin[1] + reach(outWidth, strides[1])];
    const ranges = [begin, end, [2, 3], strides].map((list) => graph.integers(list));
    return graph.node("Slice", [padded, ...ranges]);
  });
  const elements = graph.node("Concat", shifted, { axis: 1 });
  const axis = graph.integers([1]);
  const maxima = graph.node("Reshape", [
    graph.nodes("MaxPool", [tracer.name(tracer.dense(x, channelsFirst))], windowAttributes(window), 2)[0],
    graph.integers([count, 1, outHeight, outWidth]),
  ]);
  const ranks = graph.constant(
    Float32Array.from({ length: size }, (_, place) => size - place),
    [1, size, 1, 1],
    "float32",
  );
  const zero = tracer.name(tracer.scalar(0));
  const ranked = graph.node("Where", [graph.node("Equal", [elements, maxima]), ranks, zero]);
  const first = graph.node("Equal", [ranked, graph.node("ReduceMax", [ranked, axis], { keepdims: 1 })]);
  const parts = graph.node("Where", [first, image(dy, [count, 1, outHeight, outWidth]), zero]);
  const single = new Float32Array(size * size);
  for (let place = 0; place < size; place++) single[place * (size + 1)] = 1;
  const filters = graph.constant(single, [size, 1, rows, columns], "float32");
  const placed = graph.node("ConvTranspose", [parts, filters], {
    ...windowAttributes(window),
    output_padding: [Math.max(-window.bottom, 0), Math.max(-window.right, 0)],
  });
  const stored = channelsFirst.map((at) => x.shape[at]);
  return tracer.value(
    graph.node("Reshape", [placed, graph.integers(stored)]),
    x.shape,
    "float32",
    channelsFirst,
  );
}
