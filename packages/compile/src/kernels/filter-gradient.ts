import type { Tracer } from "../tracer.ts";
import { permuted, uniformValue, type Value } from "../value.ts";
import { matrixProduct } from "./matrix-product.ts";
import { sliceBy } from "./movement.ts";
import { sum } from "./reductions.ts";
import { readsNothing, type Window, withoutUnreadEnds } from "./window.ts";

/**
 * The gradient of a convolution with respect to its filter: each output channel's gradient image correlated
 * with each input channel's image of its group, summed over the batch. `x` and `dy` are N, C, H, W; the result
 * is O, C / groups, H, W. The forms give that stored order; the choice follows measurements of each on the
 * layers of ResNet-18, ResNet-50, ResNeXt-50 (32 groups) and EfficientNet-B0 (a group per channel):
 *
 * - a 1×1 filter needs matrix products only: {@link byImageProducts} where the filter is smaller than the images
 *   that {@link byPixelProduct} would have to turn;
 * - groups: {@link byImageRows}, on ResNeXt 1.6 to 4.6 times as fast as with the batch in the place of each
 *   group's channels, on EfficientNet up to 1.25 times. With a channel per group, shifted images times `dy`,
 *   summed or as matrix products, took 1.1 to 13 times as long;
 * - few pixels and many channels, or dilated rows: {@link byChannelDepth}, which moves only the gradient images;
 * - else {@link byPixelRows}, whose inner loops copy whole rows of channels, but whose result has to be turned.
 */
export function filterGradient(tracer: Tracer, x: Value, dy: Value, window: Window, groups: number): Value {
  const { batch, outHeight, outWidth, kernel, strides, dilations, top, left } = window;
  if (readsNothing(window)) return uniformValue(0, [dy.shape[1], x.shape[1] / groups, ...kernel], "float32");
  const read = withoutUnreadEnds(tracer, x, window);
  if (groups > 1) return byImageRows(tracer, read, dy, window, groups);
  const unpadded = top === 0 && left === 0 && window.bottom <= 0 && window.right <= 0;
  if (kernel[0] === 1 && kernel[1] === 1 && unpadded) {
    const sampled = [batch, x.shape[1], outHeight, outWidth];
    const pixels = sliceBy(tracer, read, [0, 0, 0, 0], sampled, [1, 1, ...strides]);
    const moved = (x.shape[1] + dy.shape[1]) * outHeight * outWidth;
    return (x.shape[1] * dy.shape[1] < moved ? byImageProducts : byPixelProduct)(tracer, pixels, dy);
  }
  const pixels = batch * outHeight * outWidth;
  const form = pixels * 2 < dy.shape[1] || dilations[1] !== 1 ? byChannelDepth : byPixelRows;
  return form(tracer, read, dy, window);
}

/** A product per image and a sum over the batch: nothing is turned, but there is a filter per image to add up. */
function byImageProducts(tracer: Tracer, x: Value, dy: Value): Value {
  const flat = (images: Value) => {
    const [batch, channels, height, width] = images.shape;
    return tracer.reshape(tracer.dense(images), [batch, channels, height * width]);
  };
  const products = matrixProduct(tracer, flat(dy), permuted(flat(x), [0, 2, 1]));
  return tracer.reshape(sum(tracer, products, [0], false), [dy.shape[1], x.shape[1], 1, 1]);
}

/** One product over all pixels of the batch, for which the channels have to come first. */
function byPixelProduct(tracer: Tracer, x: Value, dy: Value): Value {
  const pixels = (images: Value): Value => {
    const channels = tracer.dense(permuted(images, [1, 0, 2, 3]));
    return tracer.reshape(channels, [
      channels.shape[0],
      channels.shape[1] * channels.shape[2] * channels.shape[3],
    ]);
  };
  const product = matrixProduct(tracer, pixels(dy), permuted(pixels(x), [1, 0]));
  return tracer.reshape(product, [dy.shape[1], x.shape[1], 1, 1]);
}

/**
 * A three-dimensional convolution: the batch takes the place of the channels, the input channels that of the
 * depth, and the gradient images are the kernels. Stride and dilation change places.
 */
function byChannelDepth(tracer: Tracer, x: Value, dy: Value, window: Window): Value {
  const { strides, dilations, outHeight, outWidth, kernel } = window;
  const { graph } = tracer;
  const name = graph.node(
    "Conv",
    [
      tracer.name(tracer.reshape(tracer.dense(x), [1, ...x.shape])),
      graph.node("Reshape", [
        gradientKernels(tracer, dy),
        graph.integers([dy.shape[1], window.batch, 1, outHeight, outWidth]),
      ]),
    ],
    {
      kernel_shape: [1, outHeight, outWidth],
      strides: [1, ...dilations],
      dilations: [1, ...strides],
      pads: [0, window.top, window.left, 0, Math.max(window.bottom, 0), Math.max(window.right, 0)],
    },
  );
  const result = tracer.value(name, [1, dy.shape[1], x.shape[1], ...kernel], "float32");
  return tracer.reshape(result, [dy.shape[1], x.shape[1], ...kernel]);
}

