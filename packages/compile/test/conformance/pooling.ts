import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { integers, mixed, uniform } from "../against-tfjs.ts";
import type { Case } from "./case.ts";
import { distinct } from "./distinct.ts";

type Sides = [[number, number], [number, number], [number, number], [number, number]];
type Padding = "valid" | "same" | number | Sides;

interface Drawn {
  readonly shape: [number, number, number, number];
  readonly size: [number, number];
  readonly strides: [number, number];
  readonly pad: Padding;
  readonly rounding: "floor" | "round" | "ceil" | undefined;
  readonly seed: number;
}

const between = (min: number, max: number) => fc.integer({ min, max });
const seed = between(1, 1e6);

/** Windows that fit, with padding short of a whole window and rounding where tfjs allows it. */
const windows: fc.Arbitrary<Drawn> = fc
  .record({
    batch: between(1, 2),
    extra: fc.tuple(between(0, 5), between(0, 5)),
    channels: between(1, 3),
    size: fc.tuple(between(1, 4), between(1, 4)),
    strides: fc.tuple(between(1, 3), between(1, 3)),
    kind: fc.constantFrom("valid", "same", "number", "sides"),
    sides: fc.tuple(between(0, 3), between(0, 3), between(0, 3), between(0, 3)),
    rounding: fc.constantFrom<("floor" | "round" | "ceil" | undefined)[]>(
      undefined,
      "floor",
      "round",
      "ceil",
    ),
    seed,
  })
  .map(({ batch, extra, channels, size: drawnSize, strides, kind, sides, rounding, seed }) => {
    // With a number, tfjs takes both output sizes from the window's height and vertical stride.
    const even = ([first, second]: readonly number[]): [number, number] => [
      first,
      kind === "number" ? first : second,
    ];
    const size = even(drawnSize);
    const within = (amount: number, length: number) => Math.min(amount, length - 1);
    const explicit: Sides = [
      [0, 0],
      [within(sides[0], size[0]), within(sides[1], size[0])],
      [within(sides[2], size[1]), within(sides[3], size[1])],
      [0, 0],
    ];
    const pads: Record<string, Padding> = {
      valid: "valid",
      same: "same",
      number: within(sides[0], size[0]),
      sides: explicit,
    };
    const rounded = kind === "number" || kind === "sides";
    return {
      shape: [batch, size[0] + extra[0], size[1] + extra[1], channels] as Drawn["shape"],
      size,
      strides: even(strides),
      pad: pads[kind],
      rounding: rounded ? (rounding ?? "floor") : undefined,
      seed,
    };
  })
  // A window that begins behind the image would see nothing.
  .filter((drawn) => reach(drawn).every(({ begin, length }) => begin < length));

/** Along each direction: where the last window begins, and how far it reaches beyond the image. */
function reach({ shape, size, strides, pad, rounding }: Drawn) {
  const info = tf.backend_util.computePool2DInfo(shape, size, strides, 1, pad as "valid", rounding);
  const { top, left } = info.padInfo;
  const along = (outputs: number, stride: number, window: number, before: number, length: number) => {
    const begin = (outputs - 1) * stride - before;
    return { begin, before, length, after: Math.max(begin + window - length, 0) };
  };
  return [
    along(info.outHeight, strides[0], size[0], top, shape[1]),
    along(info.outWidth, strides[1], size[1], left, shape[2]),
  ];
}

/** Max pooling without padding of an image that has been padded with low values. */
function paddedMaximum(x: tf.Tensor, drawn: Drawn): tf.Tensor {
  const [rows, columns] = reach(drawn);
  const amounts: Sides = [
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ];
  return tf.maxPool(tf.pad(x as tf.Tensor4D, amounts, -1e4), drawn.size, drawn.strides, "valid");
}

/** The sum of each window over the number of elements in it, as a depthwise convolution. */
function countedMean(x: tf.Tensor, { shape, size, strides, pad, rounding }: Drawn): tf.Tensor {
  const ones = tf.ones([...size, shape[3], 1]) as tf.Tensor4D;
  const sum = (images: tf.Tensor) =>
    tf.depthwiseConv2d(images as tf.Tensor4D, ones, strides, pad as "valid", "NHWC", 1, rounding);
  return tf.div(sum(x), sum(tf.onesLike(x)));
}

const dilated = fc.record({
  shape: fc.tuple(between(1, 2), between(7, 10), between(7, 10), between(1, 2)),
  size: fc.tuple(between(1, 3), between(1, 3)),
  dilations: fc.tuple(between(1, 2), between(2, 3)),
  pad: fc.constantFrom("valid" as const, "same" as const),
  kind: fc.constantFrom("max" as const, "avg" as const),
  seed,
});

