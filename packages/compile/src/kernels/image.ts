import { backend_util } from "@tensorflow/tfjs-core";
import type { Attributes, Kernels } from "../kernel.ts";
import type { Tracer } from "../tracer.ts";
import { constantValue, type Value } from "../value.ts";
import { cropAndResize, cropAndResizeGradient } from "./crop-and-resize.ts";
import { select } from "./element-wise.ts";
import { reverse } from "./movement.ts";

/** For each pixel of an image turned about its center, the pixel that it shows, or -1 where it shows none. */
export function rotationSources(shape: readonly number[], attributes: Attributes): Int32Array {
  const [, height, width] = shape;
  const radians = attributes.radians as number;
  const center = attributes.center as number | [number, number];
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const sources = new Int32Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = [column - centerX, row - centerY];
      const fromColumn = Math.round(x * cosine - y * sine + centerX);
      const fromRow = Math.round(x * sine + y * cosine + centerY);
      const inside = fromColumn >= 0 && fromColumn < width && fromRow >= 0 && fromRow < height;
      sources[row * width + column] = inside ? fromRow * width + fromColumn : -1;
    }
  }
  return sources;
}

/** One number for all channels, or a color of which a fourth channel is the opacity. */
function fillOf(fill: number | readonly number[], channels: number): Value {
  const data = Float32Array.from({ length: channels }, (_, channel) => {
    if (typeof fill === "number") return fill;
    return channel === 3 ? 255 : fill[channel];
  });
  return constantValue(data, [1, 1, channels], "float32");
}

function rotate(tracer: Tracer, image: Value, attributes: Attributes): Value {
  const [batch, height, width, channels] = image.shape;
  const pixels = height * width;
  const sources = rotationSources(image.shape, attributes);
  const rows = tracer.dense(tracer.reshape(image, [batch, pixels, channels]));
  const ids = tracer.graph.constant(
    sources.map((source) => Math.max(source, 0)),
    [pixels],
    "int32",
  );
  const picked = tracer.graph.node("Gather", [tracer.name(rows), ids], { axis: 1 });
  const turned = tracer.value(picked, rows.shape, "float32");
  const inside = Uint8Array.from(sources, (source) => (source < 0 ? 0 : 1));
  const mask = constantValue(inside, [1, pixels, 1], "bool");
  const fill = fillOf(attributes.fillValue as number | number[], channels);
  return tracer.reshape(select(tracer, mask, turned, fill), image.shape);
}

/** Kernels on image batches, whose axes are batch, row, column, channel. */
export const imageKernels: Kernels = {
  FlipLeftRight: (tracer, { image }) => reverse(tracer, image, [2]),
  RotateWithOffset: (tracer, { image }, attributes) =>
    rotate(tracer, tracer.cast(image, "float32"), attributes),
  CropAndResize: (tracer, { image, boxes, boxInd }, attributes) =>
    cropAndResize(tracer, tracer.cast(image, "float32"), boxes, boxInd, attributes),
  /** The gradient with respect to the image, which tfjs has no kernel for. */
  CropAndResizeGradImage: (tracer, { dy, image, boxes, boxInd }, attributes) =>
    cropAndResizeGradient(tracer, dy, image.shape, boxes, boxInd, attributes),
};
