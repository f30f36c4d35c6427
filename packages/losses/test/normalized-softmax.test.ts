import "@tensorflow/tfjs-backend-cpu";
import { normalizedSoftmax, normalizedSoftmaxLogits } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const labels = () => tf.tensor1d([1], "int32");

describe("normalizedSoftmax", () => {
  it("is the cross-entropy of scaled cosines, by hand", () => {
    const embeddings = tf.tensor2d([[3, 4]]);
    const weight = tf.tensor2d([
      [7, 0],
      [0, 0.1],
    ]);
    expect([...normalizedSoftmaxLogits(embeddings, weight).dataSync()]).toEqual(
      [12, 16].map((value) => expect.closeTo(value, 4)),
    );
    expect(normalizedSoftmax(embeddings, weight, labels(), { scale: 10 }).dataSync()[0]).toBeCloseTo(
      Math.log(1 + Math.exp(-2)),
      6,
    );
    expect(
      normalizedSoftmax(embeddings, weight, labels(), { scale: 10, labelSmoothing: 0.5 }).dataSync()[0],
    ).toBeCloseTo(Math.log(1 + Math.exp(-2)) + 0.25 * 2, 5);
  });

  it("is pytorch-metric-learning's at a temperature of 0.05, the default", () => {
    expectGolden(golden.libraryNormalizedSoftmax, normalizedSoftmax);
  });

  it("is the last stage of the 2021 runners-up, their ArcFace without a margin", () => {
    expectGolden(golden.arcFace2021SecondLast, (x, w, y) => normalizedSoftmax(x, w, y, { scale: 60 }));
  });

  it("refuses what does not fit", () => {
    const embeddings = tf.zeros([1, 2]) as tf.Tensor2D;
    expect(() => normalizedSoftmaxLogits(embeddings, tf.zeros([4, 3]))).toThrow(
      new RangeError("normalizedSoftmaxLogits: expected `weight` to have 2 columns, got shape [4,3]"),
    );
    expect(() => normalizedSoftmaxLogits(embeddings, embeddings, { scale: 0 })).toThrow(
      new RangeError("normalizedSoftmaxLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(() => normalizedSoftmax(embeddings, tf.zeros([4, 3]), labels())).toThrow(
      new RangeError("normalizedSoftmax: expected `weight` to have 2 columns, got shape [4,3]"),
    );
    expect(() => normalizedSoftmax(embeddings, embeddings, tf.tensor1d([1, 0], "int32"))).toThrow(
      new RangeError("normalizedSoftmax: expected `labels` to have shape [1], got [2]"),
    );
    expect(() => normalizedSoftmax(embeddings, embeddings, tf.tensor1d([1]))).toThrow(
      new TypeError("normalizedSoftmax: expected `labels` to be int32, got float32"),
    );
  });
});
