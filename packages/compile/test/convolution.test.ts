import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, uniform, withGradients } from "./against-tfjs.ts";

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
const around = (p: number): Explicit => [
  [0, 0],
  [p, p],
  [p, p],
  [0, 0],
];

interface Case {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: number | [number, number];
  readonly pad: number | "same" | "valid" | Explicit;
}

const cases: readonly Case[] = [
  { image: [2, 9, 8, 3], filter: [7, 7, 3, 5], strides: 2, pad: around(3) },
  { image: [1, 16, 16, 3], filter: [7, 7, 3, 4], strides: 2, pad: around(3) },
  { image: [2, 6, 7, 4], filter: [3, 3, 4, 5], strides: 1, pad: around(1) },
  { image: [2, 6, 7, 4], filter: [3, 3, 4, 5], strides: 1, pad: 1 },
  { image: [2, 8, 8, 4], filter: [3, 3, 4, 3], strides: 2, pad: around(1) },
  { image: [2, 7, 9, 4], filter: [3, 3, 4, 3], strides: 2, pad: around(1) },
  { image: [3, 5, 6, 4], filter: [1, 1, 4, 6], strides: 1, pad: 0 },
  { image: [3, 5, 5, 4], filter: [1, 1, 4, 6], strides: 2, pad: 0 },
  { image: [3, 6, 8, 4], filter: [1, 1, 4, 6], strides: 2, pad: around(0) },
  { image: [2, 7, 7, 3], filter: [3, 3, 3, 4], strides: 1, pad: "same" },
  { image: [2, 8, 7, 3], filter: [3, 2, 3, 4], strides: 2, pad: "same" },
  { image: [2, 8, 7, 3], filter: [3, 3, 3, 4], strides: [2, 1], pad: "valid" },
  { image: [2, 10, 10, 2], filter: [3, 3, 2, 2], strides: 3, pad: "valid" },
  { image: [1, 4, 4, 1], filter: [4, 4, 1, 1], strides: 1, pad: "valid" },
  { image: [1, 3, 3, 2], filter: [3, 3, 2, 2], strides: 1, pad: around(3) },
];

const named = (given: Case) =>
  `image ${given.image.join("x")}, filter ${given.filter.join("x")}, stride ${given.strides}, pad ${JSON.stringify(given.pad)}`;

describe("conv2d", () => {
  for (const [seed, given] of cases.entries()) {
    it(`agrees with tfjs in value and both gradients: ${named(given)}`, async () => {
      const convolve = withGradients(
        ({ x, filter }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, given.strides, given.pad),
        ["x", "filter"],
      );
      await expectSame(convolve, { x: uniform(seed, given.image), filter: uniform(seed + 50, given.filter) });
    });
  }

  it("dilates", async () => {
    await expectSame(
      ({ x, filter }) => ({
        outputs: { y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NHWC", [2, 2]) },
      }),
      { x: uniform(1, [2, 9, 8, 3]), filter: uniform(2, [3, 3, 3, 4]) },
    );
  });

  it("rounds the output size up where asked to", async () => {
    await expectSame(
      ({ x, filter }) => ({
        outputs: {
          y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 1, "NHWC", 1, "ceil"),
        },
      }),
      { x: uniform(1, [2, 8, 8, 3]), filter: uniform(2, [3, 3, 3, 4]) },
    );
  });

  it("takes filters that the function closes over", async () => {
    const filter = tf.tensor4d(uniform(3, [3, 3, 2, 4]).data as Float32Array, [3, 3, 2, 4]);
    const net = withGradients(({ x }) => tf.relu(tf.conv2d(x as tf.Tensor4D, filter, 1, "same")), ["x"]);
    await expectSame(net, { x: uniform(4, [2, 5, 5, 2]) });
  });

  it("applies the bias and activation of the fused op", async () => {
    await expectSame(
      ({ x, filter, bias }) => ({
        outputs: Object.fromEntries(
          (["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const).map((activation) => [
            activation,
            tf.fused.conv2d({
              x: x as tf.Tensor4D,
              filter: filter as tf.Tensor4D,
              strides: 1,
              pad: "same",
              bias,
              activation,
              leakyreluAlpha: 0.1,
            }),
          ]),
        ),
      }),
      { x: uniform(1, [2, 5, 5, 3], -3, 3), filter: uniform(2, [3, 3, 3, 4]), bias: uniform(3, [4]) },
    );
  });
});

describe("conv2dTranspose", () => {
  it("agrees with tfjs", async () => {
    await expectSame(
      ({ x, filter }) => ({
        outputs: { y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 10, 3], 2, "same") },
      }),
      { x: uniform(1, [2, 4, 5, 4]), filter: uniform(2, [3, 3, 3, 4]) },
    );
  });
});

describe("depthwiseConv2d", () => {
  it("agrees with tfjs, with a channel multiplier", async () => {
    await expectSame(
      ({ x, filter }) => ({
        outputs: { y: tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same") },
      }),
      { x: uniform(1, [2, 7, 6, 3]), filter: uniform(2, [3, 3, 3, 2]) },
    );
  });
});
