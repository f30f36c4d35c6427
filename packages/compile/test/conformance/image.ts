import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { mixed, type TestArray, uniform } from "../against-tfjs.ts";
import type { Case } from "./case.ts";

type Images = tf.Tensor4D;

const between = (min: number, max: number) => fc.integer({ min, max });
const seed = between(1, 1e6);
const shapes = fc.tuple(between(1, 2), between(1, 6), between(1, 6), between(1, 4));

/** The linear map of `op` on each channel of one image, as a matrix from its pixels to the result's. */
function matrixOf(op: (images: Images) => tf.Tensor, height: number, width: number): tf.Tensor2D {
  const pixels = height * width;
  const each = tf.reshape(tf.eye(pixels), [pixels, height, width, 1]) as Images;
  return tf.reshape(op(each), [pixels, -1]);
}

/** A linear op on each image and channel as a product with its matrix, which tfjs differentiates. */
function asProduct(x: tf.Tensor, op: (images: Images) => tf.Tensor, size: readonly number[]): tf.Tensor {
  const [batch, height, width, channels] = x.shape;
  const matrix = matrixOf(op, height, width);
  const columns = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels, height * width]);
  const images = tf.reshape(tf.matMul(columns, matrix), [batch, channels, ...size]);
  return tf.transpose(images, [0, 2, 3, 1]);
}

/** What tfjs's cropAndResize gives for boxes that are known, each a linear map of its image. */
function cropsAsProducts(
  x: tf.Tensor,
  boxes: TestArray,
  ids: TestArray,
  crop: (image: Images, boxes: tf.Tensor2D, ids: tf.Tensor1D) => tf.Tensor,
  size: readonly [number, number],
): tf.Tensor {
  const [, height, width, channels] = x.shape;
  const crops = [...ids.data].map((id, i) => {
    const box = tf.tensor2d(boxes.data.slice(i * 4, i * 4 + 4) as Float32Array, [1, 4]);
    const cropEach = (images: Images) => {
      const count = images.shape[0];
      return crop(images, tf.tile(box, [count, 1]), tf.range(0, count, 1, "int32"));
    };
    const linear = (images: Images) => tf.sub(cropEach(images), cropEach(tf.zeros(images.shape)));
    const image = tf.slice(x, [id, 0, 0, 0], [1, -1, -1, -1]);
    return tf.add(asProduct(image, linear, size), cropEach(tf.zeros([1, height, width, channels])));
  });
  return tf.concat(crops, 0);
}

/** Boxes inside and across the border whose sampled places keep off the pixels' grid, borders and halves. */
function safeBoxes(
  seedValue: number,
  count: number,
  image: readonly number[],
  size: readonly number[],
): TestArray | undefined {
  const boxes = uniform(seedValue, [count, 4], -0.3, 1.3);
  const data = boxes.data.map((value) => Math.fround(value));
  const safe = Array.from({ length: count }, (_, box) =>
    [0, 1].every((direction) => {
      const [from, to] = [data[box * 4 + direction], data[box * 4 + direction + 2]];
      const length = image[direction];
      return Array.from({ length: size[direction] }, (__, i) => {
        const share = size[direction] === 1 ? 0.5 : i / (size[direction] - 1);
        return (from * (1 - share) + to * share) * (length - 1);
      }).every((at) => length > 1 && Math.abs(at * 2 - Math.round(at * 2)) > 0.01);
    }),
  );
  return safe.every(Boolean) ? { shape: boxes.shape, data: Float32Array.from(data) } : undefined;
}

const crops = fc
  .record({
    batch: between(1, 3),
    image: fc.tuple(between(2, 6), between(2, 6)),
    channels: between(1, 3),
    count: between(1, 3),
    size: fc.tuple(between(1, 4), between(1, 4)),
    method: fc.constantFrom("bilinear" as const, "nearest" as const),
    fill: fc.constantFrom(0, -1.5),
    seed,
  })
  .map((drawn) => ({ ...drawn, boxes: safeBoxes(drawn.seed, drawn.count, drawn.image, drawn.size) }))
  .filter(({ boxes }) => boxes !== undefined)
  .map((drawn) => ({ ...drawn, boxes: drawn.boxes as TestArray }));

