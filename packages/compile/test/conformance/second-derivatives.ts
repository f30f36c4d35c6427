import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { uniform } from "../against-tfjs.ts";
import { between, seeds } from "./arrays.ts";
import type { Case, Tensors } from "./case.ts";

type Convolution = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;

interface Geometry {
  readonly stride: number;
  readonly kernel: readonly [number, number];
}

/** The pixels that each place of the filter meets, without padding. */
function windows(x: tf.Tensor4D, { stride, kernel: [rows, columns] }: Geometry): tf.Tensor4D[] {
  const [batch, height, width, channels] = x.shape;
  const [down, across] = [
    Math.floor((height - rows) / stride) + 1,
    Math.floor((width - columns) / stride) + 1,
  ];
  const kept = (length: number) => tf.range(0, length * stride, stride, "int32");
  return Array.from({ length: rows * columns }, (_, place) => {
    const start = [0, Math.floor(place / columns), place % columns, 0];
    const reach = [batch, (down - 1) * stride + 1, (across - 1) * stride + 1, channels];
    const part = tf.slice(x, start, reach);
    return tf.gather(tf.gather(part, kept(down), 1), kept(across), 2) as tf.Tensor4D;
  });
}

/** A convolution written with slices and products, which tfjs differentiates as often as one likes. */
const sliced =
  (geometry: Geometry, depthwise: boolean): Convolution =>
  (x, filter) => {
    const [, , inputs, outputs] = filter.shape;
    const places = tf.reshape(filter, [-1, inputs, outputs]);
    const placed = (i: number) => tf.reshape(tf.slice(places, [i, 0, 0], [1, -1, -1]), [inputs, outputs]);
    const products = windows(x, geometry).map((pixels, i) => {
      if (!depthwise) {
        const [batch, height, width] = pixels.shape;
        const rows = tf.matMul(tf.reshape(pixels, [-1, inputs]), placed(i));
        return tf.reshape(rows, [batch, height, width, outputs]);
      }
      const each = tf.mul(tf.expandDims(pixels, -1), placed(i));
      return tf.reshape(each, [...pixels.shape.slice(0, 3), inputs * outputs]);
    });
    return products.reduce((sum, product) => tf.add(sum, product));
  };

/** The gradients of a weighted convolution, for both operands. */
const gradientsOf =
  (convolution: Convolution) =>
  ({ x, filter, weights }: Tensors): tf.Tensor[] =>
    tf.grads((...[image, kernel]) =>
      tf.sum(tf.mul(convolution(image as tf.Tensor4D, kernel as tf.Tensor4D), weights)),
    )([x, filter]);

function derivativeCase(depthwise: boolean, kernels: readonly string[]): Case {
  const arbitrary = fc
    .record({
      stride: between(1, 2),
      kernel: fc.tuple(between(1, 3), between(1, 3)),
      size: fc.tuple(between(3, 6), between(3, 6)),
      batch: between(1, 2),
      inputs: between(1, 3),
      outputs: between(1, 3),
      seed: seeds,
    })
    .map(({ stride, kernel, size, batch, inputs, outputs, seed }) => {
      const result = size.map((length, axis) => Math.floor((length - kernel[axis]) / stride) + 1);
      const op: Convolution = (x, filter) =>
        depthwise ? tf.depthwiseConv2d(x, filter, stride, "valid") : tf.conv2d(x, filter, stride, "valid");
      return {
        inputs: {
          x: uniform(seed, [batch, ...size, inputs]),
          filter: uniform(seed + 1, [...kernel, inputs, outputs]),
          weights: uniform(seed + 2, [batch, ...result, depthwise ? inputs * outputs : outputs]),
        },
        op: gradientsOf(op),
        reference: gradientsOf(sliced({ stride, kernel }, depthwise)),
      };
    });
  return {
    name: `gradients of the gradients of ${depthwise ? "depthwiseConv2d" : "conv2d"}`,
    kernels,
    differentiable: ["x", "filter", "weights"],
    arbitrary,
  };
}

export const secondDerivativeCases: readonly Case[] = [
  derivativeCase(false, ["Conv2DBackpropInput", "Conv2DBackpropFilter"]),
  derivativeCase(true, ["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"]),
];
