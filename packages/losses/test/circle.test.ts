import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { type CircleOptions, circle, circleClassification, circleClassificationLogits } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const weight = (): tf.Tensor2D =>
  tf.tensor2d([
    [1, 0],
    [0, 1],
    [-1, 0],
  ]);

describe("circleClassificationLogits", () => {
  it("weighs each cosine by its distance from where it should be", () => {
    const logits = tf.tidy(() => [
      ...circleClassificationLogits(tf.tensor2d([[3, 4]]), weight(), tf.tensor1d([1], "int32"), {
        scale: 10,
      }).dataSync(),
    ]);
    // Own 0.8: (1.25 − 0.8) (0.8 − 0.75); other 0.6: (0.6 + 0.25) (0.6 − 0.25); −0.6 is below −0.25: no weight.
    expect(logits).toEqual([2.975, 0.225, 0].map((value) => expect.closeTo(value, 5)));
  });

  it("refuses options out of range", () => {
    const call = (options: CircleOptions) => () =>
      circleClassificationLogits(tf.zeros([1, 2]), weight(), tf.tensor1d([0], "int32"), options);
    expect(call({ scale: 0 })).toThrow(
      new RangeError("circleClassificationLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(call({ margin: 2 })).toThrow(
      new RangeError("circleClassificationLogits: expected `margin` to be from 0 to 1, got 2"),
    );
    expect(() => circleClassificationLogits(tf.zeros([1, 3]), weight(), tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("circleClassificationLogits: expected `weight` to have 3 columns, got shape [3,2]"),
    );
  });
});

describe("circleClassification", () => {
  it("computes the doc comment's example", () => {
    const loss = tf.tidy(() => {
      const rows = tf.slice(weight(), 0, 2) as tf.Tensor2D;
      const options = { scale: 1 };
      return circleClassification(
        tf.tensor2d([[3, 4]]),
        rows,
        tf.tensor1d([1], "int32"),
        options,
      ).dataSync()[0];
    });
    expect(loss).toBeCloseTo(0.840071, 6);
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(0.2975 - 0.0225)), 6);
  });
});

const lossOf = (embeddings: number[][], labels: number[], options: CircleOptions = {}): number =>
  tf.tidy(() => circle(tf.tensor2d(embeddings), tf.tensor1d(labels, "int32"), options).dataSync()[0]!);

describe("circle", () => {
  it("computes the doc comment's example", () => {
    const embeddings = [
      [1, 0],
      [4, 3],
      [0, 2],
    ];
    // Both anchors have the positive cosine 0.8: −(1.4 − 0.8) (0.8 − 0.6) = −0.12. Their negatives have cosines 0 and
    // 0.6: (0 + 0.4) (0 − 0.4) = −0.16 and (0.6 + 0.4) (0.6 − 0.4) = 0.2.
    const expected = (Math.log(1 + Math.exp(-0.28)) + Math.log(1 + Math.exp(0.08))) / 2;
    expect(lossOf(embeddings, [0, 0, 1], { scale: 1 })).toBeCloseTo(expected, 6);
    expect(lossOf(embeddings, [0, 0, 1], { scale: 1 })).toBeCloseTo(0.648431, 6);
  });

  it("is 0, with a gradient of 0, without positives or without negatives", () => {
    const rows = [
      [1, 0],
      [4, 3],
      [0, 2],
    ];
    for (const labels of [
      [0, 1, 2],
      [5, 5, 5],
    ]) {
      expect(lossOf(rows, labels)).toBe(0);
      const gradient = tf.tidy(() =>
        tf
          .grad((x: tf.Tensor) => circle(x as tf.Tensor2D, tf.tensor1d(labels, "int32")))(tf.tensor2d(rows))
          .dataSync(),
      );
      expect([...gradient].every((value) => value === 0)).toBe(true);
    }
    expect(lossOf([[1, 0]], [0])).toBe(0);
  });

  it("does not depend on the order of the rows or on their lengths", () => {
    const rows = [
      [1, 0.2],
      [0.3, -2],
      [0.5, 0.5],
      [-1, 2],
      [0.1, 3],
    ];
    const labels = [0, 1, 0, 1, 2];
    const order = [3, 0, 4, 2, 1];
    const loss = lossOf(rows, labels);
    const shuffled = order.map((i) => rows[i]!.map((value) => value * (i + 1)));
    expect(
      lossOf(
        shuffled,
        order.map((i) => labels[i]!),
      ),
    ).toBeCloseTo(loss, 4);
  });

  it("refuses labels that do not fit and options out of range", () => {
    const embeddings = tf.zeros([2, 3]) as tf.Tensor2D;
    const labels = tf.tensor1d([0, 0], "int32");
    expect(() => circle(embeddings, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("circle: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => circle(embeddings, tf.tensor1d([0, 0]))).toThrow(
      new TypeError("circle: expected `labels` to be int32, got float32"),
    );
    expect(() => circle(embeddings, labels, { scale: Number.POSITIVE_INFINITY })).toThrow(
      new RangeError("circle: expected `scale` to be a finite number above 0, got Infinity"),
    );
    expect(() => circle(embeddings, labels, { margin: -0.1 })).toThrow(
      new RangeError("circle: expected `margin` to be from 0 to 1, got -0.1"),
    );
  });
});
