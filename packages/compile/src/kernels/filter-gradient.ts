import type { Tracer } from "../tracer.ts";
import { permuted, type Value } from "../value.ts";
import { slice } from "./movement.ts";
import { outputChannelsFirst, type Window } from "./window.ts";

/**
 * The gradient of a convolution with respect to its filter: each output channel's gradient image correlated
 * with each input channel's image, summed over the batch.
 *
 * Written as one three-dimensional convolution: the batch takes the place of the channels, the input channels
 * that of the depth, and the gradient images are the kernels. Nothing but the gradient is transposed, and the
 * result is stored as the filter is.
 */
export function filterGradient(
  tracer: Tracer,
  x: Value,
  dy: Value,
  window: Window,
  filterShape: readonly number[],
): Value {
  const { batch, height, width, outHeight, outWidth, strides, dilations, imageOrder } = window;
  const [kernelHeight, kernelWidth, inChannels, outChannels] = filterShape;
  // With a stride, rows and columns at the end may be read by no window.
  const [unreadRows, unreadColumns] = [window.bottom, window.right].map((end) => Math.max(-end, 0));
  const [, , rowAxis, columnAxis] = imageOrder;
  const size = x.shape.map((d, axis) =>
    axis === rowAxis ? d - unreadRows : axis === columnAxis ? d - unreadColumns : d,
  );
  const read = slice(
    tracer,
    x,
    x.shape.map(() => 0),
    size,
  );
  const { graph } = tracer;
  const images = graph.node("Reshape", [
    tracer.name(tracer.dense(read, imageOrder)),
    graph.integers([1, batch, inChannels, height - unreadRows, width - unreadColumns]),
  ]);
  const exchanged = permuted(tracer.dense(dy, imageOrder), imageOrder);
  const kernels = graph.node("Reshape", [
    tracer.name(tracer.dense(exchanged, [1, 0, 2, 3])),
    graph.integers([outChannels, batch, 1, outHeight, outWidth]),
  ]);
  const name = graph.node("Conv", [images, kernels], {
    kernel_shape: [1, outHeight, outWidth],
    strides: [1, ...dilations],
    dilations: [1, ...strides],
    pads: [0, window.top, window.left, 0, Math.max(window.bottom, 0), Math.max(window.right, 0)],
  });
  const flat = graph.node("Reshape", [
    name,
    graph.integers([outChannels, inChannels, kernelHeight, kernelWidth]),
  ]);
  return tracer.value(flat, filterShape, "float32", outputChannelsFirst);
}