/** Conformance of pooling. */
export const poolingCases: readonly Case[] = [
  {
    name: "maxPool: all paddings and roundings",
    kernels: ["MaxPool"],
    gradientKernels: ["MaxPoolGrad"],
    differentiable: ["x"],
    arbitrary: windows.map((drawn) => ({
      inputs: { x: distinct(drawn.seed, drawn.shape) },
      op: ({ x }) =>
        tf.maxPool(x as tf.Tensor4D, drawn.size, drawn.strides, drawn.pad as "valid", drawn.rounding),
      reference: ({ x }) => paddedMaximum(x, drawn),
    })),
  },
  {
    name: "maxPool: the first of equal elements takes the gradient",
    kernels: ["MaxPool"],
    gradientKernels: ["MaxPoolGrad"],
    differentiable: ["x"],
    arbitrary: windows.map((drawn) => ({
      inputs: {
        x: { shape: drawn.shape, data: Float32Array.from(integers(drawn.seed, drawn.shape, 3).data) },
      },
      op: ({ x }) =>
        tf.maxPool(x as tf.Tensor4D, drawn.size, drawn.strides, drawn.pad as "valid", drawn.rounding),
      reference: ({ x }) => paddedMaximum(x, drawn),
    })),
  },
  {
    name: "maxPool: between convolutions",
    kernels: ["MaxPool"],
    gradientKernels: ["MaxPoolGrad"],
    differentiable: ["x"],
    arbitrary: windows.map((drawn) => ({
      inputs: { x: uniform(drawn.seed, drawn.shape) },
      op: ({ x }) =>
        mixed(tf.maxPool(mixed(x), drawn.size, drawn.strides, drawn.pad as "valid", drawn.rounding)),
      reference: ({ x }) => mixed(paddedMaximum(mixed(x), drawn)),
    })),
  },
  {
    name: "maxPoolWithArgmax: places in an image or in the batch",
    kernels: ["MaxPoolWithArgmax"],
    gradientKernels: ["MaxPoolGrad"],
    differentiable: ["x"],
    arbitrary: fc
      .tuple(
        windows.filter(({ pad }) => pad === "valid" || pad === "same"),
        fc.boolean(),
      )
      .map(([{ shape, size, strides, pad, seed }, wholeBatch]) => ({
        inputs: { x: distinct(seed, shape) },
        op: ({ x }) => {
          const { result, indexes } = tf.maxPoolWithArgmax(
            x as tf.Tensor4D,
            size,
            strides,
            pad as "valid",
            wholeBatch,
          );
          // tfjs's CPU backend holds the places as float32.
          return [result, tf.add(indexes, tf.scalar(0, "int32"))];
        },
        reference: ({ x }) => tf.maxPool(x as tf.Tensor4D, size, strides, pad as "valid"),
      })),
  },
  {
    // tfjs's own gradient divides by the whole window where its value does not count padding.
    name: "avgPool: all paddings and roundings",
    kernels: ["AvgPool"],
    gradientKernels: ["AvgPoolGrad"],
    differentiable: ["x"],
    arbitrary: windows.map((drawn) => ({
      inputs: { x: uniform(drawn.seed, drawn.shape) },
      op: ({ x }) =>
        tf.avgPool(x as tf.Tensor4D, drawn.size, drawn.strides, drawn.pad as "valid", drawn.rounding),
      reference: ({ x }) => countedMean(x, drawn),
    })),
  },
  {
    name: "avgPool: tfjs's gradient where there is no padding",
    kernels: ["AvgPool"],
    gradientKernels: ["AvgPoolGrad"],
    differentiable: ["x"],
    arbitrary: windows
      .filter(({ pad }) => pad === "valid")
      .map(({ shape, size, strides, seed }) => ({
        inputs: { x: uniform(seed, shape) },
        op: ({ x }) => mixed(tf.avgPool(mixed(x), size, strides, "valid")),
      })),
  },
  {
    name: "pool: dilated",
    kernels: ["SpaceToBatchND", "BatchToSpaceND"],
    differentiable: ["x"],
    arbitrary: dilated.map(({ shape, size, dilations, pad, kind, seed }) => ({
      inputs: { x: distinct(seed, shape) },
      op: ({ x }) => tf.pool(x as tf.Tensor4D, [...size], kind, pad, [...dilations], 1),
    })),
  },
  {
    name: "spaceToBatchND and batchToSpaceND: any blocks, paddings and crops",
    kernels: ["SpaceToBatchND", "BatchToSpaceND"],
    differentiable: ["x"],
    arbitrary: fc
      .record({
        batch: between(1, 2),
        blocks: fc.tuple(between(1, 3), between(1, 3)),
        cells: fc.tuple(between(1, 3), between(1, 3)),
        before: fc.tuple(between(0, 2), between(0, 2)),
        after: fc.tuple(between(0, 1), between(0, 1)),
        channels: between(1, 3),
        stored: fc.boolean(),
        seed,
      })
      .filter(({ blocks, cells, before, after }) =>
        blocks.every((block, i) => block * cells[i] > before[i] + after[i]),
      )
      .map(({ batch, blocks, cells, before, after, channels, stored, seed }) => {
        const around = before.map((amount, i) => [amount, after[i]]);
        const [height, width] = blocks.map((block, i) => block * cells[i] - before[i] - after[i]);
        return {
          inputs: { x: uniform(seed, [batch, height, width, channels]) },
          op: ({ x }) => {
            const images = stored ? mixed(x) : x;
            const batched = tf.spaceToBatchND(images, [...blocks], around);
            return [batched, tf.batchToSpaceND(tf.square(batched), [...blocks], around)];
          },
        };
      }),
  },
];
