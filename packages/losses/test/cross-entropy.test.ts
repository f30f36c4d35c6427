import "@tensorflow/tfjs-backend-cpu";
import { type CrossEntropyOptions, crossEntropy } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectLogitsGolden, golden } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function of(logits: number[][], labels: number[], options?: CrossEntropyOptions): number {
  return tf.tidy(
    () => crossEntropy(tf.tensor2d(logits), tf.tensor1d(labels, "int32"), options).dataSync()[0]!,
  );
}

const classWeights = Float32Array.from(golden.classWeights);

describe("crossEntropy", () => {
  it("computes the doc comment's examples", () => {
    expect(of([[2, 0]], [0])).toBeCloseTo(Math.log(1 + Math.exp(-2)), 6);
    // 0.9 · 0.126928 + 0.1 · (0.126928 + 2.126928) / 2
    expect(of([[2, 0]], [0], { labelSmoothing: 0.1 })).toBeCloseTo(0.226928, 6);
  });

  it("survives huge logits", () => {
    expect(of([[1e4, -1e4]], [1])).toBeCloseTo(2e4, 0);
    expect(of([[1e4, -1e4]], [0])).toBe(0);
  });

  it("is PyTorch's, with its gradient, plain, smoothed and weighted", () => {
    expectLogitsGolden(golden.crossEntropy, crossEntropy);
    expectLogitsGolden(golden.crossEntropySmoothed, (z, y) => crossEntropy(z, y, { labelSmoothing: 0.2 }));
    expectLogitsGolden(golden.crossEntropyWeighted, (z, y) =>
      crossEntropy(z, y, { labelSmoothing: 0.2, classWeights }),
    );
    expectLogitsGolden(golden.crossEntropyWeightedSamples, (z, y) =>
      crossEntropy(z, y, { classWeights, sampleWeights: tf.tensor1d(golden.sampleWeights) }),
    );
    expectLogitsGolden(golden.crossEntropyPlain, (z, y) =>
      crossEntropy(z, y, { classWeights, mean: "plain" }),
    );
  });

  it("smooths as the 2021 runners-up's class", () => {
    expectLogitsGolden(golden.crossEntropy2021Second, (z, y) => crossEntropy(z, y, { labelSmoothing: 0.1 }));
  });

  it("weighs by hand: losses ln 2 and ln 4 with weights 3 and 1", () => {
    const logits = [
      [0, 0, -1e4, -1e4],
      [0, 0, 0, 0],
    ];
    const weighted = Float32Array.of(3, 1, 0, 0);
    expect(of(logits, [0, 1])).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 6);
    expect(of(logits, [0, 1], { classWeights: weighted })).toBeCloseTo(
      (3 * Math.log(2) + Math.log(4)) / 4,
      6,
    );
    expect(of(logits, [0, 1], { classWeights: weighted, mean: "plain" })).toBeCloseTo(
      (3 * Math.log(2) + Math.log(4)) / 2,
      6,
    );
    const sampleWeights = tf.tensor1d([3, 1]);
    expect(of(logits, [0, 1], { sampleWeights })).toBeCloseTo((3 * Math.log(2) + Math.log(4)) / 4, 6);
    expect(of(logits, [0, 1], { sampleWeights, mean: "plain" })).toBeCloseTo(
      (3 * Math.log(2) + Math.log(4)) / 2,
      6,
    );
  });

  it("takes class weights as a tensor", () => {
    const logits = [
      [1, 0],
      [0, 3],
    ];
    expect(of(logits, [0, 0], { classWeights: tf.tensor1d([2, 1]) })).toBe(
      of(logits, [0, 0], { classWeights: Float32Array.of(2, 1) }),
    );
  });

  it("gives a label outside a loss of 0, smoothed or not", () => {
    expect(of([[2, 0]], [7])).toBeCloseTo(0, 12);
    expect(of([[2, 0]], [-1], { labelSmoothing: 0.5 })).toBeCloseTo(0, 12);
    expect(
      of(
        [
          [2, 0],
          [2, 0],
        ],
        [7, 0],
      ),
    ).toBeCloseTo(0.126928 / 2, 6);
    const even = Float32Array.of(1, 1);
    expect(
      of(
        [
          [2, 0],
          [2, 0],
        ],
        [7, 0],
        { classWeights: even },
      ),
    ).toBeCloseTo(0.126928, 6);
  });

  it("is 0 where all weights are 0", () => {
    expect(of([[2, 0]], [0], { classWeights: new Float32Array(2) })).toBeCloseTo(0, 12);
    expect(of([[2, 0]], [0], { sampleWeights: tf.tensor1d([0]) })).toBeCloseTo(0, 12);
  });

  it("refuses what does not fit", () => {
    const logits = [[2, 0]];
    expect(() => of(logits, [0, 1])).toThrow(
      new RangeError("crossEntropy: expected `labels` to have shape [1], got [2]"),
    );
    expect(() => crossEntropy(tf.tensor2d(logits), tf.tensor1d([0]))).toThrow(
      new TypeError("crossEntropy: expected `labels` to be int32, got float32"),
    );
    expect(() => of(logits, [0], { labelSmoothing: 1.5 })).toThrow(
      new RangeError("crossEntropy: expected `labelSmoothing` to be from 0 to 1, got 1.5"),
    );
    expect(() => of(logits, [0], { classWeights: Float32Array.of(1) })).toThrow(
      new RangeError("crossEntropy: expected `classWeights` to hold 2 numbers, one per class, got 1"),
    );
    expect(() => of(logits, [0], { classWeights: Float32Array.of(1, -1) })).toThrow(
      new RangeError("crossEntropy: expected `classWeights[1]` to be a finite number of at least 0, got -1"),
    );
    expect(() => of(logits, [0], { classWeights: tf.tensor1d([1]) })).toThrow(
      new RangeError("crossEntropy: expected `classWeights` to have shape [2], got [1]"),
    );
    expect(() => of(logits, [0], { sampleWeights: tf.tensor1d([1, 1]) })).toThrow(
      new RangeError("crossEntropy: expected `sampleWeights` to have shape [1], got [2]"),
    );
  });
});
