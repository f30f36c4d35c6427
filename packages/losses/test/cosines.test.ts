import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { normalizedSoftmaxLogits } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

type Cosines = (x: tf.Tensor2D, w: tf.Tensor2D) => tf.Tensor2D;

const cosines: Cosines = (x, w) => normalizedSoftmaxLogits(x, w, { scale: 1 });

/** The same with rows that are normalized before the product, and the gradient that TensorFlow.js finds. */
const plain: Cosines = (x, w) => {
  const unit = (rows: tf.Tensor2D): tf.Tensor2D => {
    const lengths = tf.sqrt(tf.maximum(tf.sum(tf.square(rows), 1, true), 1e-24));
    return tf.div(rows, lengths);
  };
  return tf.matMul(unit(x), unit(w), false, true);
};

const embeddings = tf.tensor2d([
  [3, 4],
  [-1, 2],
]);

/** The gradients of the cosines' sum, each weighed by its place, in embeddings and rows. */
function gradients(of: Cosines, rows: tf.Tensor2D): number[][] {
  const weights = tf.tensor2d([1, -2, 3, 0.5, 4, -1], [2, 3]);
  const f = (x: tf.Tensor, w: tf.Tensor): tf.Scalar =>
    tf.sum(tf.mul(of(x as tf.Tensor2D, w as tf.Tensor2D), weights));
  return tf
    .grads(f)([embeddings, rows])
    .map((gradient) => [...gradient.dataSync()]);
}

describe("the cosines of class-row losses", () => {
  it("have the gradient that is worked out by hand", () => {
    // cos = w·(0.6, 0.8) / |w|; at w = (2, 0) it is 0.6, and moves by 0.8 / 2 when the row's second number does.
    const f = (w: tf.Tensor): tf.Scalar => tf.sum(cosines(tf.tensor2d([[3, 4]]), w as tf.Tensor2D));
    const [x, y] = tf
      .grad(f)(tf.tensor2d([[2, 0]]))
      .dataSync();
    expect(x).toBeCloseTo(0, 6);
    expect(y).toBeCloseTo(0.4, 6);
  });

  it.each([
    ["rows of several lengths", [1, 2, -3, 0.5, 0.01, 0.02]],
    ["a row of length 0", [1, 2, 0, 0, -3, 0.5]],
    ["a row shorter than what is divided by", [1, 2, 3e-13, 4e-13, -3, 0.5]],
  ])("have the gradients of normalized rows: %s", (_name, values) => {
    const rows = tf.tensor2d(values, [3, 2]);
    const actual = gradients(cosines, rows);
    gradients(plain, rows).forEach((expected, i) => {
      expected.forEach((value, j) => {
        const error = Math.abs(actual[i]![j]! - value);
        expect(error).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
      });
    });
  });
});
