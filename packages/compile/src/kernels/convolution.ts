import type { Attributes, Inputs, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import type { Value } from "../value.ts";
import { activate, add } from "./element-wise.ts";
import { filterGradient } from "./filter-gradient.ts";
import { inputGradient } from "./input-gradient.ts";
import { convolutionWindow, onnxPads, outputChannelsFirst } from "./window.ts";

/** A forward convolution. */
export function convolve(tracer: Tracer, x: Value, filter: Value, attributes: Attributes): Value {
  const window = convolutionWindow(x.shape, filter.shape, attributes);
  const { strides, dilations, imageOrder } = window;
  const inputs = [
    tracer.name(tracer.dense(x, imageOrder)),
    tracer.name(tracer.dense(filter, outputChannelsFirst)),
  ];
  const name = tracer.graph.node("Conv", inputs, {
    kernel_shape: window.kernel,
    strides,
    dilations,
    pads: onnxPads(window),
  });
  return tracer.value(name, window.outShape, "float32", imageOrder);
}

function depthwise(tracer: Tracer, x: Value, filter: Value, attributes: Attributes): Value {
  const window = convolutionWindow(x.shape, filter.shape, attributes, true);
  const [height, width, channels, multiplier] = filter.shape;
  const stored = tracer.name(tracer.dense(filter, [2, 3, 0, 1]));
  const weights = tracer.graph.node("Reshape", [
    stored,
    tracer.graph.integers([channels * multiplier, 1, height, width]),
  ]);
  const name = tracer.graph.node("Conv", [tracer.name(tracer.dense(x, window.imageOrder)), weights], {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: onnxPads(window),
    group: channels,
  });
  return tracer.value(name, window.outShape, "float32", window.imageOrder);
}

function fused(
  convolution: typeof convolve,
  tracer: Tracer,
  { x, filter, bias, preluActivationWeights }: Inputs,
  attributes: Attributes,
): Value {
  const result = convolution(tracer, x, filter, attributes);
  return activate(
    tracer,
    bias === undefined ? result : add(tracer, result, bias),
    attributes,
    preluActivationWeights,
  );
}

/** Convolutions and their gradients. */
export const convolutionKernels: Kernels = {
  Conv2D: (tracer, { x, filter }, attributes) => convolve(tracer, x, filter, attributes),
  FusedConv2D: (tracer, inputs, attributes) => fused(convolve, tracer, inputs, attributes),
  DepthwiseConv2dNative: (tracer, { x, filter }, attributes) => depthwise(tracer, x, filter, attributes),
  FusedDepthwiseConv2D: (tracer, inputs, attributes) => fused(depthwise, tracer, inputs, attributes),
  Conv2DBackpropInput: (tracer, { dy, filter }, attributes) =>
    inputGradient(
      tracer,
      dy,
      filter,
      convolutionWindow(attributes.inputShape as number[], filter.shape, attributes),
      attributes.inputShape as number[],
    ),
  Conv2DBackpropFilter: (tracer, { x, dy }, attributes) => {
    const filterShape = attributes.filterShape as number[];
    return filterGradient(tracer, x, dy, convolutionWindow(x.shape, filterShape, attributes), filterShape);
  },
};
