// tfjs-node takes only "same" and "valid" for most of what convolutions and poolings need, gradients above all.
// This brings every other padding back to "valid", so that functions written for any tfjs backend run there too.

/** The kernels whose `pad` is made "valid": the input that is padded, or the input gradient that is cropped. */
const convolutions = {
  Conv2D: { padded: "x" },
  FusedConv2D: { padded: "x" },
  Conv2DBackpropInput: { cropped: true },
  Conv2DBackpropFilter: { padded: "x" },
  DepthwiseConv2dNative: { padded: "x", depthwise: true },
  FusedDepthwiseConv2D: { padded: "x", depthwise: true },
  DepthwiseConv2dNativeBackpropInput: { cropped: true, depthwise: true },
  DepthwiseConv2dNativeBackpropFilter: { padded: "x", depthwise: true },
};

/**
 * What lies around the image so that windows without padding are those of `info`, as [before, after] per axis.
 * `after` is negative where the last rows or columns are in no window.
 */
function frameOf(info, dataFormat) {
  const along = (size, outputs, stride, window, before) => {
    return [before, (outputs - 1) * stride + window - size - before];
  };
  const { inHeight, outHeight, strideHeight, effectiveFilterHeight, padInfo } = info;
  const { inWidth, outWidth, strideWidth, effectiveFilterWidth } = info;
  const rows = along(inHeight, outHeight, strideHeight, effectiveFilterHeight, padInfo.top);
  const columns = along(inWidth, outWidth, strideWidth, effectiveFilterWidth, padInfo.left);
  const none = [0, 0];
  return dataFormat === "NCHW" ? [none, none, rows, columns] : [none, rows, columns, none];
}

const framedShape = (shape, frame) => shape.map((size, axis) => size + frame[axis][0] + frame[axis][1]);

/** Puts the frame around `x`; a negative width cuts off. */
function framed(tf, x, frame, value) {
  const positive = frame.map(([before, after]) => [before, Math.max(after, 0)]);
  const wide = positive.flat().some((width) => width > 0) ? tf.pad(x, positive, value) : x;
  return tf.slice(wide, [0, 0, 0, 0], framedShape(x.shape, frame));
}

/** Undoes {@link framed} for a gradient: what was cut off gets 0. */
function unframed(tf, gradient, frame, shape) {
  const begin = frame.map(([before]) => before);
  const inner = tf.slice(
    gradient,
    begin,
    shape.map((size, axis) => size + Math.min(frame[axis][1], 0)),
  );
  const missing = frame.map(([, after]) => [0, Math.max(-after, 0)]);
  return missing.flat().some((width) => width > 0) ? tf.pad(inner, missing) : inner;
}

const isNamed = (pad) => pad === "same" || pad === "valid";

function convolution(tf, name, { padded, cropped = false, depthwise = false }) {
  return ({ inputs, attrs }) => {
    const { filter, x } = inputs;
    const { strides, pad, dilations = 1, dimRoundingMode, dataFormat = "NHWC" } = attrs;
    const { inputShape = x?.shape, filterShape = filter?.shape } = attrs;
    const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
    const info = tf.backend_util.computeConv2DInfo(
      inputShape,
      filterShape,
      strides,
      dilations,
      pad,
      dimRoundingMode,
      depthwise,
      format,
    );
    const frame = frameOf(info, dataFormat);
    const changed = { ...attrs, pad: "valid", dimRoundingMode: undefined };
    if (!cropped)
      return tf.engine().runKernel(name, { ...inputs, [padded]: framed(tf, x, frame, 0) }, changed);
    changed.inputShape = framedShape(inputShape, frame);
    return unframed(tf, tf.engine().runKernel(name, inputs, changed), frame, inputShape);
  };
}

function poolInfo(tf, shape, { filterSize, strides, pad, dimRoundingMode }) {
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

const validPool = (attrs) => ({ ...attrs, pad: "valid", dimRoundingMode: undefined });

const maxPool =
  (tf) =>
  ({ inputs: { x }, attrs }) => {
    const frame = frameOf(poolInfo(tf, x.shape, attrs), "NHWC");
    return tf.engine().runKernel("MaxPool", { x: framed(tf, x, frame, -Infinity) }, validPool(attrs));
  };

const maxPoolGrad =
  (tf) =>
  ({ inputs: { dy, input, output }, attrs }) => {
    const frame = frameOf(poolInfo(tf, input.shape, attrs), "NHWC");
    const given = { dy, input: framed(tf, input, frame, -Infinity), output };
    return unframed(tf, tf.engine().runKernel("MaxPoolGrad", given, validPool(attrs)), frame, input.shape);
  };

/**
 * Lets tfjs-node take paddings given as numbers, with any rounding, in two-dimensional convolutions, depthwise
 * and transposed ones included, and maximum poolings, and in their gradients. Named paddings are left to tfjs-node.
 *
 * @param {object} tf - The exports of tfjs-node or tfjs-node-gpu, loaded with their backend registered.
 */
export function acceptPaddings(tf) {
  const replacements = Object.entries(convolutions).map(([name, kind]) => [
    name,
    convolution(tf, name, kind),
  ]);
  replacements.push(["MaxPool", maxPool(tf)], ["MaxPoolGrad", maxPoolGrad(tf)]);
  for (const [kernelName, replacement] of replacements) {
    const original = tf.getKernel(kernelName, "tensorflow");
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
      ...original,
      kernelFunc: (given) =>
        isNamed(given.attrs.pad) ? original.kernelFunc(given) : tf.tidy(() => replacement(given)),
    });
  }
}
