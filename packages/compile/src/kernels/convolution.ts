import type { Attributes, Inputs, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { permuted, uniformValue, type Value } from "../value.ts";
import { activate, add } from "./element-wise.ts";
import { filterGradient } from "./filter-gradient.ts";
import { noteConvolution } from "./grouped-convolution.ts";
import { inputGradient } from "./input-gradient.ts";
import {
  asImages,
  convolutionWindow,
  fromImages,
  onnxPads,
  outputChannelsFirst,
  readsNothing,
  type Window,
  withoutUnreadEnds,
} from "./window.ts";

/** O, I, H, W weights as the H, W, I, O filters of tfjs. */
const filterFromWeights: readonly number[] = [2, 3, 1, 0];

/** A forward convolution of N, C, H, W images with O, C / groups, H, W weights. */
export function convolve(
  tracer: Tracer,
  images: Value,
  weights: Value,
  window: Window,
  groups: number,
): Value {
  const { strides, bottom, right } = window;
  const shape = [window.batch, weights.shape[0], window.outHeight, window.outWidth];
  if (readsNothing(window)) return uniformValue(0, shape, "float32");
  // tfjs derives the width of the result from the height of the window where `pad` is a number: whole windows
  // may be left out at the end.
  const read =
    bottom > -strides[0] && right > -strides[1] ? images : withoutUnreadEnds(tracer, images, window);
  const inputs = [tracer.name(tracer.dense(read)), tracer.name(tracer.dense(weights))];
  const name = tracer.graph.node("Conv", inputs, {
    kernel_shape: window.kernel,
    strides,
    dilations: window.dilations,
    pads: onnxPads(window),
    ...(groups === 1 ? {} : { group: groups }),
  });
  return tracer.value(name, shape, "float32");
}

/** How tfjs's dense convolution kernels are written; their filters are H, W, I, O. */
function dense(tracer: Tracer, { x, filter }: Inputs, attributes: Attributes): Value {
  const window = convolutionWindow(x.shape, filter.shape, attributes);
  const channels = window.imageOrder[1];
  const whole = (to: Tracer, [images, filters]: readonly Value[], groups: number) =>
    fromImages(
      convolve(to, asImages(images, window), permuted(filters, outputChannelsFirst), window, groups),
      window,
    );
  return noteConvolution(whole(tracer, [x, filter], 1), {
    kind: kindOf("Conv2D", attributes, x, filter),
    operands: [
      { value: x, axis: channels },
      { value: filter, axis: 3 },
    ],
    axis: channels,
    whole,
  });
}

function denseInputGradient(tracer: Tracer, { dy, filter }: Inputs, attributes: Attributes): Value {
  const inputShape = attributes.inputShape as number[];
  const window = convolutionWindow(inputShape, filter.shape, attributes);
  requireOutput(tracer, "Conv2DBackpropInput", dy, inputShape, window);
  const channels = window.imageOrder[1];
  const whole = (to: Tracer, [gradient, filters]: readonly Value[], groups: number) =>
    fromImages(
      inputGradient(
        to,
        asImages(to.cast(gradient, "float32"), window),
        permuted(to.cast(filters, "float32"), outputChannelsFirst),
        window,
        groups,
      ),
      window,
    );
  return noteConvolution(whole(tracer, [dy, filter], 1), {
    kind: kindOf("Conv2DBackpropInput", attributes, dy, filter),
    operands: [
      { value: dy, axis: channels },
      { value: filter, axis: 3 },
    ],
    axis: channels,
    whole,
  });
}

function denseFilterGradient(tracer: Tracer, { x, dy }: Inputs, attributes: Attributes): Value {
  const window = convolutionWindow(x.shape, attributes.filterShape as number[], attributes);
  const channels = window.imageOrder[1];
  const whole = (to: Tracer, [images, gradient]: readonly Value[], groups: number) =>
    permuted(
      filterGradient(to, asImages(images, window), asImages(gradient, window), window, groups),
      filterFromWeights,
    );
  return noteConvolution(whole(tracer, [x, dy], 1), {
    kind: kindOf("Conv2DBackpropFilter", attributes, x, dy),
    operands: [
      { value: x, axis: channels },
      { value: dy, axis: channels },
    ],
    axis: 3,
    whole,
  });
}

/** A depthwise H, W, C, multiplier filter as weights of a convolution with one group per channel. */
function depthwiseWeights(tracer: Tracer, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape;
  return tracer.reshape(permuted(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

function depthwise(tracer: Tracer, { x, filter }: Inputs, attributes: Attributes): Value {
  const window = convolutionWindow(x.shape, filter.shape, attributes, true);
  const weights = depthwiseWeights(tracer, filter);
  return fromImages(convolve(tracer, asImages(x, window), weights, window, filter.shape[2]), window);
}

function depthwiseInputGradient(tracer: Tracer, { dy, filter }: Inputs, attributes: Attributes): Value {
  const window = convolutionWindow(attributes.inputShape as number[], filter.shape, attributes, true);
  const weights = depthwiseWeights(tracer, filter);
  return fromImages(inputGradient(tracer, asImages(dy, window), weights, window, filter.shape[2]), window);
}

function depthwiseFilterGradient(tracer: Tracer, { x, dy }: Inputs, attributes: Attributes): Value {
  const filterShape = attributes.filterShape as number[];
  const [height, width, channels, multiplier] = filterShape;
  const window = convolutionWindow(x.shape, filterShape, attributes, true);
  const weights = filterGradient(tracer, asImages(x, window), asImages(dy, window), window, channels);
  return permuted(tracer.reshape(weights, [channels, multiplier, height, width]), [2, 3, 0, 1]);
}

function fused(convolution: typeof dense, tracer: Tracer, inputs: Inputs, attributes: Attributes): Value {
  const { bias, preluActivationWeights } = inputs;
  const result = convolution(tracer, inputs, attributes);
  const activation = (attributes.activation as string | undefined) ?? "linear";
  if (bias === undefined && activation === "linear") return result;
  // Of one-dimensional operands tfjs means the channels, also where they are not the last axis.
  const perChannel = (value: Value | undefined): Value | undefined =>
    attributes.dataFormat === "NCHW" && value?.shape.length === 1
      ? tracer.reshape(value, [value.shape[0], 1, 1])
      : value;
  const shifted = bias === undefined ? result : add(tracer, result, perChannel(bias) as Value);
  return activate(tracer, shifted, attributes, perChannel(preluActivationWeights) as Value);
}

function kindOf(kernel: string, attributes: Attributes, ...operands: readonly Value[]): string {
  return JSON.stringify([kernel, attributes, ...operands.map(({ shape }) => shape)]);
}

/** A transposed convolution's shapes come from the user; tfjs checks only their channels. */
function requireOutput(
  tracer: Tracer,
  kernel: string,
  dy: Value,
  inputShape: readonly number[],
  window: Window,
): void {
  const [batch, , height, width] = asImages(dy, window).shape;
  if (batch === window.batch && height === window.outHeight && width === window.outWidth) return;
  tracer.unsupported(
    kernel,
    `from [${dy.shape.join(", ")}] to [${inputShape.join(", ")}]: a convolution of that shape gives [${window.outShape.join(", ")}]`,
  );
}

/** Convolutions and their gradients. */
export const convolutionKernels: Kernels = {
  Conv2D: dense,
  FusedConv2D: (tracer, inputs, attributes) => fused(dense, tracer, inputs, attributes),
  Conv2DBackpropInput: denseInputGradient,
  Conv2DBackpropFilter: denseFilterGradient,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: (tracer, inputs, attributes) => fused(depthwise, tracer, inputs, attributes),
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};
