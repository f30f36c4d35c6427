import type { Tracer } from "../tracer.ts";
import { permuted, type Value } from "../value.ts";
import { reverse } from "./movement.ts";
import { onnxPads, outputChannelsFirst, type Window } from "./window.ts";

/**
 * The gradient of a convolution with respect to its input, also tfjs's transposed convolution. With stride 1
 * it is a convolution with the filter turned around and its channels exchanged; else `ConvTranspose`.
 */
export function inputGradient(
  tracer: Tracer,
  dy: Value,
  filter: Value,
  window: Window,
  inputShape: readonly number[],
): Value {
  const { kernel, strides, imageOrder } = window;
  const gradient = tracer.name(tracer.dense(dy, imageOrder));
  const [before, after] = [0, 1].map(() => kernel.map((size) => size - 1));
  const margins = [
    before[0] - window.top,
    before[1] - window.left,
    after[0] - window.bottom,
    after[1] - window.right,
  ];
  if (strides.every((stride) => stride === 1) && margins.every((margin) => margin >= 0)) {
    const turned = permuted(reverse(tracer, filter, [0, 1]), [0, 1, 3, 2]);
    const weights = tracer.name(tracer.dense(turned, outputChannelsFirst));
    const name = tracer.graph.node("Conv", [gradient, weights], {
      kernel_shape: kernel,
      strides,
      pads: margins,
    });
    return tracer.value(name, inputShape, "float32", imageOrder);
  }
  const weights = tracer.name(tracer.dense(filter, outputChannelsFirst));
  const name = tracer.graph.node("ConvTranspose", [gradient, weights], {
    kernel_shape: kernel,
    strides,
    pads: onnxPads(window),
    output_padding: [Math.max(-window.bottom, 0), Math.max(-window.right, 0)],
  });
  return tracer.value(name, inputShape, "float32", imageOrder);
}
