import { sizeOf } from "../dtype.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, permuted, uniformValue, type Value } from "../value.ts";
import { matrixProduct } from "./matrix-product.ts";
import { reverse, slice } from "./movement.ts";
import { onnxPads, readsNothing, type Window } from "./window.ts";

/** Images of at most this many pixels may be turned around by a matrix product. */
const turnedPixelsLimit = 64;

/** Filters of at most this many places are turned around by a matrix product. */
const turnedFilterLimit = 256;

/**
 * The gradient of a convolution with respect to its N, C, H, W input, also tfjs's transposed convolution; the
 * weights are O, C / groups, H, W. With stride 1 it is a convolution with the filter turned around and the
 * channels of each group exchanged; else `ConvTranspose`.
 *
 * Turning around is cheapest as a product with the exchange matrix. Where the filter has many channels and
 * the images few pixels, the images are turned instead: a convolution of turned images with a turned filter
 * is the turned convolution.
 *
 * With stride 2, on layers of ResNet-50, ResNeXt-50 and EfficientNet-B0 (batch 8, 2 threads), a convolution per
 * phase of the output, put together by `DepthToSpace`, took 1.2 to 9 times as long as onnxruntime's
 * `ConvTranspose` on dense and grouped layers and 1.1 to 1.5 times on depthwise ones; one convolution for all
 * phases 1.2 to 14 times, on depthwise layers 0.7 to 1.6 times; zeros put between the pixels of `dy` for a
 * depthwise convolution of stride 1, 1.7 times or more.
 */
export function inputGradient(
  tracer: Tracer,
  dy: Value,
  weights: Value,
  window: Window,
  groups: number,
): Value {
  const { kernel, strides, dilations, batch, height, width, top, left, bottom, right } = window;
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]);
  const margins = [reach[0] - top, reach[1] - left, reach[0] - bottom, reach[1] - right];
  const shape = [batch, weights.shape[1] * groups, height, width];
  if (readsNothing(window)) return uniformValue(0, shape, "float32");
  const grouped = groups === 1 ? {} : { group: groups };
  if (strides.some((stride) => stride !== 1) || margins.some((margin) => margin < 0)) {
    // Rows and columns at the end that no window reads; `output_padding` has to stay below the stride.
    const unread = [Math.max(-bottom, 0), Math.max(-right, 0)];
    const fits = unread.every((length, axis) => length < Math.max(strides[axis], dilations[axis]));
    const transpose = (images: Value, filters: Value, group: Readonly<Record<string, number>>) =>
      tracer.graph.node(
        "ConvTranspose",
        [tracer.name(tracer.dense(images)), tracer.name(tracer.dense(filters))],
        {
          kernel_shape: kernel,
          strides,
          dilations,
          pads: onnxPads(window),
          output_padding: fits ? unread : [0, 0],
          ...group,
        },
      );
    const apart = groups > 1 && weights.shape[0] > groups && !tracer.abilities.groupedTransposes;
    const part = (value: Value, axis: number, group: number) => partOf(tracer, value, axis, group, groups);
    const name = apart
      ? tracer.graph.node(
          "Concat",
          Array.from({ length: groups }, (_, i) => transpose(part(dy, 1, i), part(weights, 0, i), {})),
          { axis: 1 },
        )
      : transpose(dy, weights, grouped);
    if (fits) return tracer.value(name, shape, "float32");
    const ends = tracer.graph.integers([0, 0, 0, 0, 0, 0, ...unread]);
    return tracer.value(tracer.graph.node("Pad", [name, ends]), shape, "float32");
  }
  const exchanged = withExchangedChannels(tracer, weights, groups);
  const convolve = (input: Value, turnedFilter: Value, pads: readonly number[]) => {
    const name = tracer.graph.node("Conv", [tracer.name(tracer.dense(input)), tracer.name(turnedFilter)], {
      kernel_shape: kernel,
      dilations,
      pads,
      ...grouped,
    });
    return tracer.value(name, shape, "float32");
  };
  const pixels = sizeOf(dy.shape.slice(2));
  const moved = sizeOf(dy.shape) + sizeOf(shape);
  if (pixels <= turnedPixelsLimit && moved * Math.max(pixels / 16, 1) < sizeOf(weights.shape) / 2) {
    const turned = convolve(turnedAround(tracer, dy), exchanged, [
      margins[2],
      margins[3],
      margins[0],
      margins[1],
    ]);
    return turnedAround(tracer, turned);
  }
  return convolve(dy, tracer.dense(turnedAround(tracer, exchanged)), margins);
}

/** The part of `group` among `groups` equal ones along an axis. */
function partOf(tracer: Tracer, value: Value, axis: number, group: number, groups: number): Value {
  const size = value.shape.map((length, at) => (at === axis ? length / groups : length));
  const begin = size.map((length, at) => (at === axis ? group * length : 0));
  return slice(tracer, value, begin, size);
}

/** O, C / groups, H, W weights as those of the convolution backwards: C, O / groups, H, W. */
function withExchangedChannels(tracer: Tracer, weights: Value, groups: number): Value {
  const [all, inputs, rows, columns] = weights.shape;
  const outputs = all / groups;
  const places = rows * columns;
  const parts = tracer.reshape(
    tracer.dense(weights),
    [groups, outputs, inputs, places].filter((length, axis) => axis === 1 || axis === 2 || length !== 1),
  );
  const perm = parts.shape.map((_, axis) => axis);
  const first = groups === 1 ? 0 : 1;
  [perm[first], perm[first + 1]] = [first + 1, first];
  const exchanged = tracer.dense(permuted(parts, perm));
  return tracer.dense(tracer.reshape(exchanged, [inputs * groups, outputs, rows, columns]));
}

/** The last two axes in reverse, written as a matrix product. */
function turnedAround(tracer: Tracer, value: Value): Value {
  const length = sizeOf(value.shape.slice(2));
  if (length === 1) return value;
  if (length > turnedFilterLimit) return reverse(tracer, value, [2, 3]);
  const exchange = new Float32Array(length * length);
  for (let i = 0; i < length; i++) exchange[i * length + length - 1 - i] = 1;
  const flat = tracer.reshape(value, [value.shape[0] * value.shape[1], length]);
  const turned = matrixProduct(tracer, flat, constantValue(exchange, [length, length], "float32"));
  return tracer.reshape(turned, value.shape);
}
