import "@tensorflow/tfjs-backend-cpu";
import { crossEntropy, softmax, softmaxLogits } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("softmax", () => {
  it("is the cross-entropy of x Wᵀ + b, by hand", () => {
    const x = [
      [0.3, -1],
      [2, 0.5],
    ];
    const weight = [
      [1, 2],
      [-1, 0.5],
      [0, 3],
    ];
    const bias = [0.1, -0.2, 0.3];
    const labels = [2, 0];
    const expected = x.map((row, i) => {
      const logits = weight.map((w, j) => w[0]! * row[0]! + w[1]! * row[1]! + bias[j]!);
      return Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0)) - logits[labels[i]!]!;
    });
    const loss = tf.tidy(
      () =>
        softmax(
          tf.tensor2d(x),
          tf.tensor2d(weight),
          tf.tensor1d(bias),
          tf.tensor1d(labels, "int32"),
        ).dataSync()[0]!,
    );
    expect(loss).toBeCloseTo((expected[0]! + expected[1]!) / 2, 5);
  });

  it("refuses a bias of another length", () => {
    const zeros = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => softmax(zeros, zeros, tf.zeros([3]) as tf.Tensor1D, tf.tensor1d([0, 1], "int32"))).toThrow(
      new RangeError("softmax: expected `bias` to have shape [2], got [3]"),
    );
  });
});

describe("softmaxLogits", () => {
  it("refuses shapes that do not fit together", () => {
    const zeros = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => softmaxLogits(zeros, tf.zeros([2, 4]), tf.zeros([2]))).toThrow(
      new RangeError("softmaxLogits: expected `weight` to have 3 columns, got shape [2,4]"),
    );
    expect(() => softmaxLogits(zeros, zeros, tf.zeros([3]))).toThrow(
      new RangeError("softmaxLogits: expected `bias` to have shape [2], got [3]"),
    );
  });
});

describe("crossEntropy", () => {
  it("computes the doc comment's example and survives huge logits", () => {
    const of = (logits: number[], label: number): number =>
      tf.tidy(() => crossEntropy(tf.tensor2d([logits]), tf.tensor1d([label], "int32")).dataSync()[0]!);
    expect(of([2, 0], 0)).toBeCloseTo(Math.log(1 + Math.exp(-2)), 6);
    expect(of([1e4, -1e4], 1)).toBeCloseTo(2e4, 0);
  });
});
