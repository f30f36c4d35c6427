import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, permuted, type Value } from "../value.ts";
import { multiply } from "./element-wise.ts";
import { matrixProduct } from "./matrix-product.ts";
import { channelsFirst } from "./window.ts";

interface ResizeAttributes {
  readonly size: readonly [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** The weight of each of `length` source positions in each of `resized` target positions, row by row. */
export function resizeWeights(
  length: number,
  resized: number,
  kind: "linear" | "nearest",
  attributes: { alignCorners: boolean; halfPixelCenters: boolean },
): Float32Array {
  const { alignCorners, halfPixelCenters } = attributes;
  const aligned = alignCorners && resized > 1;
  const scale = aligned ? (length - 1) / (resized - 1) : length / resized;
  const weights = new Float32Array(resized * length);
  for (let target = 0; target < resized; target++) {
    const row = target * length;
    if (kind === "nearest") {
      const at = halfPixelCenters ? scale * (target + 0.5) : scale * target;
      const nearest = alignCorners ? Math.round(at) : Math.floor(at);
      weights[row + Math.max(Math.min(nearest, length - 1), 0)] = 1;
      continue;
    }
    const at = halfPixelCenters ? scale * (target + 0.5) - 0.5 : scale * target;
    const low = Math.max(Math.floor(at), 0);
    const high = Math.min(length - 1, Math.ceil(at));
    const share = at - low;
    weights[row + low] += 1 - share;
    weights[row + Math.max(high, 0)] += share;
  }
  return weights;
}

function bilinear(tracer: Tracer, images: Value, attributes: ResizeAttributes): Value {
  const { size, alignCorners, halfPixelCenters } = attributes;
  const [batch, , , channels] = images.shape;
  const input = tracer.name(tracer.dense(images, channelsFirst));
  const rule = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
  const sizes = tracer.graph.integers([batch, channels, ...size]);
  const name = tracer.graph.node("Resize", [input, "", "", sizes], {
    mode: "linear",
    coordinate_transformation_mode: rule,
  });
  return tracer.value(name, [batch, ...size, channels], "float32", channelsFirst);
}

/** `rows · x · columnsᵀ` on each stored image. */
function between(tracer: Tracer, x: Value, rows: Value, columns: Value, shape: readonly number[]): Value {
  const images = permuted(x, channelsFirst);
  const wide = matrixProduct(tracer, images, permuted(unsqueezed(tracer, columns), [0, 1, 3, 2]));
  const result = matrixProduct(tracer, unsqueezed(tracer, rows), wide);
  return { ...permuted(result, [0, 2, 3, 1]), shape: [...shape] };
}

function unsqueezed(tracer: Tracer, matrix: Value): Value {
  return tracer.reshape(matrix, [1, 1, ...matrix.shape]);
}

function weightsValue(
  length: number,
  resized: number,
  kind: "linear" | "nearest",
  attributes: ResizeAttributes,
): Value {
  return constantValue(resizeWeights(length, resized, kind, attributes), [resized, length], "float32");
}

function resampled(
  tracer: Tracer,
  images: Value,
  kind: "linear" | "nearest",
  attributes: ResizeAttributes,
): Value {
  const [batch, height, width, channels] = images.shape;
  const [rows, columns] = attributes.size;
  return between(
    tracer,
    images,
    weightsValue(height, rows, kind, attributes),
    weightsValue(width, columns, kind, attributes),
    [batch, rows, columns, channels],
  );
}

/** The transpose of the resize's own linear map. */
function gradient(
  tracer: Tracer,
  dy: Value,
  images: Value,
  kind: "linear" | "nearest",
  given: Attributes,
): Value {
  const attributes = {
    ...(given as unknown as ResizeAttributes),
    size: dy.shape.slice(1, 3) as [number, number],
  };
  const [, height, width] = images.shape;
  const [rows, columns] = attributes.size;
  return between(
    tracer,
    dy,
    permuted(weightsValue(height, rows, kind, attributes), [1, 0]),
    permuted(weightsValue(width, columns, kind, attributes), [1, 0]),
    images.shape,
  );
}

/** How often each pixel is repeated down and across, where a nearest resize does nothing else. */
function repetitions(images: Value, attributes: ResizeAttributes): [number, number] | undefined {
  const [, height, width] = images.shape;
  const [down, across] = [attributes.size[0] / height, attributes.size[1] / width];
  return !attributes.alignCorners && Number.isInteger(down) && Number.isInteger(across)
    ? [down, across]
    : undefined;
}

function nearest(tracer: Tracer, images: Value, attributes: ResizeAttributes): Value {
  const [batch, , , channels] = images.shape;
  if (repetitions(images, attributes) === undefined) return resampled(tracer, images, "nearest", attributes);
  const input = tracer.name(tracer.dense(images, channelsFirst));
  const sizes = tracer.graph.integers([batch, channels, ...attributes.size]);
  const name = tracer.graph.node("Resize", [input, "", "", sizes], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  return tracer.value(name, [batch, ...attributes.size, channels], "float32", channelsFirst);
}

/** The sum over each pixel's repetitions. */
function nearestGradient(tracer: Tracer, dy: Value, images: Value, given: Attributes): Value {
  const size = dy.shape.slice(1, 3) as [number, number];
  const blocks = repetitions(images, { ...(given as unknown as ResizeAttributes), size });
  if (blocks === undefined) return gradient(tracer, dy, images, "nearest", given);
  const means = tracer.graph.node("AveragePool", [tracer.name(tracer.dense(dy, channelsFirst))], {
    kernel_shape: blocks,
    strides: blocks,
  });
  const value = tracer.value(means, images.shape, "float32", channelsFirst);
  return multiply(tracer, value, tracer.scalar(blocks[0] * blocks[1]));
}

/** Resizing of image batches and its gradients. */
export const resizeKernels: Kernels = {
  ResizeBilinear: (tracer, { images }, attributes) =>
    bilinear(tracer, tracer.cast(images, "float32"), attributes as unknown as ResizeAttributes),
  ResizeBilinearGrad: (tracer, { dy, images }, attributes) =>
    gradient(tracer, dy, images, "linear", attributes),
  ResizeNearestNeighbor: (tracer, { images }, attributes) =>
    nearest(tracer, tracer.cast(images, "float32"), attributes as unknown as ResizeAttributes),
  ResizeNearestNeighborGrad: (tracer, { dy, images }, attributes) =>
    nearestGradient(tracer, dy, images, attributes),
};
