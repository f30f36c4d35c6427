import "@tensorflow/tfjs-backend-cpu";
import { type CosFaceOptions, cosFace, cosFaceLogits } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGolden, golden } from "./golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function logits(options?: CosFaceOptions): number[] {
  return tf.tidy(() => {
    const weight = tf.tensor2d([
      [5, 0],
      [0, 0.1],
    ]);
    return [...cosFaceLogits(tf.tensor2d([[30, 40]]), weight, tf.tensor1d([1], "int32"), options).dataSync()];
  });
}

const close = (values: number[]) => values.map((value) => expect.closeTo(value, 4));

describe("cosFaceLogits", () => {
  it("takes the margin from the own cosine, by hand", () => {
    expect(logits({ scale: 10, margin: 0.2 })).toEqual(close([6, 6]));
    expect(logits()).toEqual(close([18, 15]));
    expect(logits({ scale: 10, margin: Float32Array.of(0.2, 0.5) })).toEqual(close([6, 3]));
    expect(logits({ scale: 10, margin: tf.tensor1d([0.2, 0.5]) })).toEqual(close([6, 3]));
  });

  it("gives the published code's target logits: 6 at .5, 18 at .9, 21 at 1", () => {
    for (const [cosine, logit] of [
      [0.5, 6],
      [0.9, 18],
      [1, 21],
    ] as const) {
      const found = tf.tidy(() => {
        const weight = tf.tensor2d([
          [cosine, Math.sqrt(1 - cosine ** 2)],
          [0, 1],
        ]);
        return cosFaceLogits(tf.tensor2d([[1, 0]]), weight, tf.tensor1d([0], "int32")).dataSync()[0]!;
      });
      expect(found).toBeCloseTo(logit, 4);
    }
  });

  it("refuses what does not fit", () => {
    const embeddings = tf.zeros([1, 2]) as tf.Tensor2D;
    const labels = tf.tensor1d([0], "int32");
    expect(() => cosFaceLogits(embeddings, tf.zeros([4, 3]), labels)).toThrow(
      new RangeError("cosFaceLogits: expected `weight` to have 2 columns, got shape [4,3]"),
    );
    expect(() => cosFaceLogits(embeddings, embeddings, tf.tensor1d([0]))).toThrow(
      new TypeError("cosFaceLogits: expected `labels` to be int32, got float32"),
    );
    expect(() => logits({ scale: -1 })).toThrow(
      new RangeError("cosFaceLogits: expected `scale` to be a finite number above 0, got -1"),
    );
    expect(() => logits({ margin: -1 })).toThrow(
      new RangeError("cosFaceLogits: expected `margin` to be a finite number of at least 0, got -1"),
    );
    expect(() => logits({ margin: Float32Array.of(1) })).toThrow(
      new RangeError("cosFaceLogits: expected `margin` to hold 2 numbers, one per class, got 1"),
    );
  });
});

describe("cosFace", () => {
  it("is the 2019 winners' code, with its gradients, and with its class's own margin of 0.40", () => {
    expectGolden(golden.cosFace2019, cosFace);
    expectGolden(golden.cosFace2019Default, (x, w, y) => cosFace(x, w, y, { margin: 0.4 }));
  });

  it("is pytorch-metric-learning's", () => {
    expectGolden(golden.libraryCosFace, (x, w, y) => cosFace(x, w, y, { scale: 64, margin: 0.35 }));
  });

  it("gives the published code's loss for cosines .5 (own), .2 and −.1", () => {
    const loss = tf.tidy(() => {
      const weight = tf.tensor2d([0.5, 0.2, -0.1].map((cosine) => [cosine, Math.sqrt(1 - cosine ** 2)]));
      return cosFace(tf.tensor2d([[1, 0]]), weight, tf.tensor1d([0], "int32")).dataSync()[0]!;
    });
    expect(loss).toBeCloseTo(0.693209, 4);
  });

  it("computes the doc comment's example, smoothed too", () => {
    const of = (options: CosFaceOptions): number =>
      tf.tidy(
        () =>
          cosFace(tf.tensor2d([[3, 4]]), tf.eye(2), tf.tensor1d([1], "int32"), {
            scale: 1,
            margin: 0.2,
            ...options,
          }).dataSync()[0]!,
      );
    expect(of({})).toBeCloseTo(Math.LN2, 6);
    expect(of({ margin: 0, labelSmoothing: 0.5 })).toBeCloseTo(Math.log(1 + Math.exp(-0.2)) + 0.25 * 0.2, 6);
  });
});
