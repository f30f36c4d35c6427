import "@tensorflow/tfjs-backend-cpu";
import { type FocalOptions, focal } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectLogitsGolden, golden } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function of(logits: number[][], labels: number[], options?: FocalOptions): number {
  return tf.tidy(() => focal(tf.tensor2d(logits), tf.tensor1d(labels, "int32"), options).dataSync()[0]!);
}

describe("focal", () => {
  it("computes the doc comment's example", () => {
    expect(of([[0, 0]], [0])).toBeCloseTo(0.25 * Math.log(2), 6);
    expect(of([[0, 0]], [0])).toBeCloseTo(0.173287, 6);
  });

  it("is the 2020 recognition winners' class, with its gradient", () => {
    expectLogitsGolden(golden.focal2020First, focal);
    expectLogitsGolden(golden.focal2020FirstHalf, (z, y) => focal(z, y, { gamma: 0.5 }));
  });

  it("is the cross-entropy for a gamma of 0", () => {
    expectLogitsGolden(golden.crossEntropy, (z, y) => focal(z, y, { gamma: 0 }));
  });

  it("weighs classes without dividing by the weights, unless asked to", () => {
    const logits = [
      [0, 0],
      [0, 0],
    ];
    const classWeights = Float32Array.of(3, 1);
    const one = 0.25 * Math.log(2);
    expect(of(logits, [0, 1], { classWeights })).toBeCloseTo(2 * one, 6);
    expect(of(logits, [0, 1], { classWeights, mean: "weighted" })).toBeCloseTo(one, 6);
    expect(of(logits, [0, 1], { sampleWeights: tf.tensor1d([2, 0]) })).toBeCloseTo(one, 6);
  });

  it("hardly counts what is right: (1 − p)² of the cross-entropy", () => {
    const margin = 6;
    const miss = 1 / (1 + Math.exp(margin));
    const expected = miss ** 2 * Math.log1p(Math.exp(-margin));
    expect(of([[margin, 0]], [0]) / expected).toBeCloseTo(1, 3);
  });

  it("is 0 for a label outside and for one class", () => {
    expect(of([[2, 0]], [5])).toBeCloseTo(0, 12);
    expect(of([[2]], [0])).toBeCloseTo(0, 12);
  });

  it("refuses what does not fit", () => {
    expect(() => of([[2, 0]], [0], { gamma: -1 })).toThrow(
      new RangeError("focal: expected `gamma` to be a finite number of at least 0, got -1"),
    );
    expect(() => of([[2, 0]], [0, 1])).toThrow(
      new RangeError("focal: expected `labels` to have shape [1], got [2]"),
    );
    expect(() => focal(tf.tensor2d([[2, 0]]), tf.tensor1d([0]))).toThrow(
      new TypeError("focal: expected `labels` to be int32, got float32"),
    );
    expect(() => of([[2, 0]], [0], { classWeights: Float32Array.of(1) })).toThrow(
      new RangeError("focal: expected `classWeights` to hold 2 numbers, one per class, got 1"),
    );
    expect(() => of([[2, 0]], [0], { sampleWeights: tf.tensor1d([1, 2]) })).toThrow(
      new RangeError("focal: expected `sampleWeights` to have shape [1], got [2]"),
    );
  });
});
