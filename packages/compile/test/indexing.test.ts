import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, integers, mixed, uniform, withGradients } from "./against-tfjs.ts";

describe("gather", () => {
  it("rows by repeated ids, with the gradient added up", async () => {
    await expectSame(
      withGradients(({ x, ids }) => tf.gather(x, ids as tf.Tensor1D), ["x"]),
      { x: uniform(1, [5, 3]), ids: integers(2, [9], 5) },
    );
  });

  it("along any axis, with gradients", async () => {
    for (const axis of [0, 1, 2, 3]) {
      await expectSame(
        withGradients(({ x, ids }) => tf.gather(x, ids as tf.Tensor1D, axis), ["x"]),
        { x: uniform(1, [2, 4, 5, 3]), ids: integers(2, [3], 2) },
      );
    }
  });

  it("by a matrix of ids", async () => {
    await expectSame(({ x, ids }) => ({ outputs: { y: tf.gather(x, ids as tf.Tensor2D, 1) } }), {
      x: uniform(1, [2, 5, 3]),
      ids: integers(2, [2, 4], 5),
    });
  });

  it("from a convolution's output, with gradients", async () => {
    await expectSame(
      withGradients(({ x, ids }) => tf.gather(mixed(x), ids as tf.Tensor1D, 2), ["x"]),
      { x: uniform(1, [2, 4, 5, 3]), ids: integers(2, [4], 5) },
    );
  });
});

describe("unsortedSegmentSum", () => {
  it("adds rows by id, with gradients, and drops ids below zero", async () => {
    await expectSame(
      withGradients(
        ({ x, ids }) => tf.unsortedSegmentSum(x, tf.sub(ids, tf.scalar(1, "int32")) as tf.Tensor1D, 3),
        ["x"],
      ),
      { x: uniform(1, [8, 2]), ids: integers(2, [8], 4) },
    );
  });
});

describe("oneHot", () => {
  it("of vectors and matrices, as float32 and int32, with on and off values", async () => {
    await expectSame(
      ({ ids, grid }) => ({
        outputs: {
          rows: tf.oneHot(ids as tf.Tensor1D, 5),
          grid: tf.oneHot(grid, 4),
          floats: tf.oneHot(ids, 5, 1, 0, "float32"),
          smoothed: tf.oneHot(ids, 5, 0.9, 0.025, "float32"),
        },
      }),
      { ids: integers(1, [6], 5), grid: integers(2, [2, 3], 4) },
    );
  });

  it("leaves ids outside the range without a one", async () => {
    const ids = { shape: [3], data: Int32Array.of(-1, 2, 7) };
    await expectSame((inputs) => ({ outputs: { y: tf.oneHot(inputs.ids, 3) } }), { ids });
  });

  it("picks one logit per row, with the gradient", async () => {
    await expectSame(
      withGradients(({ x, ids }) => tf.sum(tf.mul(tf.cast(tf.oneHot(ids, 5), "float32"), x), 1), ["x"]),
      { x: uniform(1, [6, 5]), ids: integers(2, [6], 5) },
    );
  });
});

describe("topk", () => {
  it("gives either of its two results alone", async () => {
    const x = uniform(1, [3, 5]);
    await expectSame((inputs) => ({ outputs: { values: tf.topk(inputs.x, 2).values } }), { x });
    await expectSame((inputs) => ({ outputs: { indices: tf.topk(inputs.x, 2).indices } }), { x });
  });

  it("gives values and ids, largest first", async () => {
    for (const k of [1, 3, 7]) {
      await expectSame(
        ({ x }) => {
          const { values, indices } = tf.topk(x, k);
          return { outputs: { values, indices } };
        },
        { x: uniform(1, [2, 4, 7]) },
      );
    }
  });
});