/** Conformance of image kernels, of blocks between depth and space, and of local response normalization. */
export const imageCases: readonly Case[] = [
  {
    name: "flipLeftRight",
    kernels: ["FlipLeftRight"],
    differentiable: ["x"],
    arbitrary: fc.tuple(shapes, fc.boolean(), seed).map(([shape, stored, seedValue]) => ({
      inputs: { x: uniform(seedValue, shape) },
      op: ({ x }) => tf.image.flipLeftRight((stored ? mixed(x) : x) as Images),
      reference: ({ x }) => tf.reverse(stored ? mixed(x) : x, 2),
    })),
  },
  {
    name: "rotateWithOffset: any angle, center and fill",
    kernels: ["RotateWithOffset"],
    differentiable: ["x"],
    arbitrary: fc
      .record({
        shape: shapes,
        radians: fc.double({ min: -4, max: 4, noNaN: true }),
        center: fc.constantFrom<number | [number, number]>(0.5, [0.25, 0.6]),
        fill: fc.constantFrom<number | [number, number, number]>(0, 0.7, [1, 2, 3]),
        seed,
      })
      .map(({ shape, radians, center, fill, seed }) => {
        const rotate = (x: tf.Tensor) => tf.image.rotateWithOffset(x as Images, radians, fill, center);
        const bare = (x: Images) => tf.image.rotateWithOffset(x, radians, 0, center);
        return {
          inputs: { x: uniform(seed, shape) },
          op: ({ x }) => rotate(x),
          reference: ({ x }) =>
            tf.add(asProduct(x, bare, [shape[1], shape[2]]), rotate(tf.zeros([...shape]))),
        };
      }),
  },
  {
    name: "cropAndResize: symbolic boxes, both methods",
    kernels: ["CropAndResize"],
    gradientKernels: ["CropAndResizeGradImage"],
    differentiable: ["x"],
    arbitrary: crops.map(({ batch, image, channels, count, size, method, fill, boxes, seed }) => {
      const ids: TestArray = {
        shape: [count],
        data: Int32Array.from({ length: count }, (_, i) => (i * 7) % batch),
      };
      const crop = (x: Images, given: tf.Tensor2D, indices: tf.Tensor1D) =>
        tf.image.cropAndResize(x, given, indices, [...size], method, fill);
      return {
        inputs: { x: uniform(seed, [batch, ...image, channels]), boxes, ids },
        op: ({ x, boxes: given, ids: indices }) =>
          crop(x as Images, given as tf.Tensor2D, indices as tf.Tensor1D),
        reference: ({ x }) => cropsAsProducts(x, boxes, ids, crop, size),
      };
    }),
  },
  {
    name: "cropAndResize: whole images, and boxes of images beyond the batch",
    kernels: ["CropAndResize"],
    arbitrary: fc.tuple(shapes, seed).map(([shape, seedValue]) => ({
      inputs: { x: uniform(seedValue, shape), ids: { shape: [2], data: Int32Array.of(0, shape[0]) } },
      op: ({ x, ids }) =>
        tf.image.cropAndResize(
          mixed(x),
          tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 1], [2, 4]),
          ids as tf.Tensor1D,
          [shape[1], shape[2]],
          "bilinear",
          9,
        ),
    })),
  },
  {
    name: "depthToSpace",
    kernels: ["DepthToSpace"],
    gradientKernels: ["DepthToSpaceGrad"],
    differentiable: ["x"],
    arbitrary: fc
      .tuple(shapes, between(2, 3), fc.boolean(), seed)
      .map(([[batch, height, width, depth], block, stored, seedValue]) => ({
        inputs: { x: uniform(seedValue, [batch, height, width, depth * block * block]) },
        op: ({ x }) => tf.depthToSpace((stored ? mixed(x) : x) as Images, block),
        reference: ({ x }) => {
          const split = tf.reshape(stored ? mixed(x) : x, [batch, height, width, block, block, depth]);
          return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [
            batch,
            height * block,
            width * block,
            depth,
          ]);
        },
      })),
  },
  {
    name: "localResponseNormalization",
    kernels: ["LRN"],
    gradientKernels: ["LRNGrad"],
    differentiable: ["x"],
    arbitrary: fc
      .record({
        shape: fc.tuple(between(1, 2), between(1, 4), between(1, 4), between(1, 8)),
        radius: between(0, 9),
        bias: fc.constantFrom(1, 2),
        alpha: fc.constantFrom(1, 1e-4, 0.3),
        beta: fc.constantFrom(0.5, 0.75, 1),
        stored: fc.boolean(),
        seed,
      })
      .map(({ shape, radius, bias, alpha, beta, stored, seed }) => ({
        inputs: { x: uniform(seed, shape) },
        op: ({ x }) =>
          tf.localResponseNormalization((stored ? mixed(x) : x) as Images, radius, bias, alpha, beta),
      })),
  },
];
