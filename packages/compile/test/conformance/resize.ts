import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { mixed, uniform } from "../against-tfjs.ts";
import type { Case } from "./case.ts";

type Images = tf.Tensor4D;

const between = (min: number, max: number) => fc.integer({ min, max });

const drawn = fc.record({
  shape: fc.tuple(between(1, 2), between(1, 7), between(1, 7), between(1, 3)),
  size: fc.oneof(
    fc.tuple(between(1, 12), between(1, 12)),
    fc.tuple(between(1, 4), between(1, 4)).map((factors) => ({ factors })),
  ),
  rule: fc.constantFrom([false, false], [true, false], [false, true]),
  stored: fc.boolean(),
  seed: between(1, 1e6),
});

/**
 * The resize as two matrix products, whose matrices are tfjs's own resizes of single pixels: tfjs's gradients of
 * its kernels are wrong for images that are not square.
 */
function asProducts(
  x: tf.Tensor,
  resize: (images: Images, size: [number, number]) => tf.Tensor,
  size: readonly number[],
) {
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = size;
  const vertical = tf.reshape(resize(tf.reshape(tf.eye(height), [height, height, 1, 1]), [rows, 1]), [
    height,
    rows,
  ]);
  const horizontal = tf.reshape(resize(tf.reshape(tf.eye(width), [width, 1, width, 1]), [1, columns]), [
    width,
    columns,
  ]);
  const images = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels * height, width]);
  const wide = tf.reshape(tf.matMul(images, horizontal), [batch * channels, height, columns]);
  const turned = tf.reshape(tf.transpose(wide, [0, 2, 1]), [batch * channels * columns, height]);
  const resized = tf.reshape(tf.matMul(turned, vertical), [batch, channels, columns, rows]);
  return tf.transpose(resized, [0, 3, 2, 1]);
}

const caseOf = (name: "resizeBilinear" | "resizeNearestNeighbor", kernel: string): Case => ({
  name: `${name}: up, down, both rules`,
  kernels: [kernel],
  gradientKernels: [`${kernel}Grad`],
  differentiable: ["x"],
  arbitrary: drawn.map(({ shape, size, rule, stored, seed }) => {
    const target: [number, number] =
      "factors" in size ? [shape[1] * size.factors[0], shape[2] * size.factors[1]] : [...size];
    const resize = (x: Images, to: [number, number]) => tf.image[name](x, to, rule[0], rule[1]);
    const images = (x: tf.Tensor) => (stored ? mixed(x) : x) as Images;
    return {
      inputs: { x: uniform(seed, shape) },
      op: ({ x }) => resize(images(x), target),
      reference: ({ x }) => asProducts(images(x), resize, target),
    };
  }),
});

/** Conformance of resizing. */
export const resizeCases: readonly Case[] = [
  caseOf("resizeBilinear", "ResizeBilinear"),
  caseOf("resizeNearestNeighbor", "ResizeNearestNeighbor"),
];
