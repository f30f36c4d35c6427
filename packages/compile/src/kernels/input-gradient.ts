import { sizeOf } from "../dtype.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, permuted, type Value } from "../value.ts";
import { matrixProduct } from "./matrix-product.ts";
import { onnxPads, outputChannelsFirst, type Window } from "./window.ts";

/** Images of at most this many pixels may be turned around by a matrix product. */
const turnedPixelsLimit = 64;

/**
 * The gradient of a convolution with respect to its input, also tfjs's transposed convolution. With stride 1
 * it is a convolution with the filter turned around and its channels exchanged; else `ConvTranspose`.
 *
 * Turning around is cheapest as a product with the exchange matrix. Where the filter has many channels and
 * the images few pixels, the images are turned instead: a convolution of turned images with a turned filter
 * is the turned convolution.
 */
export function inputGradient(
  tracer: Tracer,
  dy: Value,
  filter: Value,
  window: Window,
  inputShape: readonly number[],
): Value {
  const { kernel, strides, imageOrder, top, left, bottom, right } = window;
  const [rows, columns] = kernel;
  const margins = [rows - 1 - top, columns - 1 - left, rows - 1 - bottom, columns - 1 - right];
  const images = permuted(dy, imageOrder);
  const weights = permuted(filter, outputChannelsFirst);
  const stored = imageOrder.map((axis) => inputShape[axis]);
  const backTo = [0, 1, 2, 3].map((axis) => imageOrder.indexOf(axis));
  if (strides.some((stride) => stride !== 1) || margins.some((margin) => margin < 0)) {
    const name = tracer.graph.node(
      "ConvTranspose",
      [tracer.name(tracer.dense(images)), tracer.name(tracer.dense(weights))],
      {
        kernel_shape: kernel,
        strides,
        pads: onnxPads(window),
        output_padding: [Math.max(-bottom, 0), Math.max(-right, 0)],
      },
    );
    return permuted(tracer.value(name, stored, "float32"), backTo);
  }
  const exchanged = withExchangedChannels(tracer, weights);
  const convolve = (input: Value, turnedFilter: Value, pads: readonly number[]) => {
    const name = tracer.graph.node("Conv", [tracer.name(tracer.dense(input)), tracer.name(turnedFilter)], {
      kernel_shape: kernel,
      pads,
    });
    return tracer.value(name, stored, "float32");
  };
  const pixels = sizeOf(images.shape.slice(2));
  const moved = sizeOf(images.shape) + sizeOf(stored);
  if (pixels <= turnedPixelsLimit && moved * Math.max(pixels / 16, 1) < sizeOf(weights.shape) / 2) {
    const turned = convolve(turnedAround(tracer, images), exchanged, [
      margins[2],
      margins[3],
      margins[0],
      margins[1],
    ]);
    return permuted(turnedAround(tracer, turned), backTo);
  }
  return permuted(convolve(images, turnedAround(tracer, exchanged), margins), backTo);
}

/** O, I, H, W as I, O, H, W. */
function withExchangedChannels(tracer: Tracer, weights: Value): Value {
  const [outputs, inputs, rows, columns] = weights.shape;
  const flat = tracer.reshape(tracer.dense(weights), [outputs, inputs, rows * columns]);
  const squeezed = rows * columns === 1 ? tracer.reshape(flat, [outputs, inputs]) : flat;
  const exchanged = tracer.dense(permuted(squeezed, rows * columns === 1 ? [1, 0] : [1, 0, 2]));
  return tracer.dense(tracer.reshape(exchanged, [inputs, outputs, rows, columns]));
}

/** The last two axes in reverse, written as a matrix product. */
function turnedAround(tracer: Tracer, value: Value): Value {
  const length = sizeOf(value.shape.slice(2));
  if (length === 1) return value;
  const exchange = new Float32Array(length * length);
  for (let i = 0; i < length; i++) exchange[i * length + length - 1 - i] = 1;
  const flat = tracer.reshape(value, [value.shape[0] * value.shape[1], length]);
  const turned = matrixProduct(tracer, flat, constantValue(exchange, [length, length], "float32"));
  return tracer.reshape(turned, value.shape);
}