/**
 * A two-dimensional convolution over rows in which each pixel's channels lie side by side: the batch takes the
 * place of the channels, and a step of one pixel is a dilation by the number of channels.
 */
function byPixelRows(tracer: Tracer, x: Value, dy: Value, window: Window): Value {
  const { strides, dilations, kernel, outHeight, outWidth, top, left } = window;
  const rows = tracer.dense(permuted(x, [0, 2, 3, 1]));
  const [batch, inHeight, inWidth, inChannels] = rows.shape;
  const image = tracer.reshape(rows, [1, batch, inHeight, inWidth * inChannels]);
  const right = Math.max(window.right, 0);
  const name = tracer.graph.node("Conv", [tracer.name(image), gradientKernels(tracer, dy)], {
    kernel_shape: [outHeight, outWidth],
    strides: [dilations[0], 1],
    dilations: [strides[0], strides[1] * inChannels],
    pads: [top, left * inChannels, Math.max(window.bottom, 0), right * inChannels],
  });
  const result = tracer.value(name, [1, dy.shape[1], kernel[0], kernel[1] * inChannels], "float32");
  return withChannelsBeforePlaces(tracer, result, dy.shape[1], inChannels, kernel);
}

/**
 * The same with every image of every group on its own, as one group of a convolution, and a sum over the batch
 * afterwards; `dy` is not moved at all, nor is `x` where a group has one channel. Where several channels lie
 * side by side and pixels are skipped, the channels of a group take the place of the batch instead.
 */
function byImageRows(tracer: Tracer, x: Value, dy: Value, window: Window, groups: number): Value {
  const { batch, strides, dilations, kernel, outHeight, outWidth, top, left } = window;
  const [, channels, inHeight, inWidth] = x.shape;
  const outChannels = dy.shape[1];
  const perGroup = channels / groups;
  const skips = perGroup > 1 && dilations[1] !== 1;
  const step = skips ? 1 : perGroup;
  const parts = tracer.reshape(tracer.dense(x), [batch * groups, perGroup, inHeight, inWidth]);
  const image = skips
    ? permuted(parts, [1, 0, 2, 3])
    : tracer.reshape(tracer.dense(permuted(parts, [0, 2, 3, 1])), [
        1,
        batch * groups,
        inHeight,
        inWidth * perGroup,
      ]);
  const kernels = tracer.reshape(tracer.dense(dy), [batch * outChannels, 1, outHeight, outWidth]);
  const name = tracer.graph.node(
    "Conv",
    [tracer.name(tracer.dense(image)), tracer.name(tracer.dense(kernels))],
    {
      kernel_shape: [outHeight, outWidth],
      strides: dilations,
      dilations: [strides[0], strides[1] * step],
      pads: [top, left * step, Math.max(window.bottom, 0), Math.max(window.right, 0) * step],
      group: batch * groups,
    },
  );
  const [rows, columns] = kernel;
  const depth = skips ? perGroup : 1;
  const width = columns * step;
  const byImage = tracer.value(name, [depth, batch * outChannels, rows, width], "float32");
  const summed = sumOverBatch(
    tracer,
    tracer.reshape(byImage, [depth, batch, outChannels * rows * width]),
    batch,
  );
  if (!skips) return withChannelsBeforePlaces(tracer, summed, outChannels, perGroup, kernel);
  return permuted(tracer.reshape(summed, [perGroup, outChannels, rows, columns]), [1, 0, 2, 3]);
}

/** The sum over the middle one of three axes. */
function sumOverBatch(tracer: Tracer, parts: Value, batch: number): Value {
  const [depth, , size] = parts.shape;
  if (batch === 1) return tracer.reshape(parts, [depth, size]);
  const inputs = [tracer.name(tracer.dense(parts)), tracer.graph.integers([1])];
  return tracer.value(tracer.graph.node("ReduceSum", inputs, { keepdims: 0 }), [depth, size], "float32");
}

/** Elements that lie O, H, W, I as O, I, H, W. */
function withChannelsBeforePlaces(
  tracer: Tracer,
  value: Value,
  outChannels: number,
  inChannels: number,
  [rows, columns]: readonly [number, number],
): Value {
  const flat = tracer.reshape(value, [outChannels, rows * columns, inChannels]);
  const turned = tracer.dense(permuted(flat, [0, 2, 1]));
  return tracer.reshape(turned, [outChannels, inChannels, rows, columns]);
}

/** The gradient images of each output channel, all of the batch: O, N, H, W. */
function gradientKernels(tracer: Tracer, dy: Value): string {
  return tracer.name(tracer.dense(permuted(dy, [1, 0, 2, 3])));
}
