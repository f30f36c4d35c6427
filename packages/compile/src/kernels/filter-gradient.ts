import type { Tracer } from "../tracer.ts";
import { permuted, type Value } from "../value.ts";
import { matrixProduct } from "./matrix-product.ts";
import { slice } from "./movement.ts";
import { outputChannelsFirst, type Window } from "./window.ts";

/**
 * The gradient of a convolution with respect to its filter: each output channel's gradient image correlated
 * with each input channel's image, summed over the batch. It has three forms, all of which give the filter's
 * stored order; the choice follows measurements of each on the layers of ResNet-18 and ResNet-50:
 *
 * - a 1×1 filter needs one matrix product over all pixels of the batch;
 * - few pixels and many channels: {@link byChannelDepth}, which moves only the gradient images;
 * - else {@link byPixelRows}, whose inner loops copy whole rows of channels, but whose result has to be turned.
 */
export function filterGradient(
  tracer: Tracer,
  x: Value,
  dy: Value,
  window: Window,
  filterShape: readonly number[],
): Value {
  const { batch, outHeight, outWidth, kernel, strides, top, left } = window;
  const read = withoutUnreadEnds(tracer, x, window);
  if (
    kernel[0] === 1 &&
    kernel[1] === 1 &&
    top === 0 &&
    left === 0 &&
    window.bottom <= 0 &&
    window.right <= 0
  ) {
    const every = read.shape.map((_, axis) => strides[window.imageOrder.indexOf(axis) - 2] ?? 1);
    const sampled = slice(
      tracer,
      read,
      read.shape.map(() => 0),
      read.shape,
      every,
    );
    return byPixelProduct(tracer, sampled, dy, window, filterShape);
  }
  const pixels = batch * outHeight * outWidth;
  const form = pixels * 2 < filterShape[3] ? byChannelDepth : byPixelRows;
  return form(tracer, read, dy, window, filterShape);
}

/** With a stride, rows and columns at the end may be read by no window; they are cut off. */
function withoutUnreadEnds(tracer: Tracer, x: Value, { bottom, right, imageOrder }: Window): Value {
  const size = [...x.shape];
  size[imageOrder[2]] += Math.min(bottom, 0);
  size[imageOrder[3]] += Math.min(right, 0);
  return slice(
    tracer,
    x,
    size.map(() => 0),
    size,
  );
}

/** The value seen as N, C, H, W. */
function asImages(value: Value, window: Window): Value {
  return permuted(value, window.imageOrder);
}

function byPixelProduct(
  tracer: Tracer,
  x: Value,
  dy: Value,
  window: Window,
  filterShape: readonly number[],
): Value {
  const pixels = (value: Value): Value => {
    const channels = tracer.dense(permuted(asImages(value, window), [1, 0, 2, 3]));
    return tracer.reshape(channels, [
      channels.shape[0],
      channels.shape[1] * channels.shape[2] * channels.shape[3],
    ]);
  };
  const product = matrixProduct(tracer, pixels(dy), permuted(pixels(x), [1, 0]));
  return tracer.reshape(permuted(product, [1, 0]), filterShape);
}

/**
 * A three-dimensional convolution: the batch takes the place of the channels, the input channels that of the
 * depth, and the gradient images are the kernels.
 */
function byChannelDepth(
  tracer: Tracer,
  x: Value,
  dy: Value,
  window: Window,
  filterShape: readonly number[],
): Value {
  const { strides, imageOrder, outHeight, outWidth } = window;
  const { graph } = tracer;
  const images = tracer.dense(x, imageOrder);
  const name = graph.node(
    "Conv",
    [
      graph.node("Reshape", [tracer.name(images), graph.integers([1, ...images.stored])]),
      graph.node("Reshape", [
        gradientKernels(tracer, dy, window),
        graph.integers([filterShape[3], window.batch, 1, outHeight, outWidth]),
      ]),
    ],
    {
      kernel_shape: [1, outHeight, outWidth],
      dilations: [1, ...strides],
      pads: [0, window.top, window.left, 0, Math.max(window.bottom, 0), Math.max(window.right, 0)],
    },
  );
  const stored = outputChannelsFirst.map((axis) => filterShape[axis]);
  return tracer.value(
    graph.node("Reshape", [name, graph.integers(stored)]),
    filterShape,
    "float32",
    outputChannelsFirst,
  );
}

/**
 * A two-dimensional convolution over rows in which each pixel's channels lie side by side: the batch takes the
 * place of the channels, and a step of one pixel is a dilation by the number of channels.
 */
function byPixelRows(
  tracer: Tracer,
  x: Value,
  dy: Value,
  window: Window,
  filterShape: readonly number[],
): Value {
  const { strides, outHeight, outWidth, top, left } = window;
  const [height, width, inChannels, outChannels] = filterShape;
  const { graph } = tracer;
  const rows = tracer.dense(permuted(asImages(x, window), [0, 2, 3, 1]));
  const [batch, inHeight, inWidth] = rows.shape;
  const image = graph.node("Reshape", [
    tracer.name(rows),
    graph.integers([1, batch, inHeight, inWidth * inChannels]),
  ]);
  const right = Math.max(window.right, 0);
  const name = graph.node("Conv", [image, gradientKernels(tracer, dy, window)], {
    kernel_shape: [outHeight, outWidth],
    dilations: [strides[0], strides[1] * inChannels],
    pads: [top, left * inChannels, Math.max(window.bottom, 0), right * inChannels],
  });
  const shape = [outChannels, height * width, inChannels];
  const flat = graph.node("Reshape", [name, graph.integers(shape)]);
  const turned = tracer.dense(permuted(tracer.value(flat, shape, "float32"), [0, 2, 1]));
  return permuted(tracer.reshape(turned, [outChannels, inChannels, height, width]), [2, 3, 1, 0]);
}

/** The gradient images of each output channel, all of the batch: O, N, H, W. */
function gradientKernels(tracer: Tracer, dy: Value, window: Window): string {
  return tracer.name(tracer.dense(permuted(asImages(dy, window), [1, 0, 2, 3])));
}
